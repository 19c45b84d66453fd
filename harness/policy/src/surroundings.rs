//! Surroundings: the time, tasks, seed and listener that the layers of one stack are handed.
//!
//! The policies know no world and read no clock; whoever builds a stack lends them these, so the same layers run in
//! real and in virtual time.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use upstorm_model::{Offset, Seed};

use crate::Listener;

/// Time as the layers see it.
pub trait Time: Clone + Send + Sync + 'static {
    /// Time since the run began.
    fn now(&self) -> Offset;

    /// Completes at this time, never before; at once if it has passed.
    fn sleep_until(&self, at: Offset) -> impl Future<Output = ()> + Send;

    /// The time of day, which only a Retry-After date without a `Date` header is compared with.
    fn wall(&self) -> SystemTime;
}

/// Starts tasks that nobody waits for: only attempts abandoned at their timeout need it.
pub trait Detach: Send + Sync {
    /// Runs the task until it is done.
    fn detach(&self, task: BoxFuture<'static, ()>);
}

impl fmt::Debug for dyn Detach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detach")
    }
}

/// What the layers of one stack are handed.
#[derive(Debug, Clone)]
pub struct Surroundings<T> {
    /// Their time.
    pub time: T,
    /// What their draws are keyed by, with the name, the call and the ordinal.
    pub seed: Seed,
    /// The name of the host they stand in, such as the gateway's: two hosts draw differently.
    pub name: String,
    /// Who hears what they do.
    pub listener: Arc<dyn Listener>,
    /// Who runs what is abandoned.
    pub detach: Arc<dyn Detach>,
}

/// A sleep that owns its clock.
pub(crate) fn sleep_until<T: Time>(time: &T, at: Offset) -> BoxFuture<'static, ()> {
    let time = time.clone();
    Box::pin(async move { time.sleep_until(at).await })
}
