//! A lease: the right to use one connection for one exchange.
//!
//! The last used connection is taken first (LIFO), so that the ones not needed grow idle and close. Whoever waits for
//! a place is served in order of arrival.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use upstorm_policy::Failure;
use upstorm_world::Env;

use super::line::Line;

/// The places of a pool and the connections nobody uses.
#[derive(Debug)]
pub(super) struct Places {
    permits: Arc<Semaphore>,
    idle: Mutex<Idle>,
    longest_idle: Duration,
    env: Env,
}

#[derive(Default)]
struct Idle {
    /// The last given back is the last here.
    lines: Vec<Line>,
    /// Whether a task is closing those that are idle for too long.
    watched: bool,
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").field("lines", &self.lines.len()).field("watched", &self.watched).finish()
    }
}

impl Places {
    pub(super) fn new(env: Env, most: u32, longest_idle: Duration) -> Arc<Self> {
        let most = (most as usize).clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self { permits: Arc::new(Semaphore::new(most)), idle: Mutex::default(), longest_idle, env })
    }

    /// Waits for a place, and takes the last used connection if there is one.
    ///
    /// # Errors
    /// `ConnectFailed` when the pool is closed, which it never is while somebody holds it.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Lease, Failure> {
        let place = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Failure::ConnectFailed)?;
        Ok(Lease { line: self.pop(), place: Some(place), places: Arc::clone(self) })
    }

    fn pop(&self) -> Option<Line> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(line) = idle.lines.pop() {
            if line.is_idle() {
                return Some(line);
            }
        }
        None
    }

    fn put(self: &Arc<Self>, mut line: Line) {
        line.since = self.env.clock.now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.lines.push(line);
        if !std::mem::replace(&mut idle.watched, true) {
            self.env.spawn.spawn(close_when_idle(Arc::downgrade(self)));
        }
    }

    /// Closes what was idle for too long, and tells when the next will have been; `None` when nothing is idle.
    fn sweep(&self) -> Option<upstorm_model::Offset> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.env.clock.now();
        let over = idle.lines.partition_point(|line| line.since + self.longest_idle <= now);
        idle.lines.drain(..over);
        idle.watched = !idle.lines.is_empty();
        idle.lines.first().map(|line| line.since + self.longest_idle)
    }
}

async fn close_when_idle(places: Weak<Places>) {
    loop {
        let Some(held) = places.upgrade() else { return };
        let Some(next) = held.sweep() else { return };
        let sleep = held.env.clock.sleep_until(next);
        drop(held);
        sleep.await;
    }
}

/// A place in the pool, and the connection in use. Dropping it closes the connection.
pub(super) struct Lease {
    pub(super) line: Option<Line>,
    place: Option<OwnedSemaphorePermit>,
    places: Arc<Places>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

impl Lease {
    /// Gives the connection back for the next exchange, as soon as it is ready for one.
    pub(super) fn give_back(mut self) {
        let Some(mut line) = self.line.take() else { return };
        if line.is_idle() {
            // Before the place is given free, so that whoever waited for it finds the connection.
            self.places.put(line);
        } else if !line.sender.is_closed() {
            // The answer was read to its end before hyper was done with the exchange.
            let spawn = Arc::clone(&self.places.env.spawn);
            spawn.spawn(async move {
                if line.sender.ready().await.is_ok() {
                    self.places.put(line);
                }
            });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.cut(self.place.take());
        }
    }
}
