//! Breaker: rejects without an attempt, or lets one through and tells the machine how it ended.
//!
//! A response whose status is a failure has ended when its head is in; any other only with its last byte, since a body
//! that breaks is a failure too. A call that is given up, before or after the head, has ended without anybody hearing.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::policy;

use super::{Around, Below, Layer, lock};
use crate::{
    Admission, BodyEnd, Breaker, Change, Ending, Failure, PolicyEvent, Refused, Rejection, Replay, Reply,
    Settle, Time,
};

#[derive(Debug)]
pub(crate) struct BreakerLayer<S, T> {
    inner: S,
    breaker: Arc<Mutex<Breaker>>,
    around: Around<T>,
}

/// An attempt under way. Dropped before its end, nobody heard it.
#[derive(Debug)]
struct Pending<T: Time> {
    breaker: Arc<Mutex<Breaker>>,
    around: Around<T>,
    admission: Option<Admission>,
    /// The status of its head, once that is in.
    status: u16,
}

impl<T: Time> Pending<T> {
    fn settle(&mut self, ending: Ending) {
        let Some(admission) = self.admission.take() else { return };
        let now = self.around.time.now();
        let changes = lock(&self.breaker).settle(now, admission, ending);
        announce(&self.around, &changes);
    }
}

impl<T: Time> Settle for Pending<T> {
    fn settled(mut self: Box<Self>, end: BodyEnd) {
        let status = self.status;
        self.settle(match end {
            BodyEnd::Complete => Ending::Answered(status),
            BodyEnd::Broke(failure) => failure.into(),
            BodyEnd::Dropped => Ending::Left,
        });
    }
}

impl<T: Time> Drop for Pending<T> {
    fn drop(&mut self) {
        self.settle(Ending::Left);
    }
}

fn announce<T: Time>(around: &Around<T>, changes: &[Change]) {
    for change in changes {
        around.listener.on(change.at, change.to.event());
    }
}

impl<S, T: Time> BreakerLayer<S, T> {
    pub(crate) fn new(settings: &policy::Breaker, around: &Around<T>, inner: S) -> Self {
        Self { inner, breaker: Arc::new(Mutex::new(Breaker::new(settings))), around: around.clone() }
    }

    fn admit(&self) -> Result<Pending<T>, Refused> {
        let now = self.around.time.now();
        let (admitted, changes) = lock(&self.breaker).admit(now);
        announce(&self.around, &changes);
        if admitted.is_err() {
            self.around.listener.on(now, PolicyEvent::BreakerRejected);
        }
        let (breaker, around) = (self.breaker.clone(), self.around.clone());
        admitted.map(|admission| Pending { breaker, around, admission: Some(admission), status: 0 })
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for BreakerLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let mut pending = match self.admit() {
            Ok(pending) => pending,
            Err(Refused { retry_after }) => return Err(Rejection::BreakerOpen { retry_after }.into()),
        };
        let reply = match self.inner.clone().oneshot(req).await {
            Ok(reply) => reply,
            Err(failure) => {
                pending.settle(failure.into());
                return Err(failure);
            }
        };
        pending.status = reply.status();
        let head = Ending::Answered(pending.status);
        if head.failure_kind().is_some() {
            pending.settle(head);
            return Ok(reply);
        }
        Ok(reply.guard(Box::new(pending)))
    }
}
