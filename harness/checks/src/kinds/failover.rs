//! `failover`: whether calls went elsewhere while their upstream was down, were served there, and came back.
//!
//! A second region is worth its price only if calls reach it in time, and only in need: one that is also used in peace
//! is no reserve, and one that traffic never leaves again is the next single point of failure. Seen from what arrives at
//! either upstream; `during` names the phase of the trouble.
//!
//! - Failed over: from the start of the first phase looked at until the first attempt at `to` that succeeds.
//! - Served meanwhile: of the calls planned from `within` after its start to its end, the share that succeeded; at least
//!   `served` (90 %).
//! - Failed back: from its end until twenty calls in a row make their attempts at the first upstream only.
//! - Strays: of the calls that arrive while the first upstream is well, `back_within` after any trouble, at most 1 % make
//!   an attempt at `to`.

use upstorm_model::plan::{Plan, Subject};
use upstorm_model::recording::{Attempt, Call, CallId};
use upstorm_model::scenario::{CheckKind, FailoverCheck};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset, Ratio};

use crate::evidence::{Edge, succeeded};
use crate::reading::{at_least, at_most};
use crate::statistics::{chance_of_fewer, chance_of_more, lower, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "failover",
    title: "failover",
    summary: "whether calls went elsewhere in time while their upstream was down, were served, came back, and only then",
    measures: &[
        Measure::FailoverTime,
        Measure::FailoverServed,
        Measure::FailbackTime,
        Measure::FailoverStrays,
    ],
    always_on: false,
    observe,
};

/// Calls in a row that show that they are back.
const RUN: usize = 20;
/// The share of calls that must be served meanwhile, where the scenario names none.
const SERVED: f64 = 0.9;
/// The share of calls that may go elsewhere without need.
const STRAYS: f64 = 0.01;
/// Fewer calls show no strays.
const LEAST: u64 = 100;
const CONFIDENCE: f64 = 0.95;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Failover(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let plan = case.plan();
    let Subject::Edge { from, to, .. } = &case.check.of else { return Vec::new() };
    let elsewhere = named(plan, asked.to.trim());
    let there = Edge::gather(case.evidence, (*from, &elsewhere), None);
    let first = case.check.during.first().and_then(|index| plan.phases.get(usize::from(*index)));
    let trouble = first.map_or((plan.warmup_until, plan.end), |phase| (phase.start, phase.end));
    let view = View { case, asked, trouble, to, here: edge, arrivals: arrivals(edge, &there), there };
    vec![view.over(), view.served(), view.back(), view.strays()]
}

/// The calls that nobody served, each a part of nothing.
fn unserved(calls: &[&Call]) -> Vec<Exhibit> {
    let failed = calls.iter().filter(|call| !call.outcome.is_success());
    failed.map(|call| Exhibit { at: call.planned, call: Some(call.id), value: 0.0 }).collect()
}

/// The hosts of a name: one, or its replicas.
fn named(plan: &Plan, name: &str) -> Vec<HostId> {
    let ids = (0_u16..).map(HostId).take(plan.hosts.len());
    ids.filter(|id| plan.host_name(*id) == name || plan.name_of_all(*id) == name).collect()
}

/// A call where it arrived first, and whether it went elsewhere at all.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    at: Offset,
    call: Option<CallId>,
    elsewhere: bool,
}

/// The calls at either upstream, by their first arrival.
fn arrivals(here: &Edge<'_>, there: &Edge<'_>) -> Vec<Arrival> {
    let mut calls: Vec<((Option<CallId>, u32), Arrival)> = Vec::new();
    // Attempts without an id are calls of their own.
    let mut nameless = 0;
    for (elsewhere, edge) in [(false, here), (true, there)] {
        for tries in edge.calls() {
            let (at, call) = (tries.first().head, tries.first().keys.call);
            nameless += u32::from(call.is_none());
            let key = (call, if call.is_none() { nameless } else { 0 });
            calls.push((key, Arrival { at, call, elsewhere }));
        }
    }
    calls.sort_by_key(|(key, _)| *key);
    calls.dedup_by(|(next, later), (key, arrival)| {
        let same = next == key;
        if same {
            arrival.at = arrival.at.min(later.at);
            arrival.elsewhere |= later.elsewhere;
        }
        same
    });
    let mut arrivals: Vec<Arrival> = calls.into_iter().map(|(_, arrival)| arrival).collect();
    arrivals.sort_by_key(|a| (a.at, a.call));
    arrivals
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    asked: &'c FailoverCheck,
    trouble: (Offset, Offset),
    to: &'c [HostId],
    here: &'c Edge<'a>,
    there: Edge<'a>,
    arrivals: Vec<Arrival>,
}

impl View<'_, '_> {
    fn doubt(&self) -> Option<Doubt> {
        self.here.doubt().or(if self.there.is_empty() { None } else { self.there.doubt() })
    }

    /// Calls that were sent in this time and may come this way.
    fn sent(&self, from: Offset, to: Offset) -> Vec<&Call> {
        self.here.sent().in_order().filter(|c| from <= c.planned && c.planned < to).collect()
    }

    /// When the recording stops: the plan's end, or where a killed run got to.
    fn recorded_until(&self) -> Offset {
        let last = self.case.evidence.recording.calls.last().map_or(Offset::ZERO, |c| c.planned);
        if self.case.evidence.recording.partial { last } else { self.case.plan().end }
    }

    fn over(&self) -> Observation {
        let (start, end) = self.trouble;
        let within = self.asked.within;
        let served = |a: &&Attempt| a.head >= start && a.head < end && succeeded(a);
        let first = self.there.by_arrival().find(served);
        let seen = first.map(|a| a.head.since(start).as_secs_f64());
        let calls = self.sent(start, (start + within.get()).min(end));
        let n = calls.len() as u64;
        let exhibit =
            |a: &Attempt| Exhibit { at: a.head, call: a.keys.call, value: seen.unwrap_or_default() };
        let ended = seen.is_none() && self.recorded_until() < start + within.get();
        let reading = Reading::of(Measure::FailoverTime, Unit::Seconds, n)
            .value(seen)
            .ruled(match verdict(seen, within.as_secs_f64()) {
                Verdict::Failed if n < RUN as u64 => Verdict::Inconclusive,
                verdict => verdict,
            })
            .doubted(self.doubt())
            .doubted(ended.then_some(Doubt::RunEnded))
            .exhibits(first.map_or_else(|| unserved(&calls), |first| vec![exhibit(first)]));
        self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario))
    }

    fn served(&self) -> Observation {
        let calls = self.sent(self.trouble.0 + self.asked.within.get(), self.trouble.1);
        let hits = calls.iter().filter(|call| call.outcome.is_success()).count() as f64;
        let n = calls.len() as f64;
        let least = self.asked.served.map_or(SERVED, Ratio::get);
        let reading = Reading::of(Measure::FailoverServed, Unit::Ratio, calls.len() as u64)
            .value((n > 0.0).then(|| hits / n))
            .chance(chance_of_fewer(hits, n, least))
            .interval(lower(hits, n, CONFIDENCE), upper(hits, n, CONFIDENCE), 2.0 * CONFIDENCE - 1.0)
            .exhibits(unserved(&calls));
        let source = if self.asked.served.is_some() { BoundSource::Scenario } else { BoundSource::Rule };
        self.case.judge(reading, at_least(least, source))
    }

    fn back(&self) -> Observation {
        let (end, within) = (self.trouble.1, self.asked.back_within);
        let after: Vec<&Arrival> = self.arrivals.iter().filter(|a| a.at >= end).collect();
        let first = after.windows(RUN).find(|run| run.iter().all(|a| !a.elsewhere));
        let seen = first.map(|run| run[0].at.since(end).as_secs_f64());
        let n = after.len() as u64;
        // Who came back first; or, if nobody stays back, who is still elsewhere when all should be back.
        let late = after.iter().filter(|a| a.elsewhere && a.at >= end + within.get());
        let exhibit = |a: &&Arrival| Exhibit { at: a.at, call: a.call, value: a.at.since(end).as_secs_f64() };
        let shown = first.map_or_else(|| late.map(exhibit).collect(), |run| vec![exhibit(&run[0])]);
        let ended = seen.is_none() && self.recorded_until() < end + within.get();
        let reading = Reading::of(Measure::FailbackTime, Unit::Seconds, n)
            .value(seen)
            .needs(RUN as u64)
            .ruled(verdict(seen, within.as_secs_f64()))
            .doubted(self.doubt())
            .doubted(ended.then_some(Doubt::RunEnded))
            .exhibits(shown);
        self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario))
    }

    fn strays(&self) -> Observation {
        let troubles = self.troubles();
        let well = |a: &&Arrival| self.is_well(a.at, &troubles);
        let calls: Vec<&Arrival> = self.arrivals.iter().filter(well).collect();
        let strays: Vec<Exhibit> = calls
            .iter()
            .filter(|a| a.elsewhere)
            .map(|a| Exhibit { at: a.at, call: a.call, value: 1.0 })
            .collect();
        let (hits, n) = (strays.len() as f64, calls.len() as f64);
        let low = lower(hits, n, CONFIDENCE);
        let reading = Reading::of(Measure::FailoverStrays, Unit::Ratio, calls.len() as u64)
            .value((n > 0.0).then(|| hits / n))
            .interval(low, upper(hits, n, CONFIDENCE), 2.0 * CONFIDENCE - 1.0)
            .least(LEAST)
            .ruled(match hits / n.max(1.0) {
                share if share <= STRAYS => Verdict::Held,
                _ if low > STRAYS => Verdict::Failed,
                _ => Verdict::Inconclusive,
            })
            .chance(chance_of_more(hits, n, STRAYS))
            .doubted(self.doubt())
            .exhibits(strays);
        self.case.judge(reading, at_most(STRAYS, BoundSource::Rule))
    }

    /// Whether nothing is, or lately was, wrong with the first upstream: by what is looked at and what is declared.
    fn is_well(&self, at: Offset, troubles: &[(Offset, Offset)]) -> bool {
        let lately = |(start, end): (Offset, Offset)| start <= at && at < end + self.asked.back_within.get();
        at >= self.case.plan().warmup_until && !troubles.iter().any(|trouble| lately(*trouble))
    }

    fn troubles(&self) -> Vec<(Offset, Offset)> {
        let declared = (0..).zip(&self.case.plan().segments).filter(|(index, _)| self.is_troubled(*index));
        std::iter::once(self.trouble).chain(declared.map(|(_, s)| (s.start, s.end))).collect()
    }

    fn is_troubled(&self, segment: usize) -> bool {
        let plan = self.case.plan();
        let cut = plan.segments.get(segment).into_iter().flat_map(|s| &s.partitions);
        let mut upstreams = self.to.iter().filter_map(|host| plan.upstream_of(*host));
        cut.into_iter().any(|pair| pair.iter().any(|host| self.to.contains(host)))
            || upstreams.any(|(_, u)| u.timeline.get(segment).is_some_and(|s| s.is_troubled()))
    }
}

fn verdict(seen: Option<f64>, within: f64) -> Verdict {
    if seen.is_some_and(|seconds| seconds <= within) { Verdict::Held } else { Verdict::Failed }
}
