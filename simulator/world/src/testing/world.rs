//! The manual world itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use upstorm_model::plan::Role;
use upstorm_model::recording::Record;
use upstorm_model::{HostId, Seed};

use super::clock::ManualClock;
use super::executor::{Executor, Tasks};
use super::net::{MemoryNet, Wires};
use crate::{Env, Recorder, World};

/// A world on one thread whose clock jumps to the next wake-up whenever no task is ready.
#[derive(Debug)]
pub struct ManualWorld {
    clock: Arc<ManualClock>,
    executor: Arc<Executor>,
    wires: Arc<Wires>,
    recorder: Recorder,
    seed: Seed,
}

impl Default for ManualWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl ManualWorld {
    /// A world at time zero with seed 1, recording in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::with_seed(Seed(1))
    }

    /// A world with another seed.
    #[must_use]
    pub fn with_seed(seed: Seed) -> Self {
        Self {
            clock: Arc::default(),
            executor: Arc::default(),
            wires: Arc::default(),
            recorder: Recorder::in_memory(),
            seed,
        }
    }

    /// Runs the story of a run to its end: see `run` of `dyn World`.
    pub fn run<T: Send + 'static>(&self, story: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let world: &dyn World = self;
        world.run(story)
    }

    /// Its clock, to be moved by hand where jumping is not enough.
    #[must_use]
    pub fn clock(&self) -> Arc<ManualClock> {
        Arc::clone(&self.clock)
    }

    /// Takes what was recorded so far.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.recorder.take()
    }

    /// Runs tasks until none is ready, without moving the clock.
    pub fn settle(&self) {
        while self.executor.step() {}
    }
}

impl World for ManualWorld {
    fn env(&self, host: HostId, _: Role) -> Env {
        Env {
            host,
            clock: self.clock(),
            net: Arc::new(MemoryNet { host, wires: Arc::clone(&self.wires) }),
            spawn: Arc::new(Tasks(Arc::clone(&self.executor))),
            recorder: self.recorder.clone(),
            seed: self.seed,
        }
    }

    fn begin(&self) {
        self.clock.begin();
    }

    fn set_partitions(&self, pairs: &[[HostId; 2]]) {
        self.wires.links.cut_exactly(pairs);
    }

    /// Runs the story; gives it up when no task is ready and no wake-up is set, for nothing could ever happen
    /// again.
    fn run_boxed(&self, story: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let ended = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&ended);
        self.executor.start(Box::pin(async move {
            story.await;
            tell.store(true, Ordering::Release);
        }));
        while !ended.load(Ordering::Acquire) {
            if !self.executor.step() && !self.clock.advance_to_next() {
                return;
            }
        }
    }
}
