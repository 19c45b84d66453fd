//! Threshold bucket (gRPC's retry throttling, proposal A6): no retries while the bucket is half empty.
//!
//! The bucket begins full with `max_tokens`. Retries take nothing from it; outcomes of attempts move it:
//!
//! | event | condition | effect |
//! |---|---|---|
//! | withdraw | more than half of `max_tokens` is there | allowed |
//! | withdraw | otherwise | refused |
//! | failure of any attempt | | one token goes, down to none |
//! | success of any attempt | | `token_ratio` of a token comes back, up to `max_tokens` |
//!
//! So it watches the share of failures: above token_ratio / (1 + token_ratio) of all attempts it runs down. It counts in
//! thousandths of a token, as gRPC does.

use upstorm_model::policy;

use super::Worth;

/// Thousandths in a token.
const WHOLE: u32 = 1000;

/// GRPC's budget.
#[derive(Debug, Clone)]
pub(super) struct ThresholdBucket {
    most: u32,
    gain: u32,
    tokens: u32,
}

impl ThresholdBucket {
    /// A full bucket with these settings.
    pub(super) fn new(settings: &policy::Budget) -> Self {
        let most = settings.max_tokens.saturating_mul(WHOLE);
        let gain = (settings.token_ratio.max(0.0) * f64::from(WHOLE)).round() as u32;
        Self { most, gain, tokens: most }
    }

    /// Whether a retry may be made.
    pub(super) const fn allows(&self) -> bool {
        self.tokens > self.most / 2
    }

    /// An attempt is over.
    pub(super) fn ended(&mut self, worth: Worth) {
        self.tokens = match worth {
            Worth::Success => self.tokens.saturating_add(self.gain).min(self.most),
            Worth::Failure => self.tokens.saturating_sub(WHOLE),
            Worth::Neither => self.tokens,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings(max_tokens: u32, token_ratio: f64) -> policy::Budget {
        policy::Budget { max_tokens, token_ratio, ..policy::Budget::default() }
    }

    proptest! {
        /// The model: tokens as a signed number of thousandths, cut at both ends, twice which is compared with the most.
        #[test]
        fn agrees_with_a_signed_number(
            most in 1i64..20, gain in 1i64..1500,
            steps in prop::collection::vec(0u8..3, 1..300),
        ) {
            let mut bucket = ThresholdBucket::new(&settings(most as u32, gain as f64 / 1000.0));
            let mut tokens = most * 1000;
            for step in steps {
                let (worth, change) =
                    [(Worth::Success, gain), (Worth::Failure, -1000), (Worth::Neither, 0)][step as usize];
                bucket.ended(worth);
                tokens = (tokens + change).clamp(0, most * 1000);
                prop_assert_eq!(bucket.allows(), 2 * tokens > most * 1000);
            }
        }
    }

    /// GRPC's figures: 10 tokens, 0.1 a success, four attempts a call, one call after the other, everything fails.
    #[test]
    fn three_retries_ever_and_fifty_one_successes_to_enable_again() {
        let mut bucket = ThresholdBucket::new(&settings(10, 0.1));
        let mut retries = 0;
        for _call in 0..100 {
            for attempt in 1..=4 {
                bucket.ended(Worth::Failure);
                if attempt == 4 || !bucket.allows() {
                    break;
                }
                retries += 1;
            }
        }
        assert_eq!(retries, 3);
        let successes = (1..1000).find(|_| {
            bucket.ended(Worth::Success);
            bucket.allows()
        });
        assert_eq!(successes, Some(51));
    }
}
