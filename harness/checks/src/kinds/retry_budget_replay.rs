//! Budgets that are no window: the retries of an edge against the budget's own machine.
//!
//! How many retries a bucket or a number of places allows depends on what became of every attempt before, so there is no
//! bound to write down. The machine is told what the upstream saw, in order, and asked for each retry; those that it
//! would have refused are over the budget. It errs on the subject's side: attempts that never arrived cost a bucket
//! nothing, and one that broke or was cut costs the less of a failure and a timeout.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{self, RetryOn};
use upstorm_model::recording::{Attempt, CallId};
use upstorm_model::verdict::{Exhibit, Verdict};
use upstorm_policy::{Budget, Cause, Permit, Worth};

use crate::evidence::{CallTries, Edge};

/// What the replay found.
#[derive(Debug, Default)]
pub(super) struct Replay {
    /// Retries that were asked for.
    retries: usize,
    /// Those that the machine would have refused.
    pub(super) refused: Vec<Exhibit>,
}

impl Replay {
    /// Retries over the budget, after a slack of two and a fiftieth for what is on its way.
    pub(super) fn over(&self) -> f64 {
        (self.refused.len() as f64 - self.slack()).max(0.0).ceil()
    }

    fn slack(&self) -> f64 {
        2.0 + self.retries as f64 / 50.0
    }

    /// Within the slack it holds; up to twice as much may still be chance.
    pub(super) fn verdict(&self) -> Verdict {
        match self.refused.len() as f64 {
            n if n <= self.slack() => Verdict::Held,
            n if n <= 2.0 * self.slack() => Verdict::Inconclusive,
            _ => Verdict::Failed,
        }
    }
}

/// An attempt as the budget hears of it.
#[derive(Debug, Clone, Copy)]
struct Try {
    /// For a retry: when it was decided on, and after what.
    decided: Option<(Offset, Cause)>,
    sent: Offset,
    over: Offset,
    worth: Worth,
    call: Option<CallId>,
    judged: bool,
}

/// What happens to a try, in the order in which a gateway does it where all is at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Over,
    Decided,
    Sent,
}

/// Replays an edge. `judged` says which calls count.
pub(super) fn replay(edge: &Edge<'_>, retry: &policy::Retry, judged: impl Fn(&Attempt) -> bool) -> Replay {
    let mut tries = Vec::with_capacity(edge.len());
    for call in edge.calls() {
        let judged = judged(call.first());
        tries.extend(of_call(call, retry).map(|t| Try { judged, ..t }));
    }
    run(&tries, &retry.budget)
}

fn of_call<'e>(call: CallTries<'e, '_>, retry: &'e policy::Retry) -> impl Iterator<Item = Try> + 'e {
    let before = std::iter::once(None).chain(call.all().map(Some));
    let tries: Vec<Try> = call
        .all()
        .zip(before)
        .map(|(attempt, before)| Try {
            decided: before.map(|b| (known(b).min(attempt.head), cause(b, &retry.budget))),
            sent: attempt.head,
            over: known(attempt),
            worth: worth(attempt, retry),
            call: attempt.keys.call,
            judged: false,
        })
        .collect();
    tries.into_iter()
}

/// When the subject knows what became of an attempt: with the head of its answer, and never before it was sent.
fn known(attempt: &Attempt) -> Offset {
    let answered = attempt.first_byte.unwrap_or(attempt.end);
    answered.max(attempt.head + Duration::from_nanos(1))
}

fn cause(before: &Attempt, budget: &policy::Budget) -> Cause {
    match before.status {
        Some(429) => Cause::Throttled,
        Some(_) => Cause::Failure,
        // Whether it broke or was cut cannot be told from here.
        None if budget.timeout_cost < budget.retry_cost => Cause::Timeout,
        None => Cause::Failure,
    }
}

fn worth(attempt: &Attempt, retry: &policy::Retry) -> Worth {
    match attempt.status {
        Some(status) if status < 500 && status != 429 => Worth::Success,
        Some(status) if !retry.retry_on.contains(&RetryOn::Status(status)) => Worth::Neither,
        _ => Worth::Failure,
    }
}

fn run(tries: &[Try], settings: &policy::Budget) -> Replay {
    let mut steps: Vec<(Offset, Step, usize)> = Vec::with_capacity(3 * tries.len());
    for (index, t) in tries.iter().enumerate() {
        steps.extend([(t.sent, Step::Sent, index), (t.over, Step::Over, index)]);
        steps.extend(t.decided.map(|(at, _)| (at, Step::Decided, index)));
    }
    steps.sort_unstable();
    let mut budget = Budget::new(settings);
    let mut permits: Vec<Option<Permit>> = tries.iter().map(|_| None).collect();
    let mut found = Replay::default();
    for (now, step, index) in steps {
        let (t, permit) = (&tries[index], &mut permits[index]);
        match (step, permit.as_mut(), t.decided) {
            (Step::Decided, _, Some((_, cause))) => {
                *permit = budget.withdraw(now, cause);
                found.retries += usize::from(t.judged);
                if permit.is_none() && t.judged {
                    found.refused.push(Exhibit { at: t.sent, call: t.call, value: 1.0 });
                }
            }
            (Step::Sent, Some(permit), _) => budget.sent(permit),
            // A retry that it would have refused is told to it as an attempt like any other.
            (Step::Sent, None, _) => budget.deposit(now),
            (Step::Over, ..) => budget.settle(now, permit.take(), t.worth),
            (Step::Decided, _, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::policy::{BudgetKind, Preset};

    /// A subject that asks its budget, or does not, with one call after the other of three attempts that all fail.
    fn subject(settings: &policy::Budget, obeys: bool) -> Vec<Try> {
        let mut budget = Budget::new(settings);
        let mut tries = Vec::new();
        for call in 0..200u64 {
            let begin = call * 100;
            let at = |k: u64| Offset::from_millis(begin + 10 * k);
            let mut permit = None;
            for k in 0..3 {
                let decided = (k > 0).then(|| (at(k), Cause::Failure));
                if k == 0 {
                    budget.deposit(at(0));
                } else {
                    permit = budget.withdraw(at(k), Cause::Failure);
                    match &mut permit {
                        Some(permit) => budget.sent(permit),
                        None if obeys => break,
                        None => budget.deposit(at(k)),
                    }
                }
                let worth = Worth::Failure;
                tries.push(Try { decided, sent: at(k), over: at(k + 1), worth, call: None, judged: true });
                budget.settle(at(k + 1), permit.take(), worth);
            }
        }
        tries
    }

    #[test]
    fn who_asks_its_budget_holds_and_who_does_not_fails() {
        for preset in ["grpc", "aws-2026", "sre", "finagle"] {
            let settings = Preset::named(preset).unwrap().settings().retry.budget;
            assert_ne!(settings.kind, BudgetKind::None);
            let sound = run(&subject(&settings, true), &settings);
            assert!(sound.retries > 0 && sound.refused.is_empty(), "{preset}");
            assert_eq!((sound.verdict(), sound.over()), (Verdict::Held, 0.0));
            let strict = policy::Budget { min_per_sec: 0.0, ..settings };
            let broken = run(&subject(&strict, false), &strict);
            assert_eq!(broken.verdict(), Verdict::Failed, "{preset}");
        }
    }

    /// Fifty calls fail together and all wait for their retry at once, where three may.
    #[test]
    fn waiting_retries_count_as_under_way() {
        let settings = Preset::named("envoy").unwrap().settings().retry.budget;
        let (start, failed, again) = (Offset::ZERO, Offset::from_millis(10), Offset::from_millis(30));
        let first =
            Try { decided: None, sent: start, over: failed, worth: Worth::Failure, call: None, judged: true };
        let retry = Try {
            decided: Some((failed, Cause::Failure)),
            sent: again,
            over: Offset::from_millis(40),
            ..first
        };
        let herd = |retries: usize| {
            let tries: Vec<Try> =
                std::iter::repeat_n(first, 50).chain(std::iter::repeat_n(retry, retries)).collect();
            run(&tries, &settings)
        };
        assert_eq!(herd(3).verdict(), Verdict::Held);
        assert_eq!(herd(50).refused.len(), 47);
        assert_eq!(herd(50).verdict(), Verdict::Failed);
    }
}
