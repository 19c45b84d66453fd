//! Dice: draws that depend on what they are for, never on when they are made.
//!
//! A shared generator used in arrival order changes every later draw when a thread runs a little earlier or a
//! fault is added. Here each draw is ChaCha8 keyed by (seed, stream, call, ordinal): four words of 64 bits are
//! exactly its 256-bit key. Two variants under one seed meet the same fates, and so do the two worlds.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The seed of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Seed(pub u64);

/// What a draw is for: a name path such as upstream, route, stage, fault label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a name path. Different paths give different streams (64-bit FNV-1a over the parts).
    #[must_use]
    pub fn named(path: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        for part in path {
            part.bytes().for_each(&mut eat);
            eat(0xff); // no UTF-8 text holds this byte, so ["ab", "c"] and ["a", "bc"] differ
        }
        Self(hash)
    }
}

impl Seed {
    /// The dice of one draw site: for this stream, this call, this ordinal.
    #[must_use]
    pub fn dice(self, stream: Stream, call: u64, ordinal: u64) -> Dice {
        let mut key = [0; 32];
        for (slot, word) in key.chunks_exact_mut(8).zip([self.0, stream.0, call, ordinal]) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Dice(ChaCha8Rng::from_seed(key))
    }
}

/// A source of draws for one purpose.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// A number in [0, 1), of 53 random bits.
    pub fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// True with this probability.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A number in [low, high); `low` if the two are equal.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 128 random bits: two draws of 64, the first of them the higher half.
    pub fn long_bits(&mut self) -> u128 {
        u128::from(self.bits()) << 64 | u128::from(self.bits())
    }

    /// The generator itself, for the distributions of `rand_distr`.
    pub fn rng(&mut self) -> &mut impl Rng {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_key_matters_and_nothing_else_does() {
        let draw =
            |seed, path: &[&str], call, ordinal| Seed(seed).dice(Stream::named(path), call, ordinal).bits();
        let base = draw(1, &["up", "latency"], 7, 1);
        assert_eq!(base, draw(1, &["up", "latency"], 7, 1));
        for other in [
            draw(2, &["up", "latency"], 7, 1),
            draw(1, &["uplatency"], 7, 1),
            draw(1, &["up", "status"], 7, 1),
            draw(1, &["up", "latency"], 8, 1),
            draw(1, &["up", "latency"], 7, 2),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn draws_are_the_same_on_every_machine() {
        let mut dice = Seed(42).dice(Stream::named(&["payments", "charge", "latency"]), 1, 1);
        assert_eq!(dice.bits(), PINNED);
    }

    const PINNED: u64 = 2_896_296_834_414_702_425;
}
