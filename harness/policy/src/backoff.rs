//! Backoff: how long to wait before the k-th retry, for every curve and every jitter family.
//!
//! Without jitter, callers that failed together come back together (Brooker, "Exponential backoff and jitter", AWS
//! 2015). v_k = min(max, base · multiplier^(k−1)), k = 1 for the first retry; then
//!
//! | family | wait before retry k |
//! |---|---|
//! | none | v_k |
//! | full | U(0, v_k) |
//! | equal | v_k/2 + U(0, v_k/2) |
//! | decorrelated | s_k = min(max, U(base, 3·s_(k−1))), s_0 = base |
//! | proportional | U(v_k(1−f), v_k(1+f)) |
//! | additive | v_k + U(0, f·v_k) |
//! | polly-v2 | t = k−1+U(0,1); n_k = 2^t·tanh(√(4t)); min(max, (n_k − n_(k−1))·base/1.4) |
//!
//! Decorrelated and polly-v2 have a course of their own and ignore `curve`. With `cap = "after-jitter"` the curve grows
//! freely and what the jitter makes of it is cut at `max`. After a 429, `throttled_base` stands for `base`. The draws
//! come from dice that the caller keys by call and ordinal: a generator shared by all calls, or one cloned into each
//! of them, would make the spread an accident. What to do with the wait is left to the retry.

use std::time::Duration;

use upstorm_model::policy::{self, Cap, Curve, Jitter};
use upstorm_model::{Dice, TimeSpan};

/// The waits before retries.
#[derive(Debug, Clone)]
pub struct Backoff {
    pub(crate) settings: policy::Backoff,
}

/// One call's way through the backoff: how many retries it has had, and what the next wait builds on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Course {
    retries: u32,
    /// Decorrelated: the wait before, in seconds. Polly: its n_(k−1).
    memory: Option<f64>,
}

impl Course {
    /// Retries that were given a wait so far.
    #[must_use]
    pub const fn retries(&self) -> u32 {
        self.retries
    }
}

impl Backoff {
    /// The waits of these settings.
    #[must_use]
    pub fn new(settings: &policy::Backoff) -> Self {
        Self { settings: settings.clone() }
    }

    /// The wait before a call's next retry; `throttled` if its last answer was a 429.
    pub fn next(&self, course: &mut Course, throttled: bool, dice: &mut Dice) -> Duration {
        course.retries += 1;
        let k = course.retries;
        let base = self.base(throttled);
        let (v, f) = (self.curve(k, base), self.settings.jitter_factor);
        let seconds = match self.settings.jitter {
            Jitter::None => v,
            Jitter::Full => dice.between(0.0, v),
            Jitter::Equal => dice.between(v / 2.0, v),
            Jitter::Proportional => dice.between(v * (1.0 - f), v * (1.0 + f)),
            Jitter::Additive => dice.between(v, v * (1.0 + f)),
            Jitter::Decorrelated => {
                let before = course.memory.unwrap_or(base).max(base);
                let wait = dice.between(base, 3.0 * before).min(self.max());
                course.memory = Some(wait);
                wait
            }
            Jitter::PollyV2 => {
                let n = polly(f64::from(k - 1) + dice.unit());
                let step = (n - course.memory.unwrap_or(0.0)) * base / POLLY_SCALE;
                course.memory = Some(n);
                step.min(self.max())
            }
        };
        let capped = if self.settings.cap == Cap::AfterJitter { seconds.min(self.max()) } else { seconds };
        TimeSpan::from_secs_f64(capped).get()
    }

    /// Seconds of the longest wait.
    pub(crate) fn max(&self) -> f64 {
        self.settings.max.as_secs_f64()
    }

    /// Seconds of the base.
    pub(crate) fn base(&self, throttled: bool) -> f64 {
        let throttled = self.settings.throttled_base.filter(|_| throttled);
        throttled.unwrap_or(self.settings.base).as_secs_f64()
    }

    /// v_k in seconds: before the jitter, and capped if the cap comes before it.
    pub(crate) fn curve(&self, k: u32, base: f64) -> f64 {
        let grown = match self.settings.curve {
            _ if base == 0.0 => 0.0, // zero times an infinite power is no number
            Curve::Constant => base,
            Curve::Linear => base * f64::from(k),
            Curve::Exponential => base * libm::pow(self.settings.multiplier, f64::from(k - 1)),
        };
        match self.settings.cap {
            Cap::BeforeJitter => grown.min(self.max()),
            // A century is longer than any run and still times anything a number.
            Cap::AfterJitter => grown.min(3e9),
        }
    }
}

/// Polly's divisor, which brings the median of the first wait near the base.
pub const POLLY_SCALE: f64 = 1.4;

/// Polly's n of t: 2^t·tanh(√(4t)), for t of at least 0.
#[must_use]
pub fn polly(t: f64) -> f64 {
    libm::exp2(t) * libm::tanh((4.0 * t).sqrt())
}
