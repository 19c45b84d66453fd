//! Closing: tells every task of a host to stop, and waits until the last has.
//!
//! `watch` would wake its listeners in no particular order, which the simulated world must not have; a semaphore wakes
//! them in the order they began to wait.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

/// The side that closes; dropping it closes too, without waiting.
#[derive(Debug)]
pub(crate) struct Closer {
    door: Door,
    alive: mpsc::Receiver<Infallible>,
}

/// Tells when it is time to stop.
#[derive(Debug, Clone)]
pub(crate) struct Door(Arc<Semaphore>);

/// A task that is waited for when closing: it counts as running until this is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) door: Door,
    _alive: mpsc::Sender<Infallible>,
}

impl Closer {
    /// Both sides.
    pub(crate) fn new() -> (Self, Running) {
        let door = Door(Arc::new(Semaphore::new(0)));
        let (alive, last) = mpsc::channel(1);
        (Self { door: door.clone(), alive: last }, Running { door, _alive: alive })
    }

    /// Tells all tasks to stop, and waits until those that count have.
    pub(crate) async fn close(mut self) {
        self.door.0.close();
        // Nobody can send; it ends when the last sender is gone.
        while self.alive.recv().await.is_some() {}
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        self.door.0.close();
    }
}

impl Door {
    /// Completes when it is time to stop.
    pub(crate) async fn closed(&self) {
        // There are no permits, so this ends only when the semaphore is closed.
        let _never = self.0.acquire().await;
    }
}
