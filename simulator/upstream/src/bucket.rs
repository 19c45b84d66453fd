//! A token bucket, as a pure machine that is told the time.
//!
//! Rate limits of real services let a burst through and then a steady rate; a limiter that counted per calendar second
//! would let twice the rate through at each edge of a second. See Turner, "New directions in communications", 1986.
//!
//! | state | event | next | answer |
//! |---|---|---|---|
//! | tokens t | time passes by d | min(burst, t + mean rate · d) | |
//! | t ≥ 1 | take | t − 1 | admitted |
//! | t < 1 | take | t | wait (1 − t) / rate |
//!
//! A bucket begins full. Time that goes backwards counts as no time. A rate that ramps is integrated between two
//! events as a straight line from the rate then to the rate now.

use std::time::Duration;

use upstorm_model::Offset;

/// What a bucket is set to at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Setting {
    /// Tokens per second, at least 0.
    pub(crate) rate: f64,
    /// Tokens it holds at most, at least 1.
    pub(crate) burst: f64,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    tokens: f64,
    updated: Offset,
    rate: f64,
}

/// Tokens are sums of many small parts; this much less than a whole one is a whole one.
const WHOLE: f64 = 1.0 - 1e-10;
/// No wait is told longer, as when the rate is zero.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

impl Bucket {
    /// A full bucket.
    pub(crate) const fn full(now: Offset, setting: Setting) -> Self {
        Self { tokens: setting.burst, updated: now, rate: setting.rate }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// When there is none: how long until there is one, at most [`LONGEST_WAIT`].
    pub(crate) fn take(&mut self, now: Offset, setting: Setting) -> Result<(), Duration> {
        self.refill(now, setting);
        if self.tokens >= WHOLE {
            self.tokens = (self.tokens - 1.0).max(0.0);
            return Ok(());
        }
        Err(wait(1.0 - self.tokens, setting.rate))
    }

    /// How long until a token is there; zero if one is.
    pub(crate) fn wait(&self, now: Offset, setting: Setting) -> Duration {
        let mut then = *self;
        then.refill(now, setting);
        if then.tokens >= WHOLE { Duration::ZERO } else { wait(1.0 - then.tokens, setting.rate) }
    }

    /// True when it would be full now: a new one would be the same.
    pub(crate) fn is_full(&self, now: Offset, setting: Setting) -> bool {
        let mut then = *self;
        then.refill(now, setting);
        then.tokens >= setting.burst
    }

    /// When it was last asked.
    pub(crate) const fn updated(&self) -> Offset {
        self.updated
    }

    fn refill(&mut self, now: Offset, setting: Setting) {
        let seconds = now.since(self.updated).as_secs_f64();
        let gained = f64::midpoint(self.rate, setting.rate) * seconds;
        self.tokens = (self.tokens + gained).min(setting.burst);
        self.updated = self.updated.max(now);
        self.rate = setting.rate;
    }
}

fn wait(missing: f64, rate: f64) -> Duration {
    let longest = LONGEST_WAIT.as_secs_f64();
    let seconds = if rate > 0.0 { (missing / rate).min(longest) } else { longest };
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The model: whole nano-tokens, one nanosecond at a time in closed form.
    struct Model {
        nano: u128,
        at: u64,
        rate: u128,
        burst: u128,
    }

    impl Model {
        fn take(&mut self, now: u64) -> bool {
            self.nano = (self.nano + u128::from(now - self.at) * self.rate).min(self.burst * 1_000_000_000);
            self.at = now;
            let free = self.nano >= 1_000_000_000;
            if free {
                self.nano -= 1_000_000_000;
            }
            free
        }
    }

    proptest! {
        #[test]
        fn admits_what_the_model_admits(
            rate in 1_u32..2000, burst in 1_u32..50, gaps in prop::collection::vec(0_u64..20_000_000, 1..300),
        ) {
            let setting = Setting { rate: f64::from(rate), burst: f64::from(burst) };
            let mut bucket = Bucket::full(Offset::ZERO, setting);
            let mut model = Model {
                nano: u128::from(burst) * 1_000_000_000, at: 0, rate: u128::from(rate), burst: u128::from(burst),
            };
            let mut now = 0;
            for gap in gaps {
                now += gap;
                let admitted = bucket.take(Offset::from_nanos(now), setting).is_ok();
                prop_assert_eq!(admitted, model.take(now), "at {} with {} left", now, bucket.tokens);
            }
        }

        #[test]
        fn after_the_wait_it_tells_a_token_is_free(
            rate in 0.5_f64..500.0, burst in 1_u32..20, taken in 0_usize..40,
        ) {
            let setting = Setting { rate, burst: f64::from(burst) };
            let mut bucket = Bucket::full(Offset::ZERO, setting);
            let waits: Vec<_> = (0..taken).filter_map(|_| bucket.take(Offset::ZERO, setting).err()).collect();
            prop_assert_eq!(waits.len(), taken.saturating_sub(burst as usize));
            if let Some(wait) = waits.first() {
                prop_assert_eq!(bucket.wait(Offset::ZERO, setting), *wait);
                let just_before = Offset::ZERO + wait.saturating_sub(Duration::from_micros(1));
                prop_assert!(bucket.wait(just_before, setting) > Duration::ZERO);
                let after = Offset::ZERO + *wait + Duration::from_nanos(1);
                prop_assert!(bucket.take(after, setting).is_ok());
            }
        }
    }

    #[test]
    fn a_ramp_is_integrated() {
        // From 0/s to 100/s within one second: 50 tokens, however often it is asked on the way.
        let at = |ms: u64| Setting { rate: ms as f64 / 10.0, burst: 1000.0 };
        let mut bucket = Bucket { tokens: 0.0, updated: Offset::ZERO, rate: 0.0 };
        let taken = (1..=1000).filter(|ms| bucket.take(Offset::from_millis(*ms), at(*ms)).is_ok()).count();
        assert_eq!(taken, 50);
    }

    #[test]
    fn a_rate_of_zero_and_time_that_goes_back_are_survived() {
        let none = Setting { rate: 0.0, burst: 1.0 };
        let mut bucket = Bucket::full(Offset::from_millis(10), none);
        assert_eq!(bucket.take(Offset::from_millis(10), none), Ok(()));
        assert_eq!(bucket.take(Offset::from_millis(5), none), Err(LONGEST_WAIT));
        assert_eq!(bucket.updated(), Offset::from_millis(10));
    }
}
