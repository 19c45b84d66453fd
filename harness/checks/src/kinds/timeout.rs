//! `timeout`: whether attempts are given up when their time is over, and not before; and whether any outlives its call.
//!
//! A timeout that comes late holds a caller and a connection for every slow answer; one that gives up the waiting but not
//! the attempt lets the upstream work for nobody, just when it is slow (Google SRE book, chapter 22, "Latency and
//! deadlines"). The upstream sees when a caller leaves (FIN or RST). Invariants, with ε for links and machine
//! (`giving_up_slack.rs`): no attempt is open longer than `per_try` + ε; none is open when the next one of its call begins
//! a `per_try` after it (the constant gap of a timeout that does not cancel); none goes on for ε after its call was over;
//! and none is given up before `per_try` − ε by a subject whose call goes on.
//!
//! It takes attempts that last that long: where none did, nothing was measured. What a partition hides is left out: a FIN
//! that is on its way for seconds says nothing about who sent it. Early leaving is only counted where nothing else
//! explains it: no hedge, no deadline, no caller who had left before. Attempts belong to a phase by the first attempt of
//! their call.

use std::time::Duration;

use upstorm_model::plan::Target;
use upstorm_model::policy::HedgeKind;
use upstorm_model::recording::{Attempt, Call, End, Outcome};
use upstorm_model::scenario::CheckKind;
use upstorm_model::verdict::{Bound, BoundSource, Exhibit, Measure, Observation, Unit};
use upstorm_model::{HostId, Offset, Plan};

use super::giving_up_slack::Slack;
use crate::evidence::{CallTries, Edge, overtaken};
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "timeout",
    title: "timeout",
    summary: "whether attempts were given up when their time was over, and none outlived its call",
    measures: &[
        Measure::LongestAttempt,
        Measure::AbandonedAttempts,
        Measure::EarlyGivingUp,
        Measure::OutlivedCall,
    ],
    always_on: false,
    observe,
};

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(edge), Some(CheckKind::Timeout(asked))) = (case.edge(), &case.check.kind) else {
        return Vec::new();
    };
    let own = case.plan().policy_of(edge.hop.0).and_then(|p| p.deadline.per_try);
    let source = if asked.per_try.is_some() { BoundSource::Scenario } else { BoundSource::Settings };
    let Some(limit) = asked.per_try.or(own) else { return Vec::new() };
    let (slack, sent) = (Slack::of(case.evidence, edge), edge.sent());
    let mut watched = Watched::new(case.plan(), edge, limit.get(), slack);
    for tries in edge.calls().filter(|c| case.period.contains(c.first().head)) {
        let call = tries.first().keys.call.and_then(|id| sent.call(id));
        watched.add(tries, call);
    }
    let slack = watched.slack.attempt.as_secs_f64();
    let (longest, none) = (at_most(limit.as_secs_f64() + slack, source), at_most(0.0, BoundSource::Rule));
    let outlived = at_most(watched.slack.call.as_secs_f64(), BoundSource::Rule);
    let judged = |counted: Counted, (measure, unit): (Measure, Unit), bound: Bound| {
        let doubt = edge.doubt().filter(|_| measure != Measure::LongestAttempt);
        case.judge(counted.reading(measure, unit).doubted(doubt), bound)
    };
    let mut found = vec![judged(watched.longest, (Measure::LongestAttempt, Unit::Seconds), longest)];
    // Who never tries again after a timeout, or leaves nothing early, has no such attempts to be judged by.
    for (counted, measure) in
        [(watched.abandoned, Measure::AbandonedAttempts), (watched.early, Measure::EarlyGivingUp)]
    {
        found.extend((counted.n > 0).then(|| judged(counted, (measure, Unit::Count), none)));
    }
    found.push(judged(watched.outlived, (Measure::OutlivedCall, Unit::Seconds), outlived));
    found
}

/// Attempts that could have gone wrong in one way, and those that did or came nearest to it.
#[derive(Debug, Default)]
struct Counted {
    n: u64,
    /// Seconds: the longest. Otherwise, how many.
    value: f64,
    exhibits: Vec<Exhibit>,
}

impl Counted {
    /// One more of which the longest counts, in seconds.
    fn lasts(&mut self, attempt: &Attempt, seconds: f64) {
        self.n += 1;
        if self.exhibits.len() < 5 || seconds > self.value {
            self.exhibits.push(Exhibit { at: attempt.head, call: attempt.keys.call, value: seconds });
        }
        self.value = self.value.max(seconds);
    }

    /// One more that did wrong or not.
    fn counts(&mut self, attempt: &Attempt, wrong: Option<Duration>) {
        self.n += 1;
        if let Some(took) = wrong {
            self.value += 1.0;
            let value = took.as_secs_f64();
            self.exhibits.push(Exhibit { at: attempt.head, call: attempt.keys.call, value });
        }
    }

    fn reading(mut self, measure: Measure, unit: Unit) -> Reading {
        self.exhibits.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.at.cmp(&b.at)));
        if unit == Unit::Count {
            // Each stands for one; which it was is what it shows.
            self.exhibits.iter_mut().for_each(|exhibit| exhibit.value = 1.0);
        }
        Reading::of(measure, unit, self.n).value((self.n > 0).then_some(self.value)).exhibits(self.exhibits)
    }
}

/// What was seen of the attempts of an edge.
struct Watched {
    limit: Duration,
    slack: Slack,
    /// When links were cut.
    dark: Vec<(Offset, Offset)>,
    /// The deadline of the subject's calls, if it may leave by that.
    total: Option<Duration>,
    /// Whether only its own timeout makes the subject leave before its caller does.
    alone: bool,
    longest: Counted,
    abandoned: Counted,
    early: Counted,
    outlived: Counted,
}

impl Watched {
    fn new(plan: &Plan, edge: &Edge<'_>, limit: Duration, slack: Slack) -> Self {
        let own = plan.policy_of(edge.hop.0);
        let cut = plan.segments.iter().filter(|s| !s.partitions.is_empty());
        let hedges = own.is_some_and(|p| p.hedge.kind != HedgeKind::Off);
        Self {
            limit,
            slack,
            dark: cut.map(|s| (s.start, s.end)).collect(),
            total: own.and_then(|p| p.deadline.total).map(upstorm_model::TimeSpan::get),
            alone: !hedges && before(plan, edge.hop.0).iter().all(|host| patient(plan, *host)),
            longest: Counted::default(),
            abandoned: Counted::default(),
            early: Counted::default(),
            outlived: Counted::default(),
        }
    }

    fn add(&mut self, tries: CallTries<'_, '_>, call: Option<&Call>) {
        let dark = |a: &Attempt| self.dark.iter().any(|(from, to)| a.head < *to && *from <= a.end);
        let all: Vec<&Attempt> = tries.all().collect();
        if all.iter().any(|a| dark(a) || overtaken(a)) {
            return;
        }
        for (index, attempt) in all.iter().enumerate() {
            let (lasted, next) = (attempt.end.since(attempt.head), all.get(index + 1));
            if lasted + self.slack.attempt >= self.limit {
                self.longest.lasts(attempt, lasted.as_secs_f64());
                if let Some(next) = next {
                    self.follow(attempt, next);
                }
            }
            if let Some(call) = call {
                self.leave(attempt, call, &all);
                self.outlive(attempt, call);
            }
        }
    }

    /// An attempt whose time was over, and the next one.
    fn follow(&mut self, attempt: &Attempt, next: &Attempt) {
        let gap = next.head.since(attempt.head);
        if gap + self.slack.attempt >= self.limit {
            let open = attempt.end > next.head + self.slack.attempt;
            self.abandoned.counts(attempt, open.then_some(gap));
        }
    }

    /// An attempt that its caller left: whether that was too soon. When it was begun is not known; it was not before the
    /// call was sent, nor before the attempt before it had ended.
    fn leave(&mut self, attempt: &Attempt, call: &Call, all: &[&Attempt]) {
        let left = matches!(attempt.ended, End::CallerLeft | End::CallerReset);
        let goes_on = matches!(call.outcome, Outcome::Answered(_)) && !self.is_over(attempt, call);
        if !left || !goes_on || !self.alone || all.iter().any(|a| overlap(a, attempt)) {
            return;
        }
        let earlier = all.iter().map(|a| a.end).filter(|end| *end <= attempt.head).max();
        let begun = earlier.map_or(call.sent, |end| end.max(call.sent));
        let waited = attempt.end.since(begun);
        let soon = waited + self.slack.attempt < self.limit;
        self.early.counts(attempt, soon.then_some(waited));
    }

    /// Whether the call's own deadline had come when an attempt ended.
    fn is_over(&self, attempt: &Attempt, call: &Call) -> bool {
        let age = attempt.end.since(call.sent) + self.slack.attempt;
        self.total.is_some_and(|total| age >= total)
    }

    fn outlive(&mut self, attempt: &Attempt, call: &Call) {
        if matches!(call.outcome, Outcome::Censored | Outcome::Shed) {
            return;
        }
        let after = attempt.end.since(call.done);
        let left = matches!(attempt.ended, End::CallerLeft | End::CallerReset);
        if left || after > self.slack.call {
            self.outlived.lasts(attempt, after.as_secs_f64());
        }
    }
}

/// Two attempts that were open at once, each being another: one of them may have been given up for the other.
fn overlap(a: &Attempt, b: &Attempt) -> bool {
    !std::ptr::eq(a, b) && a.head < b.end && b.head < a.end
}

/// The hosts that calls pass before they come to this one.
fn before(plan: &Plan, host: HostId) -> Vec<HostId> {
    let senders = plan.hosts.iter().zip(0..).map(|(_, index)| HostId(index)).filter(|from| *from != host);
    let mut found: Vec<HostId> = Vec::new();
    let mut here = vec![host];
    while let Some(to) = here.pop() {
        let sends =
            |from: &HostId| plan.targets_of(*from).iter().flat_map(Target::everybody).any(|t| t == to);
        let new: Vec<HostId> = senders.clone().filter(|from| sends(from) && !found.contains(from)).collect();
        found.extend(&new);
        here.extend(new);
    }
    found
}

/// Whether a host waits for an answer as long as its caller does.
fn patient(plan: &Plan, host: HostId) -> bool {
    let hasty = |p: &upstorm_model::policy::PolicySettings| {
        p.deadline.per_try.is_some() || p.deadline.total.is_some() || p.hedge.kind != HedgeKind::Off
    };
    !plan.policy_of(host).is_some_and(hasty)
}
