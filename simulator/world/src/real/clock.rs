//! The real clock: nanoseconds of `CLOCK_MONOTONIC` since the world was made.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use upstorm_model::Offset;

use super::alarms::Alarms;
use crate::{Alarm, Clock};

/// The real clock. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct RealClock {
    made: Instant,
    /// What the wall clock showed then. It is not looked at again, so that dates do not jump within a run.
    made_wall: SystemTime,
    /// Nanoseconds from the making of the clock to its zero.
    zero: Arc<AtomicU64>,
    alarms: Arc<Alarms>,
}

impl RealClock {
    /// A clock that shows zero now, and the thread that rings its wake-ups.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start() -> io::Result<(Self, ClockThread)> {
        let clock =
            Self { made: monotonic(), made_wall: wall_clock(), zero: Arc::default(), alarms: Arc::default() };
        let rings = clock.clone();
        let thread = std::thread::Builder::new()
            .name("clock".to_owned())
            .spawn(move || rings.alarms.ring(|| Clock::now(&rings)))?;
        let alarms = Arc::clone(&clock.alarms);
        Ok((clock, ClockThread { alarms, thread: Some(thread) }))
    }

    /// Shows zero from now on. The thread that rings sleeps by the length of time it worked out before, so it
    /// wakes too early at worst, and then looks again.
    pub(super) fn begin(&self) {
        let spent = monotonic().saturating_duration_since(self.made).as_nanos() as u64;
        self.zero.store(spent, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a real world's time comes from")]
fn monotonic() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place where a real world's dates come from")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

impl Clock for RealClock {
    fn now(&self) -> Offset {
        let nanos = monotonic().saturating_duration_since(self.made).as_nanos() as u64;
        Offset::from_nanos(nanos.saturating_sub(self.zero.load(Ordering::Relaxed)))
    }

    fn wake_at(&self, at: Offset, waker: Waker) -> Alarm {
        self.alarms.set(at, waker)
    }

    fn cancel(&self, alarm: Alarm) {
        self.alarms.cancel(alarm);
    }

    fn wall(&self, at: Offset) -> SystemTime {
        self.made_wall + Duration::from_nanos(self.zero.load(Ordering::Relaxed)) + at.elapsed()
    }
}

/// The thread behind a clock; dropping this ends it.
#[derive(Debug)]
pub(super) struct ClockThread {
    alarms: Arc<Alarms>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ClockThread {
    fn drop(&mut self) {
        self.alarms.stop();
        // A world may be dropped by a task that this very thread woke; it must not wait for itself.
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}
