//! Retry: makes an attempt again while the rule and the budget allow it.
//!
//! The outcome of an attempt is known here when its head is in. A body that breaks later cannot be retried, since its
//! caller has seen the head. The response that is retried is dropped before the wait: its connection is not held. A
//! copy of the request is made before an attempt that may have a successor, and only then.

use std::sync::Arc;

use tower::ServiceExt;
use upstorm_model::Offset;
use upstorm_model::policy::{self, RetryOn};

use super::purse::{Expense, Purse};
use super::{Around, Below, Layer};
use crate::surroundings::sleep_until;
use crate::{Course, Failure, HintHeaders, PolicyEvent, Replay, Reply, Retry, Scope, Time, Tried, Worth};

#[derive(Debug)]
pub(crate) struct RetryLayer<S, T> {
    inner: S,
    rule: Retry,
    purse: Purse<T>,
    around: Around<T>,
}

/// What of a request the decision rests on, since the request itself is gone by then.
#[derive(Debug, Clone, Copy)]
struct Asked {
    call: u64,
    scope: Scope,
}

impl<S, T: Time> RetryLayer<S, T> {
    pub(crate) fn new(settings: &policy::Retry, purse: &Purse<T>, around: &Around<T>, inner: S) -> Self {
        let rule = Retry::new(settings, around.seed, &around.name);
        Self { inner, rule, purse: purse.clone(), around: around.clone() }
    }

    /// When the attempt is made again, and what for, if it is.
    fn decide<Rep: Reply>(
        &self,
        course: &mut Course,
        asked: Asked,
        outcome: &Result<Rep, Failure>,
    ) -> Option<(Offset, Expense<T>)> {
        let time = &self.around.time;
        let now = time.now();
        let hint = outcome.as_ref().ok().map(|reply| HintHeaders {
            retry_after: reply.retry_after(),
            pushback: reply.pushback(),
            date: reply.date(),
            wall: time.wall(),
        });
        let Asked { call, scope: Scope { ordinal, deadline, .. } } = asked;
        let reason = reason(outcome)?;
        let tried = Tried { call, ordinal, reason: Some(reason), hint, now, deadline };
        let wait = self.rule.next(course, &tried).ok()?;
        let expense = self.purse.extra(reason.into())?;
        self.around.listener.on(now, PolicyEvent::RetryScheduled { ordinal: ordinal + 1, wait });
        Some((now + wait, expense))
    }

    /// What an outcome is worth to the budget.
    fn worth<Rep: Reply>(&self, outcome: &Result<Rep, Failure>) -> Worth {
        if outcome.as_ref().is_ok_and(Reply::is_success) {
            return Worth::Success;
        }
        let failed = reason(outcome).is_some_and(|reason| self.rule.is_worth(reason));
        if failed { Worth::Failure } else { Worth::Neither }
    }
}

/// An outcome, as a reason to retry.
fn reason<Rep: Reply>(outcome: &Result<Rep, Failure>) -> Option<RetryOn> {
    match outcome {
        Ok(reply) => Some(RetryOn::Status(reply.status())),
        Err(failure) => failure.retry_reason(),
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for RetryLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, mut req: Req) -> Result<S::Response, Failure> {
        if req.scope().extra {
            return self.inner.clone().oneshot(req).await;
        }
        let mut expense = self.purse.first();
        let mut course = Course::default();
        let mut scope = Scope { ordinal: 1, ..req.scope() };
        loop {
            req.set_scope(scope);
            let asked = Asked { call: req.call(), scope };
            let repeatable = self.rule.may_repeat(req.method(), req.is_keyed(), scope.ordinal).is_ok();
            let copy = if repeatable { req.replay() } else { None };
            let outcome = self.inner.clone().oneshot(req).await;
            expense.settle(self.worth(&outcome));
            let Some(copy) = copy else { return outcome };
            let Some((again, next)) = self.decide(&mut course, asked, &outcome) else { return outcome };
            expense = next;
            drop(outcome);
            sleep_until(&self.around.time, again).await;
            expense.sent();
            req = copy;
            scope.ordinal += 1;
        }
    }
}
