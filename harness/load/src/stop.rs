//! A way to end the load before its time: somebody pressed Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use upstorm_model::Offset;
use upstorm_world::Clock;

/// Ends the load when told. Clones are the same handle.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    told: AtomicBool,
    waiting: Notify,
}

impl Stop {
    /// A handle that has not been told.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No call begins any more; those in flight get a moment.
    pub fn stop(&self) {
        self.0.told.store(true, Ordering::Release);
        self.0.waiting.notify_waiters();
    }

    /// Whether it has been told.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.told.load(Ordering::Acquire)
    }

    /// Completes when it is told.
    pub async fn stopped(&self) {
        // Waiting begins before the look, or a stop in between would be missed.
        let told = self.0.waiting.notified();
        if !self.is_stopped() {
            told.await;
        }
    }

    /// Waits until this time; false if it was told before.
    pub(crate) async fn wait_until(&self, clock: &Arc<dyn Clock>, at: Offset) -> bool {
        if self.is_stopped() {
            return false;
        }
        if clock.now() >= at {
            return true;
        }
        tokio::select! {
            biased;
            () = self.stopped() => false,
            () = clock.sleep_until(at) => true,
        }
    }
}
