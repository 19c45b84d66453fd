//! Deadline of a call: everything below it, waits included, is over by then.
//!
//! Each layer below has a limit of its own, but their sum is nobody's. The deadline is also written into the request's
//! scope, so that no retry begins that cannot make it, and the attempt under way is cut where its outcome still
//! reaches the breaker. The body of a response is limited there too, by the timeout layer.

use std::sync::Arc;

use tower::ServiceExt;
use upstorm_model::policy;

use super::{Around, Below, Layer};
use crate::deadline::Deadline;
use crate::surroundings::sleep_until;
use crate::{Failure, PolicyEvent, Replay, Scope, Time};

#[derive(Debug)]
pub(crate) struct DeadlineLayer<S, T> {
    inner: S,
    deadline: Deadline,
    around: Around<T>,
}

impl<S, T: Time> DeadlineLayer<S, T> {
    pub(crate) fn new(settings: &policy::Deadline, around: &Around<T>, inner: S) -> Self {
        Self { inner, deadline: Deadline::new(settings), around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for DeadlineLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, mut req: Req) -> Result<S::Response, Failure> {
        let time = &self.around.time;
        let scope = req.scope();
        // A caller may have brought a deadline of its own; the earlier one holds.
        let deadline = self.deadline.of_call(time.now()).into_iter().chain(scope.deadline).min();
        req.set_scope(Scope { deadline, ..scope });
        let call = self.inner.clone().oneshot(req);
        let answer = match deadline {
            None => call.await,
            Some(at) => tokio::select! {
                // The call first: what the layers below make of the same moment says more.
                biased;
                answer = call => answer,
                () = sleep_until(time, at) => Err(Failure::DeadlineExceeded),
            },
        };
        if matches!(answer, Err(Failure::DeadlineExceeded)) {
            self.around.listener.on(time.now(), PolicyEvent::DeadlineExceeded);
        }
        answer
    }
}
