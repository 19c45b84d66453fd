//! What a script makes of the odds: each of its steps for the share of attempts that meet it.
//!
//! By route that share follows from the length of the segment and from how many attempts come. By call it depends on how
//! often each call is tried, which is what a run is to find out: here a call is tried once beyond the last step that
//! counts, so that a script of two failures fails two attempts of three.

use upstorm_model::plan::{RouteBehaviour, Segment};
use upstorm_model::scenario::{Fault, Script, ScriptBy, ScriptStep, StatusEntry, StatusMix};
use upstorm_model::{Ratio, TimeSpan};

use super::held::gathered;
use super::traffic::seconds;

/// What the attempts at a route meet that come so often in a second, with the share of each; one entry for a route
/// without a script and a hold. The shares add up to 1.
pub(super) fn turns(route: &RouteBehaviour, offered: f64, stretch: &Segment) -> Vec<(f64, RouteBehaviour)> {
    let plain = RouteBehaviour { script: None, hold: None, ..route.clone() };
    if let Some((share, ending)) = gathered(route, offered, stretch) {
        let free = turns(&RouteBehaviour { hold: None, ..route.clone() }, offered, stretch);
        let rest = free.into_iter().map(|(part, met)| (part * (1.0 - share), met));
        return rest.filter(|(part, _)| *part > 0.0).chain([(share, with(&ending.step(), &plain))]).collect();
    }
    let Some(script) = &route.script else { return vec![(1.0, plain)] };
    let weights = match script.by() {
        ScriptBy::Call => by_call(script),
        ScriptBy::Route => by_route(script, offered, seconds(stretch)),
    };
    let rest = (1.0 - weights.iter().sum::<f64>()).max(0.0);
    let met = script.steps().iter().zip(weights).map(|(step, weight)| (weight, with(step, &plain)));
    let mut turns: Vec<_> = met.filter(|(weight, _)| *weight > 0.0).collect();
    if rest > 0.0 {
        turns.push((rest, plain));
    }
    turns
}

fn by_call(script: &Script) -> Vec<f64> {
    let steps = script.steps();
    let endless = steps.last().is_some_and(|last| last.times.is_none() && last.lasts.is_none());
    let attempts: Vec<f64> = steps.iter().map(|step| step.times.map_or(1.0, f64::from)).collect();
    let all = attempts.iter().sum::<f64>() + if endless { 0.0 } else { 1.0 };
    attempts.into_iter().map(|n| n / all).collect()
}

fn by_route(script: &Script, offered: f64, length: f64) -> Vec<f64> {
    let mut left = length;
    let share = |step: &ScriptStep| {
        let takes = match (step.times, step.lasts) {
            (Some(times), _) => f64::from(times) / offered.max(1e-9),
            (None, span) => span.map_or(f64::INFINITY, TimeSpan::as_secs_f64),
        };
        let taken = takes.min(left);
        left -= taken;
        taken / length.max(1e-9)
    };
    script.steps().iter().map(share).collect()
}

/// The route as an attempt finds it that meets this step.
fn with(step: &ScriptStep, route: &RouteBehaviour) -> RouteBehaviour {
    let mut met = route.clone();
    if let Some(law) = &step.latency {
        met.latency = law.clone();
    }
    if let Some(status) = step.status {
        met.status = StatusMix([(status, StatusEntry::Table(step.table()))].into());
    }
    if step.decides_the_end() {
        met.faults =
            step.fault.iter().map(|kind| Fault { share: Ratio::ONE.into(), kind: kind.clone() }).collect();
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::{Body, ScriptTable};
    use upstorm_model::{ByteSize, Law, Offset};

    fn step(times: Option<u32>, secs: Option<u64>, status: u16) -> ScriptStep {
        ScriptStep {
            times,
            lasts: secs.map(TimeSpan::from_secs),
            status: Some(status),
            ..ScriptStep::default()
        }
    }

    fn shares(script: Script) -> Vec<(f64, u16)> {
        let route = RouteBehaviour {
            limit: None,
            capacity: None,
            latency: Law::Constant(TimeSpan::ZERO.into()),
            status: StatusMix::default(),
            body: Body::of_size(ByteSize::new(0)),
            faults: Vec::new(),
            script: Some(script),
            hold: None,
            probes: None,
            ledger: false,
        };
        let stretch = Segment {
            phase: None,
            start: Offset::from_millis(5_000),
            end: Offset::from_millis(15_000),
            partitions: Vec::new(),
        };
        let of = |(share, route): (f64, RouteBehaviour)| (share, *route.status.0.keys().next().unwrap());
        turns(&route, 10.0, &stretch).into_iter().map(of).collect()
    }

    #[test]
    fn by_call_each_is_tried_once_beyond_the_last_step_that_counts() {
        let counted = vec![step(Some(2), None, 503), step(Some(1), None, 429)];
        assert_eq!(shares(Script::Steps(counted.clone())), [(0.5, 503), (0.25, 429), (0.25, 200)]);
        let endless = [counted, vec![step(None, None, 404)]].concat();
        assert_eq!(shares(Script::Steps(endless)), [(0.5, 503), (0.25, 429), (0.25, 404)]);
    }

    #[test]
    fn by_route_time_and_counts_take_their_part_of_the_segment() {
        let steps = vec![step(None, Some(2), 503), step(Some(30), None, 429)];
        let by_route = |steps| Script::Table(ScriptTable { by: ScriptBy::Route, steps });
        assert_eq!(shares(by_route(steps.clone())), [(0.2, 503), (0.3, 429), (0.5, 200)]);
        assert_eq!(shares(by_route(vec![step(None, Some(99), 503), step(None, None, 429)])), [(1.0, 503)]);
    }
}
