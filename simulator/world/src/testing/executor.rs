//! Runs tasks on the calling thread, in the order they were woken.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Wake, Waker};

use crate::Spawn;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that were woken, in that order.
#[derive(Default)]
pub(super) struct Executor {
    ready: Mutex<VecDeque<Arc<Task>>>,
}

struct Task {
    work: Mutex<Option<Work>>,
    queued: AtomicBool,
    executor: Weak<Executor>,
}

impl Executor {
    /// Runs one task that is ready, for one step; false if none is.
    pub(super) fn step(&self) -> bool {
        let Some(task) = self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
            return false;
        };
        task.queued.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&task));
        let mut slot = task.work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(work) = slot.as_mut()
            && work.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
        {
            *slot = None;
        }
        true
    }

    /// Starts a task.
    pub(super) fn start(self: &Arc<Self>, work: Work) {
        let executor = Arc::downgrade(self);
        let task = Task { work: Mutex::new(Some(work)), queued: AtomicBool::new(false), executor };
        Arc::new(task).wake();
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if let Some(executor) = self.executor.upgrade()
            && !self.queued.swap(true, Ordering::AcqRel)
        {
            executor.ready.lock().unwrap_or_else(PoisonError::into_inner).push_back(self);
        }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// Starts tasks there.
#[derive(Debug)]
pub(super) struct Tasks(pub(super) Arc<Executor>);

impl Spawn for Tasks {
    fn spawn_boxed(&self, task: Work) {
        self.0.start(task);
    }
}
