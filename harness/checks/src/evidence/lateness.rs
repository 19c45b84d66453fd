//! How late the harness itself was: the noise that no subject may be blamed for.

use std::time::Duration;

use upstorm_model::recording::{Call, Outcome};

/// Lateness at the 99th percentile that no latency bound is too small for.
const ON_TIME: Duration = Duration::from_millis(3);

/// How late calls were sent at the 99th percentile, in seconds; shed ones were not sent. None without calls.
#[must_use]
pub fn lateness_p99<'a>(calls: impl Iterator<Item = &'a Call>) -> Option<f64> {
    let mut late: Vec<Duration> = calls.filter(|c| c.outcome != Outcome::Shed).map(Call::lateness).collect();
    let rank = (late.len() * 99).div_ceil(100).checked_sub(1)?;
    let (_, p99, _) = late.select_nth_unstable(rank);
    Some(p99.as_secs_f64())
}

/// The lateness in seconds beyond which a latency held against `bound` says nothing: 3 ms, or a tenth of the bound.
#[must_use]
pub fn lateness_limit(bound: f64) -> f64 {
    (bound / 10.0).max(ON_TIME.as_secs_f64())
}
