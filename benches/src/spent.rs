//! What something took: wall time, and processor time, which is what a figure of speed or sharpness was paid with.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time of both kinds, since some moment in the past.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Time that passed.
    pub wall: Duration,
    /// Processor time of all threads of this process.
    pub cpu: Duration,
}

impl Spent {
    /// Up to now.
    #[must_use]
    pub fn until_now() -> Self {
        let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        Self { wall: read(ClockId::Monotonic), cpu: read(ClockId::ProcessCPUTime) }
    }

    /// Since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self { wall: self.wall.saturating_sub(earlier.wall), cpu: self.cpu.saturating_sub(earlier.cpu) }
    }
}
