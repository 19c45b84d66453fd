//! Hedge: sends another attempt beside one that is slow, and gives whichever good answer comes first.
//!
//! An answer that a retry would not be made for wins, by its head; a failure never does, as long as another attempt is
//! under way (gRFC A6: a non-fatal status). Once the first try has failed for good, retries included, no other is begun:
//! hedging cuts a tail, and is not a second retry. If all fail, the outcome of the first stands. The losers are dropped,
//! which closes their connections, so that the upstream can stop; or, as a defect to be shown, run on unheard.
//!
//! An extra attempt is one attempt: it passes what is below, but is not retried, whatever comes of it. Where both come at
//! the same moment, the earlier attempt wins.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower::ServiceExt;
use upstorm_model::Offset;
use upstorm_model::policy::{HedgeBudget, PolicySettings, RetryOn};

use super::purse::{Expense, Purse};
use super::{Around, Below, Layer, lock};
use crate::surroundings::sleep_until;
use crate::{Failure, Hedge, PolicyEvent, Replay, Reply, Scope, Time, Worth};

#[derive(Debug)]
pub(crate) struct HedgeLayer<S, T> {
    inner: S,
    rule: Mutex<Hedge>,
    /// What is no good answer.
    retry_on: Vec<RetryOn>,
    /// Retries have ordinals below.
    first_ordinal: u32,
    cancel: bool,
    /// Where extra attempts are paid from, if they are.
    purse: Option<Purse<T>>,
    around: Around<T>,
}

/// An attempt under way, or the first with its retries.
struct Runner<Rep, T: Time> {
    is_first: bool,
    outcome: BoxFuture<'static, Result<Rep, Failure>>,
    expense: Option<Expense<T>>,
}

/// All attempts of a call that are under way, in the order they were sent.
struct Race<Rep, T: Time>(Vec<Runner<Rep, T>>);

impl<Rep, T: Time> Race<Rep, T> {
    /// The next outcome, and whose it is.
    async fn next(&mut self) -> (Runner<Rep, T>, Result<Rep, Failure>) {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(Runner<Rep, T>, Result<Rep, Failure>)> {
        for index in 0..self.0.len() {
            if let Poll::Ready(outcome) = self.0[index].outcome.as_mut().poll(cx) {
                return Poll::Ready((self.0.remove(index), outcome));
            }
        }
        Poll::Pending
    }
}

/// A call on its way to a second attempt, or a third.
struct Course<Req> {
    copy: Req,
    scope: Scope,
    began: Offset,
    due: Offset,
    wait: std::time::Duration,
    left: u32,
}

impl<S, T: Time> HedgeLayer<S, T> {
    pub(crate) fn new(settings: &PolicySettings, purse: &Purse<T>, around: &Around<T>, inner: S) -> Self {
        let shared = settings.hedge.budget == HedgeBudget::Shared;
        Self {
            inner,
            rule: Mutex::new(Hedge::new(&settings.hedge)),
            retry_on: settings.retry.retry_on.clone(),
            first_ordinal: settings.retry.max_attempts.saturating_add(1),
            cancel: settings.hedge.cancel,
            purse: shared.then(|| purse.clone()),
            around: around.clone(),
        }
    }

    fn is_good<Rep: Reply>(&self, outcome: &Result<Rep, Failure>) -> bool {
        outcome.as_ref().is_ok_and(|reply| !self.retry_on.contains(&RetryOn::Status(reply.status())))
    }

    /// What an extra attempt is worth to the budget.
    fn worth<Rep: Reply>(&self, outcome: &Result<Rep, Failure>) -> Worth {
        let reason = match outcome {
            Ok(reply) if reply.is_success() => return Worth::Success,
            Ok(reply) => Some(RetryOn::Status(reply.status())),
            Err(failure) => failure.retry_reason(),
        };
        if reason.is_some_and(|reason| self.retry_on.contains(&reason)) {
            Worth::Failure
        } else {
            Worth::Neither
        }
    }

    /// The first try took this long, or lost after this long.
    fn first_took(&self, began: Offset) {
        let now = self.around.time.now();
        lock(&self.rule).took(now, now.since(began));
    }

    /// Lets go of those that lost.
    fn leave<Rep: Reply>(&self, race: Race<Rep, T>, began: Offset) {
        if race.0.iter().any(|runner| runner.is_first) {
            self.first_took(began);
        }
        if self.cancel {
            return;
        }
        for runner in race.0 {
            self.around.detach.detach(Box::pin(async move {
                let _kept_until_it_is_over = runner.expense;
                if let Ok(reply) = runner.outcome.await {
                    reply.drain().await;
                }
            }));
        }
    }
}

impl<S, T: Time> HedgeLayer<S, T> {
    /// Sends an extra attempt, if it can be paid for.
    fn extra<Req: Replay>(&self, course: &mut Course<Req>) -> Option<Runner<S::Response, T>>
    where
        S: Below<Req>,
    {
        course.left -= 1;
        course.due += course.wait;
        let mut expense = None;
        if let Some(purse) = &self.purse {
            let mut paid = purse.extra(RetryOn::Timeout.into())?;
            paid.sent();
            expense = Some(paid);
        }
        let next = course.copy.replay()?;
        let mut req = std::mem::replace(&mut course.copy, next);
        req.set_scope(course.scope);
        let event = PolicyEvent::Hedged { ordinal: course.scope.ordinal };
        self.around.listener.on(self.around.time.now(), event);
        course.scope.ordinal = course.scope.ordinal.saturating_add(1);
        let outcome = Box::pin(self.inner.clone().oneshot(req));
        Some(Runner { is_first: false, outcome, expense })
    }

    /// How a call begins that may have extra attempts; none for another.
    fn course<Req: Replay>(&self, req: &Req) -> Option<Course<Req>> {
        let left = lock(&self.rule).extras(req.method(), req.is_keyed());
        let copy = if left > 0 { req.replay()? } else { return None };
        let began = self.around.time.now();
        let wait = lock(&self.rule).wait(began);
        let scope = Scope { ordinal: self.first_ordinal, extra: true, ..req.scope() };
        Some(Course { copy, scope, began, due: began + wait, wait, left })
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for HedgeLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let course = self.course(&req);
        let first = self.inner.clone().oneshot(req);
        let Some(mut course) = course else { return first.await };
        let first = Runner { is_first: true, outcome: Box::pin(first), expense: None };
        let mut race = Race(vec![first]);
        let mut stands = None;
        loop {
            let due = sleep_until(&self.around.time, course.due);
            let (runner, outcome) = tokio::select! {
                biased;
                ended = race.next() => ended,
                () = due, if course.left > 0 => {
                    race.0.extend(self.extra(&mut course));
                    continue;
                }
            };
            if let Some(expense) = runner.expense {
                expense.settle(self.worth(&outcome));
            }
            if self.is_good(&outcome) {
                if runner.is_first {
                    self.first_took(course.began);
                }
                self.leave(race, course.began);
                return outcome;
            }
            if runner.is_first {
                (stands, course.left) = (Some(outcome), 0);
            }
            if race.0.is_empty()
                && let Some(outcome) = stands
            {
                return outcome;
            }
        }
    }
}
