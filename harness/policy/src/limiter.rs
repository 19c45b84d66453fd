//! Rate limiter: a token bucket.
//!
//! A fixed window lets twice the rate through around its edge; a token bucket never lets more than `burst + rate · t`
//! through in any stretch of length t (ITU-T I.371's leaky bucket, upside down). What a refused call answers is left
//! to the layer above.
//!
//! | event | condition | effect |
//! |---|---|---|
//! | take | a whole token is there | the token goes |
//! | take | none | refused, with the time until one is there |
//! | time passes | | tokens grow by `rate`, up to `burst` |

use std::time::Duration;

use upstorm_model::policy::Limits;
use upstorm_model::{Offset, TimeSpan};

/// Refilling in many small steps loses some 1e-13 of a token; a token due exactly now must be there.
const NOISE: f64 = 1e-9;

/// A token bucket.
#[derive(Debug, Clone)]
pub struct Limiter {
    /// Tokens per second; none without a limit.
    rate: Option<f64>,
    burst: f64,
    tokens: f64,
    filled: Offset,
}

impl Limiter {
    /// A full bucket with these settings. A rate of zero lets the burst through and then nothing.
    #[must_use]
    pub fn new(settings: &Limits) -> Self {
        let burst = f64::from(settings.effective_burst());
        Self { rate: settings.rate.map(|r| r.get()), burst, tokens: burst, filled: Offset::ZERO }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// When there is none: how long until there is one.
    pub fn take(&mut self, now: Offset) -> Result<(), Duration> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.tokens = (self.tokens + now.since(self.filled).as_secs_f64() * rate).min(self.burst);
        self.filled = self.filled.max(now);
        if self.tokens >= 1.0 - NOISE {
            self.tokens = (self.tokens - 1.0).max(0.0);
            return Ok(());
        }
        Err(TimeSpan::from_secs_f64((1.0 - self.tokens) / rate).get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::Rate;

    fn limits(rate: f64, burst: u32) -> Limits {
        Limits { rate: Some(Rate::per_second(rate)), burst: Some(burst), ..Limits::default() }
    }

    proptest! {
        /// The model: integer arithmetic in billionths of a token, at rates that divide evenly.
        #[test]
        fn agrees_with_whole_numbers(
            rate in prop::sample::select(vec![1u64, 10, 200, 5000]),
            burst in 1u32..20,
            gaps in prop::collection::vec(0u64..2_000_000_000, 1..200),
        ) {
            let mut limiter = Limiter::new(&limits(rate as f64, burst));
            let full = u128::from(burst) * 1_000_000_000;
            let (mut tokens, mut now) = (full, 0u64);
            for gap in gaps {
                let gap = gap / rate;
                now += gap;
                tokens = (tokens + u128::from(gap) * u128::from(rate)).min(full);
                let there = tokens >= 1_000_000_000;
                if there { tokens -= 1_000_000_000; }
                match limiter.take(Offset::from_nanos(now)) {
                    Ok(()) => prop_assert!(there),
                    Err(wait) => {
                        prop_assert!(!there);
                        let exact = (1_000_000_000 - tokens) as f64 / rate as f64;
                        prop_assert!((wait.as_nanos() as f64 - exact).abs() < 10.0);
                    }
                }
            }
        }

        #[test]
        fn waiting_as_long_as_told_gets_a_token(rate in 0.1f64..10_000.0, burst in 1u32..5) {
            let mut limiter = Limiter::new(&limits(rate, burst));
            let mut now = Offset::from_millis(7);
            for _ in 0..20 {
                if let Err(wait) = limiter.take(now) {
                    now = now + wait + Duration::from_nanos(1);
                    prop_assert!(limiter.take(now).is_ok());
                }
            }
        }
    }

    #[test]
    fn without_a_rate_everything_passes() {
        let mut limiter = Limiter::new(&Limits::default());
        assert!((0..10_000).all(|_| limiter.take(Offset::ZERO).is_ok()));
    }

    #[test]
    fn a_rate_of_zero_never_fills_again() {
        let mut limiter = Limiter::new(&limits(0.0, 2));
        assert!(limiter.take(Offset::ZERO).is_ok() && limiter.take(Offset::ZERO).is_ok());
        assert!(limiter.take(Offset::from_millis(1 << 40)).unwrap_err() > Duration::from_secs(1 << 30));
    }
}
