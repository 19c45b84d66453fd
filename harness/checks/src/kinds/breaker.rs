//! `breaker`: whether the circuit breaker opened and closed when it should, seen from outside.
//!
//! A breaker that never opens lets a dead upstream hold every caller for a whole timeout; one that never closes again is
//! an outage of its own. Open is shown by twenty offered calls in a row that were turned away (evidence/offered.rs says
//! what that is and what it cannot see), closed by twenty in a row that were let through.
//!
//! - `opens_within`: from the start of the first phase looked at to the first call turned away.
//! - `closes_within`: from the end of that phase (when the trouble clears) to the first call from which they get through
//!   for good. It may look beyond the phases named, to the end of the run.
//! - `stays_closed`: not one opening.
//! - Where the settings are known and it was seen open: no attempt before `open_for` is over, and in each probing
//!   episode that ends shut again no more failed probes than `half_open_permits` (a success may admit another). Only
//!   calls sent since then are looked at: what a partition held back arrives when it heals.
//!
//! Calls belong to a phase by the time they were sent.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{Breaker, BreakerKind, Position};
use upstorm_model::recording::{Attempt, CallId};
use upstorm_model::scenario::{BreakerCheck, CheckKind};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};

use super::breaker_episodes::{Episode, RUN, Shut, episodes};
use crate::evidence::{Answer, CallTries, Edge, Offered, offered};
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "breaker",
    title: "circuit breaker",
    summary: "whether the breaker of an edge opened and closed when it should, let no call through early and probed gently",
    measures: &[
        Measure::BreakerOpened,
        Measure::BreakerClosed,
        Measure::BreakerOpenings,
        Measure::BreakerEarlyAdmissions,
        Measure::BreakerProbes,
    ],
    always_on: false,
    observe,
};

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Breaker(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let offers = offered(case.evidence, edge);
    let view = View { case, asked, episodes: episodes(&offers), offers, edge };
    let asked = [view.opened(), view.closed(), view.stayed_closed()];
    asked.into_iter().flatten().chain(view.manners()).collect()
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    asked: &'c BreakerCheck,
    edge: &'c Edge<'a>,
    offers: Vec<Offered>,
    episodes: Vec<Episode>,
}

impl View<'_, '_> {
    /// When the trouble starts and ends: the first phase looked at, or all that is looked at.
    fn trouble(&self) -> (Offset, Offset) {
        let plan = self.case.plan();
        let first = self.case.check.during.first().and_then(|index| plan.phases.get(usize::from(*index)));
        first.map_or((plan.warmup_until, plan.end), |phase| (phase.start, phase.end))
    }

    /// How many calls with a clear answer were offered in this time.
    fn clear_offers(&self, from: Offset, to: Offset) -> u64 {
        let inside = |o: &&Offered| from <= o.sent && o.sent < to && o.answer != Answer::Unclear;
        self.offers.iter().filter(inside).count() as u64
    }

    /// When the recording stops: the plan's end, or where a killed run got to.
    fn recorded_until(&self) -> Offset {
        let last = self.offers.last().map_or(Offset::ZERO, |o| o.sent);
        if self.case.evidence.recording.partial { last } else { self.case.plan().end }
    }

    fn opened(&self) -> Option<Observation> {
        let within = self.asked.opens_within?;
        let start = self.trouble().0;
        let limit = start + within.get();
        let open = |e: &&Episode| e.closed.is_none_or(|closed| closed > start);
        let seen = self.episodes.iter().find(open).map(|e| e.opened.since(start).as_secs_f64());
        let ended = seen.is_none() && self.recorded_until().min(self.case.period.end()) < limit;
        let reading = Reading::of(
            Measure::BreakerOpened,
            Unit::Seconds,
            self.clear_offers(start, self.case.period.end()),
        )
        .value(seen)
        .least(RUN as u64)
        .ruled(match seen {
            Some(seconds) if seconds <= within.as_secs_f64() => Verdict::Held,
            None if self.clear_offers(start, limit) < RUN as u64 => Verdict::Inconclusive,
            _ => Verdict::Failed,
        })
        .doubted(ended.then_some(Doubt::RunEnded));
        Some(self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario)))
    }

    fn closed(&self) -> Option<Observation> {
        let within = self.asked.closes_within?;
        let cleared = self.trouble().1;
        let limit = cleared + within.get();
        let until = self.case.period.end().max(limit).min(self.recorded_until());
        let last = self.episodes.iter().rfind(|e| e.opened < until);
        let seen = match last {
            None => Some(0.0),
            Some(episode) => episode.closed.map(|at| at.since(cleared).as_secs_f64()),
        };
        let n = self.clear_offers(cleared, until);
        let held = seen.is_some_and(|seconds| seconds <= within.as_secs_f64());
        // Calls that always get through past a breaker show that it closes; without one they show nothing.
        let own = self.case.plan().policy_of(self.edge.hop.0).map(|p| p.breaker.kind);
        let none = last.is_none() && own == Some(BreakerKind::Off);
        let reading = Reading::of(Measure::BreakerClosed, Unit::Seconds, n)
            .value(seen.filter(|_| !none))
            .least(RUN as u64)
            .ruled(if held { Verdict::Held } else { Verdict::Failed })
            .doubted(none.then_some(Doubt::NoPolicy))
            .doubted((!held && until < limit).then_some(Doubt::RunEnded));
        Some(self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario)))
    }

    fn stayed_closed(&self) -> Option<Observation> {
        if !self.asked.stays_closed {
            return None;
        }
        let opened: Vec<Offset> =
            self.episodes.iter().map(|e| e.opened).filter(|at| self.case.period.contains(*at)).collect();
        let n = self.offers.iter().filter(|o| self.case.period.contains(o.sent)).count() as u64;
        let reading = Reading::of(Measure::BreakerOpenings, Unit::Count, n)
            .value(Some(opened.len() as f64))
            .least(RUN as u64)
            .exhibits(opened.iter().map(|at| Exhibit { at: *at, call: None, value: 1.0 }).collect());
        Some(self.case.judge(reading, at_most(0.0, BoundSource::Scenario)))
    }

    /// What can be said only of an edge whose settings are known and that was seen open.
    fn manners(&self) -> Vec<Observation> {
        let policy = self.case.plan().policy_of(self.edge.hop.0);
        let Some(policy) = policy.filter(|p| p.breaker.kind != BreakerKind::Off) else { return Vec::new() };
        let inside = |e: &&Episode| self.case.period.contains(e.opened);
        let episodes: Vec<&Episode> = self.episodes.iter().filter(inside).collect();
        if episodes.is_empty() {
            return Vec::new();
        }
        // A breaker that sees whole calls has no say in the retries of those it admitted.
        let arrivals: Vec<&Attempt> = match policy.retry.position {
            Position::OutsideBreaker => self.edge.by_arrival(),
            Position::InsideBreaker => self.edge.calls().map(CallTries::first).collect(),
        };
        let early = self.early(&episodes, &arrivals, policy.breaker.open_for.get());
        std::iter::once(early).chain(self.probes(&episodes, &policy.breaker)).collect()
    }

    fn early(&self, episodes: &[&Episode], arrivals: &[&Attempt], open_for: Duration) -> Observation {
        let shut = || episodes.iter().flat_map(|e| &e.shut);
        let sent: BTreeMap<CallId, Offset> = self.offers.iter().map(|o| (o.call, o.sent)).collect();
        // What a call made that was sent before may have been held back on its way.
        let new =
            |a: &Attempt, from| a.keys.call.is_none_or(|id| sent.get(&id).is_some_and(|sent| *sent >= from));
        let arrived = |s: &Shut| {
            let (from, to) = s.forbidden(open_for).unwrap_or_default();
            let new = between(arrivals, from, to).filter(|a| new(a, s.from));
            new.map(|a| Exhibit { at: a.head, call: a.keys.call, value: 1.0 }).collect::<Vec<_>>()
        };
        let early: Vec<Exhibit> = shut().flat_map(arrived).collect();
        let n = shut().map(|s| s.calls as u64).sum();
        let reading = Reading::of(Measure::BreakerEarlyAdmissions, Unit::Count, n)
            .value(Some(early.len() as f64))
            .exhibits(early);
        self.case.judge(reading, at_most(0.0, BoundSource::Settings))
    }

    fn probes(&self, episodes: &[&Episode], breaker: &Breaker) -> Option<Observation> {
        let gaps: Vec<(Offset, Offset)> =
            episodes.iter().flat_map(|e| e.probing(breaker.open_for.get())).collect();
        let mut probes: Vec<Exhibit> = gaps
            .iter()
            .map(|(from, to)| Exhibit { at: *from, call: None, value: self.failed_probes(*from, *to) })
            .collect();
        probes.sort_by(|a, b| b.value.total_cmp(&a.value));
        let most = probes.first()?.value;
        let reading = Reading::of(Measure::BreakerProbes, Unit::Count, gaps.len() as u64)
            .value(Some(most))
            .exhibits(probes);
        Some(self.case.judge(reading, at_most(f64::from(breaker.half_open_permits), BoundSource::Settings)))
    }

    /// Calls that were let through while probing and failed: calls, because a probe may never have arrived.
    fn failed_probes(&self, from: Offset, to: Offset) -> f64 {
        let probing = self.offers.iter().filter(|o| from < o.sent && o.sent < to);
        probing.filter(|o| o.answer == Answer::Through && !o.succeeded).count() as f64
    }
}

/// The attempts whose head arrived after `from` and before `to`.
fn between<'r, 'a>(
    arrivals: &'r [&'a Attempt],
    from: Offset,
    to: Offset,
) -> impl Iterator<Item = &'r &'a Attempt> {
    let first = arrivals.partition_point(|a| a.head <= from);
    let last = arrivals.partition_point(|a| a.head < to);
    arrivals.get(first..last.max(first)).unwrap_or_default().iter()
}
