//! What a script had to give, and what was met.
//!
//! A script is no share: what an attempt meets depends on which one it is. So the same script is run again over the
//! recorded arrivals, and each attempt must have met the step whose turn it was and ended as that step says. By route,
//! two that came together may trade places, so there the steps are counted and not the attempts. Attempts that say
//! nothing of their call are left out where a script goes by call: the recording cannot tell whose turn it was.

use std::collections::BTreeMap;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Attempt, Origin};
use upstorm_model::scenario::{Script, ScriptBy, ScriptPlace, ScriptStep};
use upstorm_model::verdict::{BoundSource, Measure, Observation, Unit, Verdict};
use upstorm_model::{Offset, Plan};

use super::faults_declared::was_injected;
use crate::reading::at_least;
use crate::{Case, Reading};

/// How the script of one route was met in one phase.
#[derive(Debug, Default)]
struct Met {
    attempts: u64,
    /// Attempts that met another step than was due, or did not end as theirs says.
    wrong: u64,
    /// By route: how much oftener each step was met than it was due.
    beyond: BTreeMap<Option<u8>, i64>,
}

/// How far scripts have come: by upstream and route, and the call where it goes by call. With the beginning, and the
/// first of the segments in a row that have the script: after others, the same one begins anew.
type Places = BTreeMap<(u16, u16, Option<u64>), (Offset, u16, ScriptPlace)>;

impl Met {
    fn missed(&self) -> u64 {
        let traded: u64 = self.beyond.values().map(|more| more.unsigned_abs()).sum();
        self.wrong + traded.div_ceil(2)
    }

    /// Trades at the seam of two steps; where steps are counted by call there is none but a hedge's.
    fn allowed(&self) -> u64 {
        self.attempts / 100 + u64::from(!self.beyond.is_empty())
    }
}

/// An observation for each phase and route with a script that met an attempt.
pub(super) fn judge_scripts(case: &Case<'_>) -> Vec<Observation> {
    met(case).into_iter().map(|(part, met)| judge(case, part, &met)).collect()
}

fn judge(case: &Case<'_>, part: String, met: &Met) -> Observation {
    let missed = met.missed().min(met.attempts);
    let kept = missed <= met.allowed();
    let reading = Reading::of(Measure::FaultShare, Unit::Ratio, met.attempts)
        .part(part)
        .value(Some(1.0 - missed as f64 / met.attempts as f64))
        .ruled(if kept { Verdict::Held } else { Verdict::Failed });
    case.judge(reading, at_least(1.0, BoundSource::Scenario))
}

fn met(case: &Case<'_>) -> BTreeMap<String, Met> {
    let plan = case.plan();
    let (mut places, mut runs, mut met) = (Places::new(), BTreeMap::new(), BTreeMap::new());
    for attempt in &case.evidence.recording.attempts {
        let Some((behaviour, script)) = script_of(plan, attempt) else { continue };
        let run = runs.entry((attempt.upstream.0, attempt.route.0, attempt.segment));
        let there = |segment| script_in(plan, attempt, segment).map(|(_, script)| script);
        let run = *run.or_insert_with(|| first_of_run(attempt.segment, there));
        let Some(due) = due(plan, (attempt, script, run), &mut places) else { continue };
        let Some(part) = part(plan, attempt).filter(|_| attempt.fate.is_admitted()) else { continue };
        // What the request demanded, or who was held, took its turn all the same.
        if matches!(attempt.fate.origin, Origin::Demanded | Origin::Held(_)) {
            continue;
        }
        let met: &mut Met = met.entry(part).or_default();
        met.attempts += 1;
        let is = match attempt.fate.origin {
            Origin::Scripted(step) => Some(step),
            Origin::Drawn | Origin::Demanded | Origin::Held(_) => None,
        };
        let right = match script.by() {
            ScriptBy::Call => is == due,
            ScriptBy::Route => {
                *met.beyond.entry(is).or_default() += 1;
                *met.beyond.entry(due).or_default() -= 1;
                true
            }
        };
        let progress = plan.progress(usize::from(attempt.segment), attempt.head);
        let done = behaviour.step(attempt.fate.origin).is_none_or(|step| was_done(step, attempt, progress));
        met.wrong += u64::from(!right || !done);
    }
    met
}

/// The step that an attempt had to meet; the inner none for one that leaves all as it is. None where that cannot be told.
fn due(
    plan: &Plan,
    (attempt, script, run): (&Attempt, &Script, u16),
    places: &mut Places,
) -> Option<Option<u8>> {
    let (call, since) = match script.by() {
        ScriptBy::Call => (Some(attempt.keys.call?.0), attempt.head),
        ScriptBy::Route => (None, plan.segments.get(usize::from(attempt.segment))?.start),
    };
    let beginning = (since, run, ScriptPlace::beginning(since));
    let place = places.entry((attempt.upstream.0, attempt.route.0, call)).or_insert(beginning);
    let begins_anew = match script.by() {
        // The upstream forgets calls in time, and then counts from 1 again.
        ScriptBy::Call => attempt.ordinal == 1 || place.1 != run,
        ScriptBy::Route => place.0 != since,
    };
    if begins_anew {
        *place = beginning;
    }
    let met = place.2.meet(script.steps(), attempt.head);
    Some(met.filter(|step| script.steps().get(usize::from(*step)).is_some_and(|step| !step.is_plain())))
}

/// The first of the segments in a row, up to this one, that have its script.
fn first_of_run<'a>(segment: u16, script_in: impl Fn(u16) -> Option<&'a Script>) -> u16 {
    let script = script_in(segment);
    (0..segment).rev().take_while(|before| script_in(*before) == script).last().unwrap_or(segment)
}

/// Whether an attempt ended as its step says. What a step leaves to the route is judged where the route's shares are.
pub(super) fn was_done(step: &ScriptStep, attempt: &Attempt, progress: f64) -> bool {
    // A fault may take the status's place, or end the attempt before it is sent.
    let sent = step.fault.is_some() || attempt.status.is_none_or(|sent| attempt.fate.allows(sent));
    let status = step.status.is_none_or(|status| attempt.fate.status == status && sent);
    status && step.fault.as_ref().is_none_or(|fault| was_injected(fault, attempt, progress))
}

fn script_of<'a>(plan: &'a Plan, attempt: &Attempt) -> Option<(&'a RouteBehaviour, &'a Script)> {
    script_in(plan, attempt, attempt.segment)
}

/// The script of an attempt's route in this segment.
fn script_in<'a>(
    plan: &'a Plan,
    attempt: &Attempt,
    segment: u16,
) -> Option<(&'a RouteBehaviour, &'a Script)> {
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let segment = upstream.timeline.get(usize::from(segment))?;
    let behaviour = segment.routes.get(usize::from(attempt.route.0))?;
    behaviour.script.as_ref().filter(|script| !script.steps().is_empty()).map(|script| (behaviour, script))
}

/// None in warm-up.
fn part(plan: &Plan, attempt: &Attempt) -> Option<String> {
    let phase = plan.segments.get(usize::from(attempt.segment))?.phase?;
    let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let route = upstream.routes.get(usize::from(attempt.route.0)).map_or("?", |r| r.name.as_str());
    Some(format!("{phase}: {}/{route} script", plan.host_name(attempt.upstream)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::{End, Fate, Keys};
    use upstorm_model::scenario::FaultKind;
    use upstorm_model::{HostId, Law, RouteId, TimeSpan};

    /// Drawn as a 200, and answered with this status.
    fn answered(status: u16) -> Attempt {
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
            first_byte: None,
            end: Offset::from_millis(5),
            fate: Fate { status: 200, ..Fate::default() },
            delay: None,
            status: Some(status),
            hint: None,
            ended: End::Completed,
            held: None,
            effect: false,
        }
    }

    #[test]
    fn a_script_begins_anew_after_a_segment_without_it() {
        let of = |status| Script::Steps(vec![ScriptStep { status: Some(status), ..ScriptStep::default() }]);
        let (usual, other) = (of(503), of(429));
        let segments = [Some(&usual), Some(&usual), None, Some(&usual), Some(&other), Some(&usual)];
        let first = |segment| first_of_run(segment, |at| segments[usize::from(at)]);
        assert_eq!([0, 1, 3, 4, 5].map(first), [0, 0, 3, 4, 5]);
    }

    #[test]
    fn a_step_is_held_to_what_it_says_and_not_to_what_it_leaves_to_the_route() {
        let latency = TimeSpan::from_millis(5);
        let slow = ScriptStep { latency: Some(Law::Constant(latency.into())), ..ScriptStep::default() };
        assert!(
            was_done(&slow, &answered(307), 0.0),
            "the route's own redirect takes the place of its status"
        );
        let fine = ScriptStep { status: Some(200), ..ScriptStep::default() };
        assert!(was_done(&fine, &answered(200), 0.0) && !was_done(&fine, &answered(307), 0.0));
        let redirect = ScriptStep { fault: Some(FaultKind::RedirectLoop {}), ..fine };
        assert!(was_done(&redirect, &answered(307), 0.0) && !was_done(&redirect, &answered(200), 0.0));
    }
}
