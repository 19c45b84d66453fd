//! Circuit breaker: stop calling what fails, and find out carefully when it works again.
//!
//! [`Breaker`] is the state machine, over a sliding window of results.

mod machine;
#[cfg(test)]
mod model_test;
mod results;

pub use machine::{Admission, Breaker, BreakerState, Change, Refused};
