//! hyper over a world: its executor, its timer, its byte streams.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use upstorm_model::Offset;

use crate::{Clock, Sleep, Spawn, Stream};

/// A stream as hyper takes it.
#[must_use]
pub fn hyper_io(stream: Stream) -> TokioIo<Stream> {
    TokioIo::new(stream)
}

/// Runs hyper's tasks on a host's spawner.
#[derive(Debug, Clone)]
pub struct HyperExecutor(pub Arc<dyn Spawn>);

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for HyperExecutor {
    fn execute(&self, future: F) {
        self.0.spawn(async move {
            future.await;
        });
    }
}

/// Gives hyper a world's time. hyper speaks of `Instant`s, so offsets are mapped to instants from a fixed
/// one.
#[derive(Debug, Clone)]
pub struct HyperTimer {
    clock: Arc<dyn Clock>,
    epoch: Instant,
}

impl HyperTimer {
    /// A timer on this clock.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "only a label for offset zero; it is never compared with real time"
    )]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, epoch: Instant::now() }
    }

    fn offset(&self, instant: Instant) -> Offset {
        Offset::from(instant.saturating_duration_since(self.epoch))
    }
}

impl hyper::rt::Timer for HyperTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(HyperSleep(self.clock.sleep(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(HyperSleep(self.clock.sleep_until(self.offset(deadline))))
    }

    fn now(&self) -> Instant {
        self.epoch + self.clock.now().elapsed()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, deadline: Instant) {
        if let Some(sleep) = sleep.as_mut().downcast_mut_pin::<HyperSleep>() {
            sleep.get_mut().0.reset(self.offset(deadline));
        }
    }
}

struct HyperSleep(Sleep);

impl Future for HyperSleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl hyper::rt::Sleep for HyperSleep {}
