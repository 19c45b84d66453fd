//! What a host is handed: its clock, its network, its tasks, the recorder and the seed; and the world that
//! hands it out.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use upstorm_model::{HostId, Seed};

use crate::{Clock, Net, Recorder};

/// Starts tasks.
pub trait Spawn: Send + Sync + fmt::Debug {
    /// Runs the task until it is done; its output is dropped.
    fn spawn_boxed(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>);
}

impl dyn Spawn {
    /// Runs the task until it is done.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_boxed(Box::pin(task));
    }
}

/// All that a host may touch.
#[derive(Debug, Clone)]
pub struct Env {
    /// Which host this is.
    pub host: HostId,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Its network.
    pub net: Arc<dyn Net>,
    /// Its tasks.
    pub spawn: Arc<dyn Spawn>,
    /// Where it records what it saw.
    pub recorder: Recorder,
    /// What its draws are keyed by.
    pub seed: Seed,
}

/// A world: where a plan is performed.
pub trait World: Send + Sync + fmt::Debug {
    /// What a host of this world is handed. Hosts of different roles do not share a thread where the world
    /// has several.
    fn env(&self, host: HostId, role: upstorm_model::plan::Role) -> Env;

    /// The run begins: the clock shows zero, so that raising everybody cost the plan nothing. Wake-ups that
    /// were set before keep the offset they were set for, and so come later by the time already spent. To be
    /// called once, before anything is recorded.
    fn begin(&self);

    /// From now on exactly these pairs of hosts cannot reach each other. Open sockets stay open, and go on
    /// when the pair is no longer listed.
    fn set_partitions(&self, pairs: &[[HostId; 2]]);

    /// Runs the story of a run to its end.
    fn run_boxed(&self, story: Pin<Box<dyn Future<Output = ()> + Send>>);
}

impl dyn World + '_ {
    /// Runs the story of a run to its end, and gives what it came to; none if the world gave it up before its
    /// end.
    pub fn run<T: Send + 'static>(&self, story: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let slot = Arc::new(Mutex::new(None));
        let told = Arc::clone(&slot);
        self.run_boxed(Box::pin(async move {
            let end = story.await;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        }));
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
