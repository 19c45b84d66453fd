//! Whom a hold or the probes of a route had to hold, and whether it did.
//!
//! A cohort that was let go before it was complete is no cohort, and what callers then do says nothing of what they do
//! when many fail at once: whether each was complete, and let go as one, shows in the recording. That one stayed too
//! small may be the subject's doing (a breaker opened, a limit was reached), and leaves it undecided; where one is
//! gathered after another, the last finds no time to become complete, which is as it must be. Who was held must have ended as `then` says, and a probe must not have been answered before its time.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Attempt, Held, Holder, Origin};
use upstorm_model::verdict::{BoundSource, Doubt, Measure, Observation, Unit, Verdict};
use upstorm_model::{Offset, Plan};

use super::faults_scripted::was_done;
use crate::reading::at_least;
use crate::{Case, Reading};

/// Answers that were let go at one instant are written within this time, on a machine that has other things to do.
const ONE_INSTANT: Duration = Duration::from_millis(50);

/// How the holds of one route, or its probes, were met in one phase.
#[derive(Debug, Default)]
struct Met {
    attempts: u64,
    /// Held, and not answered as it had to be.
    wrong: u64,
    cohorts: BTreeMap<u32, Cohort>,
    /// How many make a cohort.
    calls: u64,
    /// How long the first of a cohort waits at most.
    within: Duration,
    /// Whether one is gathered after another.
    again: bool,
}

/// Those of a cohort that waited until it was let go.
#[derive(Debug, Default)]
struct Cohort {
    /// The segment of the plan in which the last of it came.
    segment: u16,
    members: u64,
    /// When the first of all who were gathered came.
    first: Option<Offset>,
    /// When each was ready, and when it was let go.
    let_go: Vec<(Offset, Offset)>,
}

impl Cohort {
    fn add(&mut self, attempt: &Attempt, held: Held) {
        self.first = Some(self.first.map_or(attempt.head, |first| first.min(attempt.head)));
        let ready = attempt.head + attempt.delay.unwrap_or(attempt.fate.delay).get();
        let Some(lasted) = held.lasted else { return };
        self.members += 1;
        self.let_go.push((ready, attempt.first_byte.unwrap_or(ready + lasted.get())));
    }

    /// Whether all who waited were let go at one instant. Where the time of the hold was over first, who was not ready
    /// by then goes when it is.
    fn was_at_once(&self, within: Duration) -> bool {
        let Some(instant) = self.let_go.iter().map(|(_, at)| *at).min() else { return true };
        let was_due = self.first.is_some_and(|first| instant >= first + within);
        let due = |ready: Offset| if was_due { instant.max(ready) } else { instant };
        self.let_go.iter().all(|(ready, at)| at.since(due(*ready)) <= ONE_INSTANT)
    }
}

/// An observation for each phase and route that held an attempt, for cohorts and for probes.
pub(super) fn judge_held(case: &Case<'_>) -> Vec<Observation> {
    met(case).into_iter().map(|((part, _), met)| judge(case, part, &met)).collect()
}

impl Met {
    /// Whether a cohort stayed too small that had the time to become complete.
    fn has_small(&self) -> bool {
        let cohorts: Vec<&Cohort> = self.cohorts.values().collect();
        // Segment by segment: after one that was complete, the last may be cut short by the segment's end.
        let mut each = cohorts.chunk_by(|a, b| self.again && a.segment == b.segment);
        each.any(|of_it| of_it.iter().take(of_it.len().max(2) - 1).any(|cohort| cohort.members < self.calls))
    }
}

fn judge(case: &Case<'_>, part: String, met: &Met) -> Observation {
    let late: u64 =
        met.cohorts.values().filter(|c| !c.was_at_once(met.within)).map(|cohort| cohort.members).sum();
    let small = met.has_small();
    let wrong = (met.wrong + late).min(met.attempts);
    let cut_off = case.evidence.recording.partial.then_some(Doubt::CutOff);
    let reading = Reading::of(Measure::FaultShare, Unit::Ratio, met.attempts)
        .part(part)
        .value(Some(1.0 - wrong as f64 / met.attempts as f64))
        .ruled(match wrong {
            0 if small => Verdict::Inconclusive,
            0 => Verdict::Held,
            _ => Verdict::Failed,
        })
        .doubted((wrong == 0 && small).then_some(Doubt::NothingMeasured))
        .doubted(cut_off);
    case.judge(reading, at_least(1.0, BoundSource::Scenario))
}

fn met(case: &Case<'_>) -> BTreeMap<(String, Holder), Met> {
    let plan = case.plan();
    let mut met: BTreeMap<(String, Holder), Met> = BTreeMap::new();
    for attempt in &case.evidence.recording.attempts {
        let Some(held) = attempt.held else { continue };
        let Some((part, behaviour)) = place(plan, attempt, held.by) else { continue };
        let progress = plan.progress(usize::from(attempt.segment), attempt.head);
        let met = met.entry((part, held.by)).or_default();
        met.attempts += 1;
        met.wrong += u64::from(!was_met(behaviour, attempt, (held, progress)));
        if held.by == Holder::Cohort {
            met.calls = behaviour.hold.as_ref().map_or(0, |hold| u64::from(hold.calls));
            met.within = behaviour.hold.as_ref().map_or(Duration::ZERO, |hold| hold.within.get());
            met.again = behaviour.hold.as_ref().is_some_and(|hold| hold.again);
            let cohort = met.cohorts.entry(held.group).or_default();
            cohort.segment = cohort.segment.max(attempt.segment);
            cohort.add(attempt, held);
        }
    }
    met
}

/// Whether one that was held ended as its route says of it, and not before its time.
fn was_met(behaviour: &RouteBehaviour, attempt: &Attempt, (held, progress): (Held, f64)) -> bool {
    let probes = behaviour.probes.as_ref().filter(|_| held.by == Holder::Probe);
    if probes.is_some_and(|probes| probes.never) {
        return attempt.first_byte.is_none();
    }
    let due = probes.and_then(|probes| probes.late).map(|late| attempt.head + late.get());
    if due.zip(attempt.first_byte).is_some_and(|(due, at)| at < due) {
        return false;
    }
    match behaviour.ending(held.by) {
        Some(ending) => {
            attempt.fate.origin == Origin::Held(held.by)
                && (held.lasted.is_none() || was_done(&ending.step(), attempt, progress))
        }
        None => !matches!(attempt.fate.origin, Origin::Held(_)),
    }
}

/// The phase, route and way in which an attempt was held; none in warm-up.
fn place<'a>(plan: &'a Plan, attempt: &Attempt, by: Holder) -> Option<(String, &'a RouteBehaviour)> {
    let phase = plan.segments.get(usize::from(attempt.segment))?.phase?;
    let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let index = usize::from(attempt.route.0);
    let behaviour = upstream.timeline.get(usize::from(attempt.segment))?.routes.get(index)?;
    let route = upstream.routes.get(index).map_or("?", |r| r.name.as_str());
    let what = match by {
        Holder::Cohort => "hold",
        Holder::Probe => "probes",
    };
    Some((format!("{phase}: {}/{route} {what}", plan.host_name(attempt.upstream)), behaviour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::{End, Fate, Keys};
    use upstorm_model::scenario::{Body, Ending, Hold, Probes, StatusMix};
    use upstorm_model::{ByteSize, HostId, Law, RouteId, TimeSpan};

    /// Held so, decided so, and answered with this status after 400 ms.
    fn held(by: Holder, origin: Origin, status: Option<u16>) -> Attempt {
        let at = Offset::from_millis(400);
        Attempt {
            upstream: HostId(0),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys: Keys::default(),
            ordinal: 1,
            connection: 0,
            request: 0,
            accepted: Offset::ZERO,
            head: Offset::ZERO,
            first_byte: status.map(|_| at),
            end: at,
            fate: Fate { status: status.unwrap_or(200), origin, ..Fate::default() },
            delay: Some(TimeSpan::ZERO),
            status,
            hint: None,
            ended: End::Completed,
            held: Some(Held { by, group: 0, lasted: status.map(|_| TimeSpan::from_millis(400)) }),
            effect: false,
        }
    }

    fn route(then: Option<Ending>, late: u64, never: bool) -> RouteBehaviour {
        let after_silence = TimeSpan::from_secs(1);
        let late = (late > 0).then(|| TimeSpan::from_millis(late));
        let within = TimeSpan::from_secs(1);
        RouteBehaviour {
            limit: None,
            capacity: None,
            latency: Law::Constant(TimeSpan::ZERO.into()),
            status: StatusMix::default(),
            body: Body::of_size(ByteSize::new(0)),
            faults: Vec::new(),
            script: None,
            hold: Some(Hold { calls: 2, within, again: false, retries: false, then: then.clone() }),
            probes: Some(Probes { after_silence, first: 1, late, never, then }),
            ledger: false,
        }
    }

    fn is_met(behaviour: &RouteBehaviour, attempt: &Attempt) -> bool {
        was_met(behaviour, attempt, (attempt.held.unwrap(), 0.0))
    }

    #[test]
    fn who_is_held_ends_as_it_was_said() {
        let fails = route(Some(Ending { status: Some(503), ..Ending::default() }), 0, false);
        for by in [Holder::Cohort, Holder::Probe] {
            assert!(is_met(&fails, &held(by, Origin::Held(by), Some(503))));
            assert!(!is_met(&fails, &held(by, Origin::Held(by), Some(500))), "another status");
            assert!(!is_met(&fails, &held(by, Origin::Drawn, Some(503))), "it was drawn");
            assert!(is_met(&fails, &held(by, Origin::Held(by), None)), "its caller left before");
        }
        let free = route(None, 0, false);
        assert!(is_met(&free, &held(Holder::Cohort, Origin::Drawn, Some(200))));
        assert!(!is_met(&free, &held(Holder::Cohort, Origin::Held(Holder::Cohort), Some(503))));
    }

    #[test]
    fn a_probe_is_answered_in_its_time_or_never() {
        let probe = held(Holder::Probe, Origin::Drawn, Some(200));
        assert!(is_met(&route(None, 400, false), &probe) && !is_met(&route(None, 401, false), &probe));
        let never = route(None, 0, true);
        let hung = held(Holder::Probe, Origin::Held(Holder::Probe), None);
        assert!(is_met(&never, &hung) && !is_met(&never, &probe));
    }

    #[test]
    fn the_last_of_many_cohorts_may_be_cut_short_and_no_other() {
        let met = |again, members: &[(u16, u64)]| {
            let cohort = |(segment, members): &(u16, u64)| Cohort {
                segment: *segment,
                members: *members,
                ..Cohort::default()
            };
            Met {
                calls: 30,
                again,
                cohorts: (0..).zip(members.iter().map(cohort)).collect(),
                ..Met::default()
            }
        };
        assert!(!met(true, &[(1, 30), (1, 30), (1, 7), (2, 30), (2, 1)]).has_small());
        assert!(met(true, &[(1, 30), (1, 7), (1, 30)]).has_small(), "one before the last");
        assert!(met(true, &[(1, 30), (2, 7)]).has_small(), "the only one of its segment");
        assert!(met(false, &[(1, 30), (1, 7)]).has_small(), "one alone");
    }

    #[test]
    fn a_cohort_is_let_go_as_one() {
        let within = Duration::from_secs(1);
        // All of them came at once, were ready then, and were let go so many milliseconds later.
        let cohort = |let_go: &[(u64, u64)]| {
            let ms = Offset::from_millis;
            let let_go = let_go.iter().map(|(ready, at)| (ms(*ready), ms(*at))).collect();
            Cohort { first: Some(Offset::ZERO), let_go, ..Cohort::default() }
        };
        assert!(cohort(&[(0, 400), (0, 430)]).was_at_once(within));
        assert!(!cohort(&[(0, 400), (0, 451)]).was_at_once(within));
        assert!(!cohort(&[(0, 0), (300, 300)]).was_at_once(within), "nobody was held");
        assert!(cohort(&[(0, 1000), (1300, 1300)]).was_at_once(within), "it was not ready when all were due");
        assert!(!cohort(&[(0, 1000), (900, 1300)]).was_at_once(within), "it was ready, and stayed");
    }

    #[test]
    fn who_left_makes_no_cohort_complete() {
        let mut cohort = Cohort::default();
        for status in [Some(503), None, Some(503)] {
            let attempt = held(Holder::Cohort, Origin::Held(Holder::Cohort), status);
            cohort.add(&attempt, attempt.held.unwrap());
        }
        assert_eq!((cohort.members, cohort.let_go.len()), (2, 2));
        assert!(cohort.was_at_once(Duration::ZERO));
    }
}
