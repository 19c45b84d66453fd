//! `limit`: whether a gateway or client kept its own rate limit and bulkhead, and used them.
//!
//! A limit that lets too much through protects nobody; one that lets too little through is an outage of its own. Calls
//! count, not attempts: a limit stands before the retries. Which calls were let through is seen from the attempts they
//! made; what was asked, from the callers.
//!
//! - Rate: in every window of length t at most rate · t + burst calls are let through (the token bucket's invariant), one
//!   for a race and 5 ms of the rate for the way beside. Counted both by when calls were sent and by when their first
//!   attempts arrived, and the smaller excess is judged: what a partition or a full pool held back arrives together
//!   though it was let in apart.
//! - At once: never more than `concurrent` calls between their first attempt's arrival and the end of their last, or of
//!   the call where that came first; one for a race.
//! - Use: while more was asked than a token bucket grants (the limiter of the reference, run again over what was asked),
//!   at least 90 % of what it grants was let through: of the calls of those seconds that were not turned away with a 429.
//!   Only where nobody else's limit stands before this one.
//!
//! Each is judged over what it was there for: the calls it had to turn away. A limit that nobody reached was not tested:
//! that is Inconclusive, or left out where the other one was and the check names neither. Calls belong to a phase by
//! their planned time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use upstorm_model::policy::Limits;
use upstorm_model::recording::{Call, CallId, Outcome};
use upstorm_model::scenario::{CheckKind, LimitCheck};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset, Rate};
use upstorm_policy::Limiter;

use crate::evidence::{ByCall, Edge, Grouping};
use crate::reading::{at_least, at_most};
use crate::statistics::{lower, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "limit",
    title: "own limits",
    summary: "whether the sender of an edge kept its own rate limit and bulkhead, and let through what they have room for",
    measures: &[Measure::CallsOverRate, Measure::CallsOverConcurrency, Measure::LimitUse],
    always_on: false,
    observe,
};

/// How much closer together calls may arrive than they were let through, in seconds.
const ON_THE_WAY: f64 = 0.005;
/// A call more than allowed may be a race.
const RACE: f64 = 1.0;
/// The share of what a bucket grants that must be let through.
const USED: f64 = 0.9;
/// Fewer calls do not show how a limit is used.
const LEAST: u64 = 30;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Limit(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let own = case.plan().policy_of(edge.hop.0).map(|p| p.limits.clone()).unwrap_or_default();
    let named = asked.rate.is_some() || asked.burst.is_some() || asked.concurrent.is_some();
    let rate =
        asked.rate.or(own.rate).filter(|_| !named || asked.concurrent.is_none() || asked.rate.is_some());
    let most = asked.concurrent.or(own.max_requests.filter(|_| !named));
    let view = View::new(case, edge, named);
    let rated = rate.map_or_else(Vec::new, |rate| view.rate(bucket(asked, &own, rate)));
    let crowded = most.map(|most| view.concurrency(most));
    let mut all: Vec<Observation> = rated.into_iter().chain(crowded).collect();
    if !named && all.iter().any(|o| o.n > 0) {
        all.retain(|o| o.n > 0);
    }
    all
}

/// The bucket it is held against. A rate of the check's own with no burst has the burst that such a rate has by default.
fn bucket(asked: &LimitCheck, own: &Limits, rate: Rate) -> Limits {
    let same = asked.rate.is_none_or(|asked| Some(asked) == own.rate);
    let limits =
        Limits { rate: Some(rate), burst: asked.burst.or(own.burst.filter(|_| same)), ..Limits::default() };
    Limits { burst: Some(limits.effective_burst()), ..limits }
}

/// A call that was asked, and what became of it here.
struct Asked<'a> {
    call: &'a Call,
    /// Whether it made an attempt.
    seen: bool,
    judged: bool,
}

/// A call that was let through.
#[derive(Debug, Clone, Copy)]
struct Through {
    /// When its first attempt arrived.
    at: Offset,
    call: CallId,
    /// When its last one ended, or the call where that came first.
    over: Offset,
    judged: bool,
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    edge: &'c Edge<'a>,
    asked: Vec<Asked<'a>>,
    /// Those that were let through, by their arrival.
    through: Vec<Through>,
    source: BoundSource,
}

impl<'c, 'a> View<'c, 'a> {
    fn new(case: &'c Case<'a>, edge: &'c Edge<'a>, named: bool) -> Self {
        let seen = edge.calls().filter_map(|tries| {
            let last = tries.all().map(|a| a.end).max().unwrap_or(tries.first().end);
            Some((tries.first().keys.call?, (tries.first().head, last)))
        });
        let seen = ByCall::of(seen.collect());
        let calls = edge.sent().in_order();
        let (mut asked, mut through) = (Vec::with_capacity(calls.len()), Vec::with_capacity(calls.len()));
        for call in calls {
            let (seen, judged) = (seen.get(call.id), case.period.contains(call.planned));
            let passed =
                seen.map(|(at, last)| Through { at, call: call.id, over: last.min(call.done), judged });
            through.extend(passed);
            asked.push(Asked { call, seen: seen.is_some(), judged });
        }
        through.sort_by_key(|t| (t.at, t.call));
        let source = if named { BoundSource::Scenario } else { BoundSource::Settings };
        Self { case, edge, asked, through, source }
    }

    /// Only our own call id tells which calls made no attempt.
    fn doubt(&self) -> Option<Doubt> {
        (!self.edge.is_empty() && self.edge.grouping() != Grouping::ByCallId).then_some(Doubt::Ambiguous)
    }

    fn rate(&self, bucket: Limits) -> Vec<Observation> {
        let (rate, burst) = (bucket.rate.map_or(0.0, Rate::get), f64::from(bucket.effective_burst()));
        let granted = self.granted(&bucket);
        let turned_away = granted.iter().zip(&self.asked).filter(|(g, a)| !**g && a.judged).count() as u64;
        let by_sent = self.asked.iter().filter(|a| a.seen).map(|a| (a.call.sent, a.judged, a.call.id));
        let by_head = self.through.iter().map(|t| (t.at, t.judged, t.call));
        let allowed = burst + RACE + rate * ON_THE_WAY;
        let (sent, head) = (excess(by_sent, rate, allowed), excess(by_head, rate, allowed));
        let worst = if sent.0 <= head.0 { sent } else { head };
        let reading = Reading::of(Measure::CallsOverRate, Unit::Count, turned_away)
            .part(format!("{}/s, {burst} at once", rate))
            .value(Some(worst.0))
            .doubted(self.doubt())
            .exhibits(worst.1);
        let kept = self.case.judge(reading, at_most(0.0, self.source));
        std::iter::once(kept).chain(self.used(&granted)).collect()
    }

    /// Whether a bucket that is asked all of these calls grants each.
    fn granted(&self, bucket: &Limits) -> Vec<bool> {
        let mut limiter = Limiter::new(bucket);
        self.asked.iter().map(|a| limiter.take(a.call.sent).is_ok()).collect()
    }

    /// How much of what the bucket grants was let through, in the seconds in which it would turn somebody away.
    fn used(&self, granted: &[bool]) -> Option<Observation> {
        let second = |a: &Asked<'_>| a.call.sent.as_nanos() / 1_000_000_000;
        let judged = || self.asked.iter().zip(granted).filter(|(a, _)| a.judged);
        let mut seconds: Vec<u64> = judged().filter(|(_, g)| !**g).map(|(a, _)| second(a)).collect();
        seconds.dedup();
        if seconds.is_empty() || !self.is_first() {
            return None;
        }
        let crowded = || judged().filter(|(a, _)| seconds.binary_search(&second(a)).is_ok());
        let turned_away =
            |a: &Asked<'_>| !a.seen && matches!(a.call.outcome, Outcome::Answered(429) | Outcome::Rejected);
        let expected = crowded().filter(|(_, granted)| **granted).count();
        let passed = crowded().filter(|(a, _)| !turned_away(a)).count().min(expected);
        let (hits, n) = (passed as f64, expected as f64);
        let needless = crowded().filter(|(a, granted)| **granted && turned_away(a));
        let needless = needless.map(|(a, _)| Exhibit { at: a.call.sent, call: Some(a.call.id), value: 0.0 });
        let reading = Reading::of(Measure::LimitUse, Unit::Ratio, expected as u64)
            .value((n > 0.0).then(|| hits / n))
            .interval(lower(hits, n, 0.99), upper(hits, n, 0.99), 0.98)
            .ruled(if hits >= USED * n { Verdict::Held } else { Verdict::Failed })
            .needs(LEAST)
            .doubted(self.doubt())
            .exhibits(needless.collect());
        Some(self.case.judge(reading, at_least(USED, BoundSource::Rule)))
    }

    /// Whether calls come to this limit before any other: from their clients, or within them where nothing else of the
    /// client's own turns calls away.
    fn is_first(&self) -> bool {
        let (plan, from) = (self.case.plan(), self.edge.hop.0);
        let clients = self.case.evidence.clients_over((from, &self.edge.hop.1));
        let plain = |host: HostId| {
            plan.policy_of(host).is_none_or(|p| p.limits.rate.is_none() && p.limits.max_requests.is_none())
        };
        clients.iter().all(|client| *client == from || (plan.sends(*client, from) && plain(*client)))
    }

    fn concurrency(&self, most: u32) -> Observation {
        let (mut ends, mut worst, mut over) = (BinaryHeap::new(), 0.0_f64, Vec::new());
        for through in self.through.iter().filter(|t| t.at < t.over) {
            // Who leaves makes room for who comes at the same moment.
            while ends.peek().is_some_and(|Reverse(end)| *end <= through.at) {
                ends.pop();
            }
            ends.push(Reverse(through.over));
            let beyond = ends.len() as f64 - f64::from(most) - RACE;
            if through.judged && beyond > 0.0 {
                worst = worst.max(beyond);
                over.push(Exhibit { at: through.at, call: Some(through.call), value: beyond });
            }
        }
        over.sort_by(|a, b| b.value.total_cmp(&a.value));
        let reading = Reading::of(Measure::CallsOverConcurrency, Unit::Count, self.came_when_full(most))
            .part(format!("{most} at once"))
            .value(Some(worst))
            .doubted(self.doubt())
            .exhibits(over);
        self.case.judge(reading, at_most(0.0, self.source))
    }

    /// How many calls came while as many as may were already under way, by what their callers know.
    fn came_when_full(&self, most: u32) -> u64 {
        let mut ends = BinaryHeap::new();
        let mut full = 0;
        for asked in &self.asked {
            while ends.peek().is_some_and(|Reverse(done)| *done <= asked.call.sent) {
                ends.pop();
            }
            full += u64::from(asked.judged && ends.len() >= most as usize);
            if asked.seen {
                ends.push(Reverse(asked.call.done));
            }
        }
        full
    }
}

/// By how many the fullest window goes over what is allowed, and the calls that did, of these in order.
fn excess(
    through: impl Iterator<Item = (Offset, bool, CallId)>,
    rate: f64,
    allowed: f64,
) -> (f64, Vec<Exhibit>) {
    let (mut level, mut before, mut worst, mut over) = (0.0_f64, Offset::ZERO, 0.0_f64, Vec::new());
    for (at, judged, call) in through {
        // A bucket upside down: its level is the most that any window ending here holds beyond its share.
        level = (level - rate * at.since(before).as_secs_f64()).max(0.0) + 1.0;
        before = at;
        let beyond = (level - allowed).ceil();
        if judged && beyond > 0.0 {
            worst = worst.max(beyond);
            over.push(Exhibit { at, call: Some(call), value: beyond });
        }
    }
    over.sort_by(|a, b| b.value.total_cmp(&a.value));
    (worst, over)
}
