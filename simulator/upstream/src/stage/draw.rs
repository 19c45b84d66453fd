//! What a draw is keyed by: the seed, the call and its ordinal; and how far the phase has come.
//!
//! Nothing here tells the time of day, the thread or the arrival order of other calls, so no draw can depend on them.

use upstorm_model::{Dice, Ratio, Seed, Stream, Varying};

/// The key of an attempt's draws, and where in its phase it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    /// The run's seed.
    pub(crate) seed: Seed,
    /// The call, or the number of the arrival or connection.
    pub(crate) call: u64,
    /// Which attempt of the call, from 1.
    pub(crate) ordinal: u64,
    /// How far through its phase, from 0 to 1.
    pub(crate) progress: f64,
}

impl Draw {
    /// The dice of one stream.
    pub(crate) fn dice(&self, stream: Stream) -> Dice {
        self.seed.dice(stream, self.call, self.ordinal)
    }

    /// True with this probability. What is certain costs no draw.
    pub(crate) fn hits(&self, share: &Varying<Ratio>, dice: &mut Dice) -> bool {
        let share = share.at(self.progress).get();
        share >= 1.0 || (share > 0.0 && dice.chance(share))
    }
}
