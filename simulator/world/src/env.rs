//! What a host is handed: its clock, its network, its tasks, the recorder and the seed; and the world that hands it out.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

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
    /// What a host of this world is handed. Hosts of different roles do not share a thread where the world has several.
    fn env(&self, host: HostId, role: upstorm_model::plan::Role) -> Env;

    /// From now on exactly these pairs of hosts cannot reach each other. Open sockets stay open, and go on when the
    /// pair is no longer listed.
    fn set_partitions(&self, pairs: &[[HostId; 2]]);

    /// Runs the story of a run to its end.
    fn run_boxed(&self, story: Pin<Box<dyn Future<Output = ()> + Send>>);
}
