//! The desk: what the answers of the admin API are made from, and where changes are made, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upstorm_model::Plan;
use upstorm_upstream::Control;
use upstorm_world::Recorder;

use super::Books;

/// All that can be looked at and changed.
#[derive(Debug)]
pub(crate) struct Desk {
    /// What was planned.
    pub(crate) plan: Arc<Plan>,
    /// The upstreams, in the order of the plan.
    pub(crate) controls: Vec<Control>,
    /// What was counted and kept.
    pub(crate) books: Books,
    recorder: Recorder,
    changing: Mutex<()>,
}

impl Desk {
    /// With these upstreams, which record there and whose records these books see.
    pub(crate) fn new(plan: Arc<Plan>, controls: Vec<Control>, (books, recorder): (Books, Recorder)) -> Self {
        Self { plan, controls, books, recorder, changing: Mutex::default() }
    }

    /// Held while something is changed: what a change builds on must still be true when it is in force.
    pub(crate) fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the books hold all that was recorded before this, so that whoever was answered finds it there.
    pub(crate) async fn settle(&self) {
        let recorder = self.recorder.clone();
        // It fails only where the run is over and nothing comes any more.
        let _ = tokio::task::spawn_blocking(move || recorder.settle()).await;
    }
}
