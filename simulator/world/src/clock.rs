//! Time as a host sees it: an offset since the run began, and waiting until one.
//!
//! tokio's timers round up to a millisecond and cannot be told apart from real time; every delay, arrival and
//! timeout goes through this clock instead.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use upstorm_model::Offset;

/// A world's clock.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Time since the run began.
    fn now(&self) -> Offset;

    /// Wakes the waker at this time, or at once if it has passed. It comes once, and never early.
    fn wake_at(&self, at: Offset, waker: Waker) -> Alarm;

    /// Takes a wake-up back; one that has rung is ignored.
    fn cancel(&self, alarm: Alarm);

    /// What a wall clock shows at this time, for headers that speak of dates; never recorded. A world without
    /// a wall clock begins at 2026-01-01T00:00:00Z.
    fn wall(&self, at: Offset) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600) + at.elapsed()
    }
}

/// A wake-up that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alarm {
    /// When it rings.
    pub at: Offset,
    /// Tells alarms of the same time apart, in the order they were set.
    pub sequence: u64,
}

impl dyn Clock {
    /// Completes at this time; at once if it has passed.
    pub fn sleep_until(self: &Arc<Self>, at: Offset) -> Sleep {
        Sleep { clock: Arc::clone(self), at, alarm: None }
    }

    /// Completes after this long.
    pub fn sleep(self: &Arc<Self>, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// The future's output, or [`TimedOut`] if it takes until this time. The future is polled first.
    pub fn timeout_at<F: Future>(self: &Arc<Self>, at: Offset, future: F) -> Timeout<F> {
        Timeout { sleep: self.sleep_until(at), future }
    }
}

/// Completes at its time.
#[must_use = "a sleep does nothing unless awaited"]
#[derive(Debug)]
pub struct Sleep {
    clock: Arc<dyn Clock>,
    at: Offset,
    alarm: Option<(Alarm, Waker)>,
}

impl Sleep {
    /// When it completes.
    #[must_use]
    pub const fn deadline(&self) -> Offset {
        self.at
    }

    /// Moves it to another time.
    pub fn reset(&mut self, at: Offset) {
        self.cancel();
        self.at = at;
    }

    fn cancel(&mut self) {
        if let Some((alarm, _)) = self.alarm.take() {
            self.clock.cancel(alarm);
        }
    }
}

impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() >= self.at {
            self.cancel();
            return Poll::Ready(());
        }
        // A sleep beside other work is polled again and again; the alarm it set is still good.
        if !self.alarm.as_ref().is_some_and(|(_, waker)| waker.will_wake(cx.waker())) {
            self.cancel();
            let alarm = self.clock.wake_at(self.at, cx.waker().clone());
            self.alarm = Some((alarm, cx.waker().clone()));
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The time was up before the future was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct TimedOut;

pin_project_lite::pin_project! {
    /// A future with a time limit.
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct Timeout<F> {
        sleep: Sleep,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        Pin::new(this.sleep).poll(cx).map(|()| Err(TimedOut))
    }
}
