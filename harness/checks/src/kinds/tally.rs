//! `tally`: how many there were, and when the last of them was over, each held against a range.
//!
//! The published results that a harness must reproduce are counts (35 retries, 64 attempts, the fifty-first success), and
//! a share with an interval can only be near a count. What is counted stands in the recording, so the number is exact and
//! the verdict an invariant: nothing is estimated, and one over the range is over it.
//!
//! | counted | what one is | where it belongs | where it ends |
//! |---|---|---|---|
//! | `calls` of a client | a call, whatever became of it | its planned time | when its client had done with it |
//! | `calls` of an edge | a call with at least one attempt there | the arrival of its first attempt | the end of its last |
//! | `attempts`, `retries` | an attempt; one after the first of its call | the arrival of its call's first attempt | its own end |
//! | `rejected` | a call that was sent and of which no attempt arrived | its planned time | as of a client |
//!
//! With `by = "end"` it belongs where it ends. The calls of all clients whose way leads over the edge count as sent over
//! it, so `rejected` says nothing useful where a gateway shares its calls out among several targets. What a call's status,
//! outcome and method are is that of its first attempt at an edge, and of its answer for a client.
//!
//! Two bounds are two observations. Where the run was cut off, only too many can be told.

use std::time::Duration;

use upstorm_model::plan::Subject;
use upstorm_model::recording::{Attempt, Call, CallId, End, Method, Outcome};
use upstorm_model::scenario::{CheckKind, Counted, Tally, TallyBy, TallyOutcome, TallyPer};
use upstorm_model::verdict::{
    Bound, BoundSource, Doubt, Exhibit, Measure, Observation, Relation, Unit, Verdict,
};
use upstorm_model::{HostId, Offset};

use crate::evidence::{CallTries, Edge, Grouping};
use crate::reading::{at_least, at_most};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "tally",
    title: "numbers",
    summary: "how many calls, attempts, retries or rejections there were, or when the last was over, within a range",
    measures: &[Measure::Tally, Measure::TallyLast, Measure::TallyReached],
    always_on: false,
    observe,
};

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let Some(CheckKind::Tally(asked)) = &case.check.kind else { return Vec::new() };
    let count = Count::new(case, asked);
    let counted = match (&case.check.of, case.edge()) {
        (Subject::Client(client), _) => count.of_client(*client),
        (_, Some(edge)) => count.of_edge(edge),
        _ => return Vec::new(),
    };
    let numbers = [asked.min.map(floor), asked.max.map(ceiling)].into_iter().flatten();
    let times = [
        asked.last_after.map(|t| floor(t.as_secs_f64())),
        asked.last_within.map(|t| ceiling(t.as_secs_f64())),
    ];
    let numbers = numbers.map(|bound| counted.number(&count, bound));
    let reached = [
        asked.reach_after.map(|t| floor(t.as_secs_f64())),
        asked.reach_within.map(|t| ceiling(t.as_secs_f64())),
    ];
    let reached = reached.into_iter().flatten().map(|bound| counted.reached(&count, bound));
    numbers
        .chain(times.into_iter().flatten().map(|bound| counted.last(&count, bound)))
        .chain(reached)
        .collect()
}

const fn floor(value: f64) -> Bound {
    at_least(value, BoundSource::Scenario)
}

const fn ceiling(value: f64) -> Bound {
    at_most(value, BoundSource::Scenario)
}

const SECOND: Duration = Duration::from_secs(1);

/// One that was counted.
#[derive(Debug, Clone, Copy)]
struct One {
    at: Offset,
    call: Option<CallId>,
    /// When it ended; none if it was still going on when the run was over.
    end: Option<Offset>,
}

impl One {
    const fn moment(&self, by: TallyBy) -> Option<Offset> {
        match by {
            TallyBy::Start => Some(self.at),
            TallyBy::End => self.end,
        }
    }
}

/// What was counted.
#[derive(Debug, Default)]
struct Counting {
    all: Vec<One>,
    /// The calls looked at, whatever was counted of them.
    looked_at: u64,
    /// The calls that `per = "call"` divides by.
    calls: u64,
    doubt: Option<Doubt>,
}

/// What is asked, and when.
struct Count<'c, 'a> {
    case: &'c Case<'a>,
    asked: &'c Tally,
    method: Option<Method>,
}

impl<'c, 'a> Count<'c, 'a> {
    fn new(case: &'c Case<'a>, asked: &'c Tally) -> Self {
        Self { case, asked, method: asked.method.as_deref().map(Method::of) }
    }

    /// Whether what began and ended then lies within the stretches looked at.
    fn is_within(&self, begun: Offset, ended: Offset) -> bool {
        let at = match self.asked.by {
            TallyBy::Start => begun,
            TallyBy::End => ended,
        };
        self.case.period.contains(at)
    }

    fn of_client(&self, client: HostId) -> Counting {
        let calls =
            self.case.evidence.calls_of(client).filter(|call| self.is_within(call.planned, call.done));
        let (mut all, mut looked_at) = (Vec::new(), 0);
        for call in calls {
            looked_at += 1;
            all.extend(self.wants_call(call).then(|| whole(call)));
        }
        Counting { all, looked_at, calls: looked_at, doubt: None }
    }

    fn of_edge(&self, edge: &Edge<'a>) -> Counting {
        let mut counting = match self.asked.count {
            Counted::Rejected => self.rejected(edge),
            _ => self.arrived(edge),
        };
        let needs_calls = self.asked.count != Counted::Attempts || self.asked.per == Some(TallyPer::Call);
        counting.doubt = counting.doubt.or(edge.doubt().filter(|_| needs_calls));
        counting
    }

    /// Calls that were sent over the edge and of which nothing arrived.
    fn rejected(&self, edge: &Edge<'a>) -> Counting {
        let (mut all, mut calls) = (Vec::new(), 0);
        for call in self.sent_over(edge) {
            calls += 1;
            let is_one = edge.attempts_of(call.id) == 0 && self.wants_outcome(outcome_of_call(call.outcome));
            all.extend(is_one.then(|| whole(call)));
        }
        let by_other_keys = !edge.is_empty() && edge.grouping() != Grouping::ByCallId;
        Counting { all, looked_at: calls, calls, doubt: by_other_keys.then_some(Doubt::Ambiguous) }
    }

    fn arrived(&self, edge: &Edge<'a>) -> Counting {
        let mut counting = Counting::default();
        for call in edge.calls() {
            let (head, end) = (call.first().head, last_end(call));
            counting.calls += u64::from(self.is_within(head, end));
            if self.asked.count == Counted::Calls {
                let is_one = self.is_within(head, end) && self.wants(call.first());
                let one = One { end: ended(call.all(), end), ..of_attempt(call.first()) };
                counting.all.extend(is_one.then_some(one));
                continue;
            }
            let tries = call.all().skip(usize::from(self.asked.count == Counted::Retries));
            let wanted = tries.filter(|a| self.is_within(head, a.end) && self.wants(a));
            counting.all.extend(wanted.map(of_attempt));
        }
        counting.looked_at = counting.calls.max(self.sent_over(edge).count() as u64);
        counting
    }

    /// The calls that were sent and whose way leads over an edge.
    fn sent_over(&self, edge: &Edge<'a>) -> impl Iterator<Item = &'a Call> {
        let clients = self.case.evidence.clients_over((edge.hop.0, &edge.hop.1));
        let sent = move |call: &&Call| clients.contains(&call.id.client()) && call.outcome != Outcome::Shed;
        let calls = self.case.evidence.recording.calls.iter().filter(sent);
        calls.filter(|call| self.is_within(call.planned, call.done))
    }

    fn wants_call(&self, call: &Call) -> bool {
        let status = match call.outcome {
            Outcome::Answered(status) => Some(status),
            _ => None,
        };
        self.asked.status.is_none_or(|asked| status == Some(asked))
            && self.wants_outcome(outcome_of_call(call.outcome))
    }

    fn wants(&self, attempt: &Attempt) -> bool {
        self.method.is_none_or(|asked| attempt.keys.method == asked)
            && self.asked.status.is_none_or(|asked| attempt.status == Some(asked))
            && self.wants_outcome(outcome_of_attempt(attempt))
    }

    fn wants_outcome(&self, outcome: TallyOutcome) -> bool {
        self.asked.outcome.is_none_or(|asked| asked == outcome)
    }

    /// What is counted, in words.
    fn words(&self) -> String {
        let outcome = self.asked.outcome.map(|outcome| match outcome {
            TallyOutcome::Success => "successful",
            TallyOutcome::Throttled => "throttled",
            TallyOutcome::Error => "failed",
        });
        let noun = match self.asked.count {
            Counted::Calls => "calls",
            Counted::Attempts => "attempts",
            Counted::Retries => "retries",
            Counted::Rejected => "rejected calls",
        };
        let mut words: Vec<&str> = outcome.into_iter().chain(self.asked.method.as_deref()).collect();
        words.push(noun);
        let status = self.asked.status.map(|status| format!("answered {status}"));
        words.extend(status.as_deref());
        words.extend((self.asked.by == TallyBy::End).then_some("that ended"));
        words.join(" ")
    }
}

impl Counting {
    /// How many there were, against one bound.
    fn number(&self, count: &Count<'_, '_>, bound: Bound) -> Observation {
        let case = count.case;
        let stretches = case.period.settled(case.plan().end, Duration::ZERO);
        let seconds: f64 = stretches.iter().map(|(from, to)| to.since(*from).as_secs_f64()).sum();
        let (whole, unit, per) = match count.asked.per {
            None => (1.0, Unit::Count, ""),
            Some(TallyPer::Call) => (self.calls as f64, Unit::Number, " per call"),
            Some(TallyPer::Second) => (seconds, Unit::Number, " per second"),
        };
        let value = self.all.len() as f64 / whole;
        // In all, too many stay too many whatever was still to come.
        let is_sure = count.asked.per.is_none() && bound.relation == Relation::AtMost && value > bound.value;
        let n = if count.asked.per == Some(TallyPer::Call) { self.calls } else { self.looked_at };
        let exhibit = if count.asked.per.is_none() { self.one_too_many(bound) } else { None };
        let reading = Reading::of(Measure::Tally, unit, n)
            .part(count.words() + per)
            .value(Some(value))
            .doubted(self.doubt)
            .doubted(cut_off(case).filter(|_| !is_sure))
            .exhibits(exhibit.into_iter().collect());
        case.judge(reading, bound)
    }

    /// The first that was too many, where the bound is on how many there are in all.
    fn one_too_many(&self, bound: Bound) -> Option<Exhibit> {
        let allowed = bound.value as usize;
        let is_over = bound.relation == Relation::AtMost && self.all.len() as f64 > bound.value;
        let mut order: Vec<&One> = if is_over { self.all.iter().collect() } else { Vec::new() };
        order.sort_by_key(|one| (one.at, one.call));
        order.get(allowed).map(|one| Exhibit { at: one.at, call: one.call, value: (allowed + 1) as f64 })
    }

    /// When there were first enough of them in a second, against one bound.
    fn reached(&self, count: &Count<'_, '_>, bound: Bound) -> Observation {
        let case = count.case;
        let mut moments: Vec<Offset> = self.all.iter().filter_map(|one| one.moment(count.asked.by)).collect();
        moments.sort_unstable();
        let enough = |second: &Offset| {
            let until = |end: Offset| moments.partition_point(|at| *at < end);
            (until(*second + SECOND) - until(*second)) as f64 >= count.asked.reach.unwrap_or(0.0)
        };
        let seconds = whole_seconds(case);
        let start = seconds.first().copied().unwrap_or_default();
        let first = seconds.iter().copied().find(|second| enough(second));
        let value = first.map(|at| at.since(start).as_secs_f64());
        // Where it was never reached, it will have been so later than all that was looked at.
        let looked = seconds.last().map_or(0.0, |at| (*at + SECOND).since(start).as_secs_f64());
        let verdict = within(value.unwrap_or(looked), bound);
        let may_come = value.is_none()
            && (looked < bound.value || bound.relation == Relation::AtLeast && cut_off(case).is_some());
        let exhibit = first.map(|at| Exhibit { at, call: None, value: at.since(start).as_secs_f64() });
        let reading = Reading::of(Measure::TallyReached, Unit::Seconds, self.looked_at)
            .part(count.words())
            .value(value)
            .ruled(verdict)
            .doubted(self.doubt)
            .doubted(may_come.then_some(Doubt::RunEnded))
            .exhibits(exhibit.into_iter().collect());
        case.judge(reading, bound)
    }

    /// When the last of them was over, against one bound.
    fn last(&self, count: &Count<'_, '_>, bound: Bound) -> Observation {
        let case = count.case;
        let start = case.period.spans().first().map_or(Offset::ZERO, |(start, _)| *start);
        let last = self.all.iter().filter_map(|one| Some((one.end?, one.call))).max();
        let goes_on = self.all.iter().any(|one| one.end.is_none());
        // Where there is none of them, the last one was over before anything began.
        let value = last.map_or(Duration::ZERO, |(end, _)| end.since(start)).as_secs_f64();
        // What is still open can only end later.
        let is_sure = match bound.relation {
            Relation::AtMost => value > bound.value,
            Relation::AtLeast => value >= bound.value,
        };
        let exhibit = last.map(|(at, call)| Exhibit { at, call, value });
        let open = goes_on.then_some(Doubt::RunEnded).filter(|_| !is_sure);
        let reading = Reading::of(Measure::TallyLast, Unit::Seconds, self.looked_at)
            .part(count.words())
            .value(Some(value))
            .ruled(within(value, bound))
            .doubted(self.doubt)
            .doubted(open.or_else(|| cut_off(case).filter(|_| !is_sure)))
            .exhibits(exhibit.into_iter().collect());
        case.judge(reading, bound)
    }
}

/// Seconds from the start of a period, as far as they lie in it.
fn whole_seconds(case: &Case<'_>) -> Vec<Offset> {
    let spans = case.period.settled(case.plan().end, Duration::ZERO);
    let Some((start, _)) = spans.first() else { return Vec::new() };
    let seconds = |(from, to): &(Offset, Offset)| {
        let first = from.since(*start).as_nanos().div_ceil(SECOND.as_nanos());
        let end = to.since(*start).as_nanos() / SECOND.as_nanos();
        first..end
    };
    let seconds = spans.iter().flat_map(seconds).filter_map(|second| u32::try_from(second).ok());
    seconds.map(|second| *start + SECOND * second).collect()
}

fn within(value: f64, bound: Bound) -> Verdict {
    let holds = match bound.relation {
        Relation::AtMost => value <= bound.value,
        Relation::AtLeast => value >= bound.value,
    };
    if holds { Verdict::Held } else { Verdict::Failed }
}

/// Whether more was to come when the run was given up.
fn cut_off(case: &Case<'_>) -> Option<Doubt> {
    case.evidence.recording.partial.then_some(Doubt::CutOff)
}

fn whole(call: &Call) -> One {
    let end = (call.outcome != Outcome::Censored).then_some(call.done);
    One { at: call.planned, call: Some(call.id), end }
}

fn of_attempt(attempt: &Attempt) -> One {
    let end = (attempt.ended != End::Unfinished).then_some(attempt.end);
    One { at: attempt.head, call: attempt.keys.call, end }
}

fn last_end(call: CallTries<'_, '_>) -> Offset {
    call.all().map(|a| a.end).max().unwrap_or_default()
}

/// When the last of some attempts ended, if all of them did.
fn ended<'a>(mut attempts: impl Iterator<Item = &'a Attempt>, last: Offset) -> Option<Offset> {
    attempts.all(|a| a.ended != End::Unfinished).then_some(last)
}

fn outcome_of_call(outcome: Outcome) -> TallyOutcome {
    match outcome {
        _ if outcome.is_success() => TallyOutcome::Success,
        _ if outcome.is_throttled() => TallyOutcome::Throttled,
        _ => TallyOutcome::Error,
    }
}

fn outcome_of_attempt(attempt: &Attempt) -> TallyOutcome {
    match attempt.status {
        Some(429) if attempt.ended == End::Completed => TallyOutcome::Throttled,
        _ if crate::evidence::succeeded(attempt) => TallyOutcome::Success,
        _ => TallyOutcome::Error,
    }
}
