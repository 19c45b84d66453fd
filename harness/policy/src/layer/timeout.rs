//! Timeout of one attempt, from its start to the last byte of its response.
//!
//! Cut at its own timeout or at the deadline of its call, whichever comes first. Cutting drops the attempt, which closes
//! its connection, so the upstream can stop; `abandon` lets it run on unheard instead, a defect that piles work upon
//! an upstream already slow. Connecting has a timeout of its own, which is left to the transport.

use std::sync::Arc;

use tower::ServiceExt;
use upstorm_model::policy::{self, OnPerTryTimeout};

use super::{Around, Below, Layer};
use crate::deadline::{Cut, Deadline};
use crate::surroundings::sleep_until;
use crate::{Failure, Limit, PolicyEvent, Replay, Reply, Time};

#[derive(Debug)]
pub(crate) struct TimeoutLayer<S, T> {
    inner: S,
    deadline: Deadline,
    abandon: bool,
    around: Around<T>,
}

impl<S, T: Time> TimeoutLayer<S, T> {
    pub(crate) fn new(settings: &policy::Deadline, around: &Around<T>, inner: S) -> Self {
        let abandon = settings.on_per_try_timeout == OnPerTryTimeout::Abandon;
        Self { inner, deadline: Deadline::new(settings), abandon, around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for TimeoutLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let limit = self.deadline.of_attempt(self.around.time.now(), req.scope().deadline);
        let mut attempt = Box::pin(self.inner.clone().oneshot(req));
        let Some((at, cut)) = limit else { return attempt.await };
        let mut sleep = sleep_until(&self.around.time, at);
        let answer = tokio::select! {
            biased;
            answer = &mut attempt => Some(answer),
            () = &mut sleep => None,
        };
        let abandon = (self.abandon && cut == Cut::PerTry).then(|| self.around.detach.clone());
        let failure = failure(cut);
        if let Some(answer) = answer {
            let around = self.around.clone();
            let on_cut = Box::new(move || announce(&around, cut));
            return Ok(answer?.limit(Limit { sleep, failure, on_cut, abandon }));
        }
        if cut == Cut::PerTry {
            announce(&self.around, cut);
        }
        if let Some(detach) = abandon {
            detach.detach(Box::pin(async move {
                if let Ok(reply) = attempt.await {
                    reply.drain().await;
                }
            }));
        }
        Err(failure)
    }
}

const fn failure(cut: Cut) -> Failure {
    match cut {
        Cut::PerTry => Failure::Timeout,
        Cut::Total => Failure::DeadlineExceeded,
    }
}

fn announce<T: Time>(around: &Around<T>, cut: Cut) {
    let event = match cut {
        Cut::PerTry => PolicyEvent::AttemptTimedOut,
        Cut::Total => PolicyEvent::DeadlineExceeded,
    };
    around.listener.on(around.time.now(), event);
}
