//! A stopwatch on the wall: how long something took a person who waited for it.
//!
//! The pace of a simulated run (virtual seconds per wall second) needs a time that no world has. It is told beside a
//! run and never recorded, or two runs of one seed would differ.

use std::time::{Duration, Instant};

/// Runs since it was started.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the door to the wall's time, for what is told and not recorded"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
