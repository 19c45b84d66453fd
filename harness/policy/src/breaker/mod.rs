//! Circuit breaker: stop calling what fails, and find out carefully when it works again.
//!
//! [`Breaker`] is the state machine, over a sliding window of results.

#[cfg(test)]
mod known_answers_test;
mod machine;
#[cfg(test)]
mod model_test;
mod results;

pub use machine::{Admission, Breaker, BreakerState, Change, Refused};
