//! What a single attempt came to, as the upstream saw it.

use std::time::Duration;

use upstorm_model::recording::{Attempt, End};

/// A complete response below 500 that is neither a 429 nor a 412.
#[must_use]
pub fn succeeded(attempt: &Attempt) -> bool {
    attempt.ended == End::Completed && attempt.status.is_some_and(|s| s < 500 && s != 429 && s != 412)
}

/// Anything that a caller may want to try again: an error status, a 429, a write that did not take (412), or no complete
/// response.
#[must_use]
pub fn failed(attempt: &Attempt) -> bool {
    !succeeded(attempt) && attempt.ended != End::Unfinished
}

/// An attempt whose caller had given up before it arrived: packets that a partition held back and then let go.
///
/// It arrived when the partition healed, not when the subject decided to make it, so it says nothing about timing.
#[must_use]
pub fn overtaken(attempt: &Attempt) -> bool {
    let left = matches!(attempt.ended, End::CallerLeft | End::CallerReset);
    left && attempt.first_byte.is_none() && attempt.end.since(attempt.head) < Duration::from_millis(1)
}
