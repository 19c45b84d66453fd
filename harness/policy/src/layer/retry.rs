//! Retry: makes an attempt again while the rule and the budget allow it.
//!
//! The outcome of an attempt is known here when its head is in. A body that breaks later cannot be retried, since its
//! caller has seen the head. The response that is retried is dropped before the wait: its connection is not held. A
//! copy of the request is made before an attempt that may have a successor, and only then.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::Offset;
use upstorm_model::policy::{self, RetryOn};

use super::{Around, Below, Layer, lock};
use crate::surroundings::sleep_until;
use crate::{Budget, Course, Failure, HintHeaders, PolicyEvent, Replay, Reply, Retry, Scope, Time, Tried};

#[derive(Debug)]
pub(crate) struct RetryLayer<S, T> {
    inner: S,
    rule: Retry,
    budget: Mutex<Budget>,
    around: Around<T>,
}

/// What of a request the decision rests on, since the request itself is gone by then.
#[derive(Debug, Clone, Copy)]
struct Asked {
    call: u64,
    scope: Scope,
}

impl<S, T: Time> RetryLayer<S, T> {
    pub(crate) fn new(settings: &policy::Retry, around: &Around<T>, inner: S) -> Self {
        let rule = Retry::new(settings, around.seed, &around.name);
        let budget = Budget::new(&settings.budget);
        Self { inner, rule, budget: Mutex::new(budget), around: around.clone() }
    }

    /// When the attempt is made again, if it is.
    fn decide<Rep: Reply>(
        &self,
        course: &mut Course,
        asked: Asked,
        outcome: &Result<Rep, Failure>,
    ) -> Option<Offset> {
        let time = &self.around.time;
        let now = time.now();
        let (reason, hint) = match outcome {
            Ok(reply) => {
                let wall = time.wall();
                let headers = HintHeaders { retry_after: reply.retry_after(), date: reply.date(), wall };
                (Some(RetryOn::Status(reply.status())), Some(headers))
            }
            Err(failure) => (failure.retry_reason(), None),
        };
        let Asked { call, scope: Scope { ordinal, deadline } } = asked;
        let wait = self.rule.next(course, &Tried { call, ordinal, reason, hint, now, deadline }).ok()?;
        let again = now + wait;
        let paid = lock(&self.budget).withdraw(now);
        let event = match paid {
            true => PolicyEvent::RetryScheduled { ordinal: ordinal + 1, wait },
            false => PolicyEvent::BudgetExhausted,
        };
        self.around.listener.on(now, event);
        paid.then_some(again)
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for RetryLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, mut req: Req) -> Result<S::Response, Failure> {
        let time = &self.around.time;
        lock(&self.budget).request(time.now());
        let mut course = Course::default();
        let mut scope = Scope { ordinal: 1, ..req.scope() };
        loop {
            req.set_scope(scope);
            let asked = Asked { call: req.call(), scope };
            let repeatable = self.rule.may_repeat(req.method(), req.is_keyed(), scope.ordinal).is_ok();
            let copy = if repeatable { req.replay() } else { None };
            let outcome = self.inner.clone().oneshot(req).await;
            if outcome.as_ref().is_ok_and(is_success) {
                lock(&self.budget).success(time.now());
            }
            let Some(copy) = copy else { return outcome };
            let Some(again) = self.decide(&mut course, asked, &outcome) else { return outcome };
            drop(outcome);
            sleep_until(time, again).await;
            req = copy;
            scope.ordinal += 1;
        }
    }
}

/// An answer that is neither the upstream's failure nor a 429.
fn is_success<Rep: Reply>(reply: &Rep) -> bool {
    reply.status() < 500 && reply.status() != 429
}
