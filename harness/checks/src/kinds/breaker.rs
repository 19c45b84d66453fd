//! `breaker`: whether the circuit breaker opened and closed when it should, seen from outside.
//!
//! A breaker that never opens lets a dead upstream hold every caller for a whole timeout; one that never closes again
//! is an outage of its own. Open is shown by twenty offered calls in a row that were turned away (evidence/offered.rs
//! says what that is and what it cannot see), closed by twenty in a row that were let through.
//!
//! - `opens_within`: from the start of the first phase looked at to the first call turned away.
//! - `closes_within`: from the end of that phase (when the trouble clears) to the first call from which they get
//!   through for good. It may look beyond the phases named, to the end of the run.
//! - `stays_closed`: not one opening.
//! - `max_openings`: no more openings than that, in the phases looked at.
//! - Where its settings are known, or stated by the check: it opened when they say and not else (breaker_trips.rs),
//!   kept shut for its time and not longer, turned callers away fast (breaker_manners.rs), and probed with few
//!   (breaker_probes.rs).
//!
//! Calls belong to a phase by the time they were sent. All but the speed of rejections are invariants.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::BreakerKind;
use upstorm_model::scenario::{BreakerCheck, CheckKind};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};

use super::breaker_episodes::{Episode, RUN, episodes};
use super::breaker_manners::Manners;
use super::breaker_probes::Probes;
use super::breaker_results::{passed, unheard};
use super::breaker_terms::Terms;
use super::breaker_trips::Trips;
use crate::evidence::{Answer, Edge, Offered, Reach, offered};
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
        Measure::BreakerTripOverrun,
        Measure::BreakerNeedlessTrips,
        Measure::BreakerOverdue,
        Measure::BreakerRejectionTime,
    ],
    always_on: false,
    observe,
};

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Breaker(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let offers = offered(case.evidence, edge);
    let view = View { case, asked, episodes: episodes(offers), offers, edge };
    let asked = [view.opened(), view.closed(), view.openings()];
    asked.into_iter().flatten().chain(view.held_to()).collect()
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    asked: &'c BreakerCheck,
    edge: &'c Edge<'a>,
    offers: &'c [Offered],
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
        .doubted(ended.then_some(Doubt::RunEnded))
        .exhibits(self.exhibits(start, seen, (Answer::TurnedAway, Answer::Through)));
        Some(self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario)))
    }

    /// The first call since then that shows it; where there is none, the last ones that show the contrary.
    fn exhibits(&self, since: Offset, seen: Option<f64>, (shows, denies): (Answer, Answer)) -> Vec<Exhibit> {
        let exhibit = |o: &Offered| Exhibit {
            at: o.sent,
            call: Some(o.call),
            value: o.sent.since(since).as_secs_f64(),
        };
        let at = seen.map(|seconds| since + Duration::from_secs_f64(seconds));
        let first = at.and_then(|at| self.offers.iter().find(|o| o.sent >= at && o.answer == shows));
        match first {
            Some(first) => vec![exhibit(first)],
            None => {
                let contrary = self.offers.iter().rev().filter(|o| o.sent >= since && o.answer == denies);
                contrary.take(5).map(exhibit).collect()
            }
        }
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
            .doubted((!held && until < limit).then_some(Doubt::RunEnded))
            .exhibits(self.exhibits(cleared, seen, (Answer::Through, Answer::TurnedAway)));
        Some(self.case.judge(reading, at_most(within.as_secs_f64(), BoundSource::Scenario)))
    }

    fn openings(&self) -> Option<Observation> {
        let most = if self.asked.stays_closed { Some(0) } else { self.asked.max_openings }?;
        let inside = |at: Offset| self.case.period.contains(at);
        let mut seen: Vec<Exhibit> = Vec::new();
        for (episode, nth) in self.episodes.iter().filter(|e| inside(e.opened)).zip(1_u32..) {
            seen.push(Exhibit { at: episode.opened, call: None, value: f64::from(nth) });
        }
        let n = self.offers.iter().filter(|o| inside(o.sent)).count() as u64;
        let openings = seen.len() as f64;
        // That none was seen is shown by all that got through, up to the last.
        let last = self.offers.iter().rfind(|o| inside(o.sent) && o.answer == Answer::Through);
        let last = last.filter(|_| seen.is_empty());
        seen.extend(last.map(|o| Exhibit { at: o.sent, call: Some(o.call), value: 0.0 }));
        seen.reverse();
        let reading = Reading::of(Measure::BreakerOpenings, Unit::Count, n)
            .value(Some(openings))
            .least(RUN as u64)
            .exhibits(seen);
        Some(self.case.judge(reading, at_most(f64::from(most), BoundSource::Scenario)))
    }

    /// What can be said only of a breaker whose settings are known, wholly or in part.
    fn held_to(&self) -> Vec<Observation> {
        let Some(terms) = Terms::of(self.case, self.asked, self.edge) else { return Vec::new() };
        let (evidence, edge, offers) = (self.case.evidence, self.edge, self.offers);
        let (passed, reach) = (passed(evidence, edge, &terms), Reach::of(evidence, &edge.hop.1));
        let (terms, passed, reach) = (&terms, passed.as_slice(), &reach);
        let unheard = unheard(evidence, edge);
        let trips = Trips { terms, passed, offers, episodes: &self.episodes, reach, unheard };
        let mut found = trips.observe(self.case);
        let inside = |e: &&Episode| self.case.period.contains(e.opened);
        let open: Vec<&Episode> = self.episodes.iter().filter(inside).collect();
        if open.is_empty() {
            return found;
        }
        let manners = Manners { terms, passed, offers, reach, edge, unheard };
        found.extend(manners.early(self.case, &open));
        found.extend(manners.overdue(self.case, &open));
        found.extend(Probes { terms, passed, offers, unheard }.observe(self.case, &open));
        found.extend(manners.rejections(self.case, &open));
        found
    }
}
