//! What a single attempt came to, as the upstream saw it.

use upstorm_model::recording::{Attempt, End};

/// A complete response below 500 that is not a 429.
#[must_use]
pub fn succeeded(attempt: &Attempt) -> bool {
    attempt.ended == End::Completed && attempt.status.is_some_and(|s| s < 500 && s != 429)
}

/// Anything that a caller may want to try again: an error status, a 429, or no complete response.
#[must_use]
pub fn failed(attempt: &Attempt) -> bool {
    !succeeded(attempt) && attempt.ended != End::Unfinished
}
