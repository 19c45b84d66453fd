//! Failover: a call that one target cannot serve goes on to the next.
//!
//! It holds a whole stack for each target below the deadline of the call. Where a call goes on, its answer from the target
//! before is dropped first, which gives its connection and its place back.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::policy::{Methods, PolicySettings};

use super::{Around, Below, Layer, lock};
use crate::retry::may_be_repeated;
use crate::{Failover, Failure, Replay, Reply, Time, begins_in_time};

#[derive(Debug)]
pub(crate) struct FailoverLayer<S, T> {
    targets: Vec<S>,
    failover: Mutex<Failover>,
    methods: Methods,
    around: Around<T>,
}

impl<S, T: Time> FailoverLayer<S, T> {
    /// Over these targets, in the order they are tried.
    pub(crate) fn new(settings: &PolicySettings, around: &Around<T>, targets: Vec<S>) -> Self {
        let failover = Mutex::new(Failover::new(&settings.failover, targets.len()));
        Self { targets, failover, methods: settings.retry.methods, around: around.clone() }
    }

    /// Whether a call goes on from this target.
    fn decide<Rep: Reply>(&self, target: usize, outcome: &Result<Rep, Failure>, repeatable: bool) -> bool {
        let (goes_on, news) = {
            let mut failover = lock(&self.failover);
            let goes_on = failover.goes_on(outcome.as_ref().map(Reply::status).map_err(|f| *f), repeatable);
            (goes_on, failover.moved(target, goes_on))
        };
        if let Some(event) = news {
            self.around.listener.on(self.around.time.now(), event);
        }
        goes_on
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for FailoverLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, mut req: Req) -> Result<S::Response, Failure> {
        let repeatable = may_be_repeated(self.methods, req.method(), req.is_keyed());
        let deadline = req.scope().deadline;
        let last = self.targets.len().saturating_sub(1);
        for (index, target) in self.targets.iter().enumerate() {
            let copy = if index < last { req.replay() } else { None };
            let outcome = target.clone().oneshot(req).await;
            let Some(copy) = copy else { return outcome };
            let in_time = begins_in_time(self.around.time.now(), deadline);
            if !in_time || !self.decide(index, &outcome, repeatable) {
                return outcome;
            }
            drop(outcome);
            req = copy;
        }
        Err(Failure::ConnectFailed)
    }
}
