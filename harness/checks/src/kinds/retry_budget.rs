//! `retry_budget`: whether retries stayed within the budget in every window of one ttl.
//!
//! Retries multiply the load on an upstream that fails because of load; a budget bounds that (Finagle's RetryBudget;
//! Google SRE book, chapter 22). It may be spent in one burst, so it is judged over windows of one ttl, never by the
//! second: at each retry, R ≤ ratio·Q + min_per_sec·ttl + 1 + slack, with R retries and Q first attempts in the window.
//!
//! A retry counts when it was decided, at the end of the attempt before it, because its backoff would move it into
//! another window. First attempts that never arrived (refused, partitioned) still earned credit: calls that were let
//! through without an arrival count; retries that a partition held back until their caller was gone do not. Slack is two retries and a fiftieth for what is on its way and for budgets that
//! forget in steps. One window a little over is Inconclusive; Failed needs two disjoint windows, or half as much again.
//! Bounds come from the scenario, the subject's own budget, or `standard`'s 20 % + 10/s over 10 s where it has none. A
//! client-ratio of r is a window of r/(1 − r) and no minimum. The other kinds are no windows: their own machine is asked
//! for each retry (`retry_budget_replay.rs`), unless the scenario gives bounds.
//! Attempts belong to a phase by the first attempt of their call.

use std::time::Duration;

use upstorm_model::policy::{Budget, BudgetKind, Retry};
use upstorm_model::recording::CallId;
use upstorm_model::scenario::{CheckKind, RetryBudgetCheck};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{Offset, Ratio, TimeSpan};

use super::retry_budget_replay::replay;
use crate::evidence::{Answer, Edge, failed, offered, overtaken};
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "retry_budget",
    title: "retry budget",
    summary: "whether the retries of an edge stayed within ratio × first attempts + a minimum in every window of one ttl",
    measures: &[Measure::RetriesOverBudget],
    always_on: false,
    observe,
};

/// Retries over the allowance, as a factor, that need no second window.
const GROSS: f64 = 1.5;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::RetryBudget(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let retry = case.plan().policy_of(edge.hop.0).map(|p| &p.retry);
    if let Some(retry) = retry.filter(|retry| !written(asked) && !is_window(retry.budget.kind)) {
        return vec![replayed(case, edge, retry)];
    }
    let (budget, source) = budget(asked, retry.map(|retry| &retry.budget));
    let windows = violations(&Events::of(case, edge), &budget);
    let chances = chances(case, edge);
    let reading = Reading::of(Measure::RetriesOverBudget, Unit::Count, chances)
        .part(format!("{} + {}/s over {}", budget.ratio, budget.min_per_sec, budget.ttl))
        .value(Some(windows.most_over))
        .ruled(windows.verdict(budget.ttl.get()))
        .doubted(edge.doubt())
        .exhibits(windows.exhibits());
    vec![case.judge(reading, at_most(0.0, source))]
}

const fn written(asked: &RetryBudgetCheck) -> bool {
    asked.ratio.is_some() || asked.min_per_sec.is_some() || asked.ttl.is_some()
}

const fn is_window(kind: BudgetKind) -> bool {
    matches!(kind, BudgetKind::None | BudgetKind::RatioWindow | BudgetKind::ClientRatio)
}

/// Judged by the subject's own machine.
fn replayed(case: &Case<'_>, edge: &Edge<'_>, retry: &Retry) -> Observation {
    let found = replay(edge, retry, |first| case.period.contains(first.head));
    let reading = Reading::of(Measure::RetriesOverBudget, Unit::Count, chances(case, edge))
        .part(format!("{}, replayed", retry.budget.kind.word()))
        .value(Some(found.over()))
        .ruled(found.verdict())
        .doubted(edge.doubt())
        .exhibits(found.refused);
    case.judge(reading, at_most(0.0, BoundSource::Settings))
}

/// The budget it is held against.
fn budget(asked: &RetryBudgetCheck, own: Option<&Budget>) -> (Budget, BoundSource) {
    let own = own.filter(|b| b.kind != BudgetKind::None);
    let base = own.cloned().map(as_window).unwrap_or_default();
    let source = match own {
        _ if written(asked) => BoundSource::Scenario,
        Some(_) => BoundSource::Settings,
        None => BoundSource::Rule,
    };
    let or = |asked: Option<Ratio>| asked.unwrap_or(base.ratio);
    let budget = Budget {
        ratio: or(asked.ratio),
        min_per_sec: asked.min_per_sec.unwrap_or(base.min_per_sec),
        ttl: asked.ttl.unwrap_or(base.ttl).max(TimeSpan::from_millis(1)),
        ..base
    };
    (budget, source)
}

/// A share of all attempts, as a share of the first ones.
fn as_window(budget: Budget) -> Budget {
    if budget.kind != BudgetKind::ClientRatio {
        return budget;
    }
    let share = budget.ratio.get();
    Budget { ratio: Ratio::new(share / (1.0 - share).max(1e-9)), min_per_sec: 0.0, ..budget }
}

/// How many attempts failed and so might have been retried: without any, nothing was measured.
fn chances(case: &Case<'_>, edge: &Edge<'_>) -> u64 {
    let calls = edge.calls().filter(|c| case.period.contains(c.first().head));
    calls.flat_map(crate::evidence::CallTries::all).filter(|a| failed(a)).count() as u64
}

/// What pays into a budget and what draws from it, each in order.
struct Events {
    deposits: Vec<Offset>,
    retries: Vec<Decided>,
}

/// A retry that was decided at this time. `judged` where it lies in the period.
struct Decided {
    at: Offset,
    call: Option<CallId>,
    judged: bool,
}

impl Events {
    fn of(case: &Case<'_>, edge: &Edge<'_>) -> Self {
        let (mut deposits, mut retries) = (Vec::with_capacity(edge.len()), Vec::new());
        for call in edge.calls() {
            let judged = case.period.contains(call.first().head);
            deposits.push(call.first().head);
            let decided = call.pairs().filter(|(_, retry)| !overtaken(retry));
            retries.extend(decided.map(|(before, retry)| Decided {
                at: before.end.min(retry.head),
                call: retry.keys.call,
                judged,
            }));
        }
        let unseen = offered(case.evidence, edge).iter();
        deposits.extend(unseen.filter(|o| o.answer == Answer::Through && o.attempts == 0).map(|o| o.sent));
        deposits.sort();
        retries.sort_by_key(|retry| retry.at);
        Self { deposits, retries }
    }
}

/// Each retry that went over the allowance of its window, and by how many the worst did.
#[derive(Default)]
struct Windows {
    most_over: f64,
    gross: bool,
    over: Vec<Exhibit>,
}

fn violations(events: &Events, budget: &Budget) -> Windows {
    let ttl = budget.ttl.get();
    let always = budget.min_per_sec * ttl.as_secs_f64() + 1.0;
    let mut windows = Windows::default();
    let (mut paid, mut first) = (0..0, 0);
    for (index, retry) in events.retries.iter().enumerate() {
        let is_past = |at: Offset| at + ttl <= retry.at;
        // Deposits first, so that a retry decided in the same instant finds them.
        while events.deposits.get(paid.end).is_some_and(|at| *at <= retry.at) {
            paid.end += 1;
        }
        while paid.start < paid.end && is_past(events.deposits[paid.start]) {
            paid.start += 1;
        }
        while first < index && is_past(events.retries[first].at) {
            first += 1;
        }
        if retry.judged {
            let (retries, deposits) = ((index + 1 - first) as f64, paid.len() as f64);
            let allowance = (budget.ratio.get() * deposits + always) * 1.02 + 2.0;
            let over = retries - allowance;
            if over > 0.0 {
                windows.most_over = windows.most_over.max(over.ceil());
                windows.gross |= retries > GROSS * allowance;
                windows.over.push(Exhibit { at: retry.at, call: retry.call, value: over.ceil() });
            }
        }
    }
    windows
}

impl Windows {
    fn verdict(&self, ttl: Duration) -> Verdict {
        let (Some(first), Some(last)) = (self.over.first(), self.over.last()) else { return Verdict::Held };
        // The windows ending at these two retries share no moment.
        let disjoint = last.at.since(first.at) >= ttl;
        if disjoint || self.gross { Verdict::Failed } else { Verdict::Inconclusive }
    }

    fn exhibits(mut self) -> Vec<Exhibit> {
        self.over.sort_by(|a, b| b.value.total_cmp(&a.value));
        self.over
    }
}
