//! `load-delivered` (always on): the planned load was really delivered, and on time.
//!
//! A generator that quietly sends less, or later, makes any subject look good. For each client after warm-up: the
//! share of the planned calls that were sent (the plan's own integral of the rates, so that a generator that died is
//! seen too; Poisson arrivals have five standard deviations of room), the share that was shed because as many were in
//! flight as allowed (at most 0.1 %), and lateness at the 99th percentile (10 ms: a hundredth of the second by which load is
//! meant, and latency counts from the planned time anyway; beyond it the harness, not the subject, is in doubt, so
//! Inconclusive). Of a recording that was cut off only what it holds is expected.

use upstorm_model::plan::{ClientPlan, Load};
use upstorm_model::recording::{Call, MarkKind, Outcome};
use upstorm_model::scenario::Arrivals;
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit};

use crate::evidence::lateness_p99;
use crate::reading::{at_least, at_most};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "load-delivered",
    title: "load delivered",
    summary: "the planned calls were really sent, and on time",
    measures: &[Measure::LoadSent, Measure::LoadShed, Measure::LoadLateness],
    always_on: true,
    observe,
};

/// The share of the planned calls that may be missing or shed.
const TOLERATED: f64 = 0.001;
/// The lateness in seconds at the 99th percentile up to which the load is the one that was asked for.
const ON_TIME: f64 = 0.010;
const RULE: BoundSource = BoundSource::Rule;
/// Steps in which a ramp is integrated.
const STEPS: u32 = 1000;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let several = case.plan().clients.len() > 1;
    let loads =
        case.plan().clients.iter().filter(|client| planned(case, client).is_none_or(|p| p.calls > 0.0));
    loads
        .flat_map(|client| {
            delivered(case, client, if several { case.plan().host_name(client.host) } else { "" })
        })
        .collect()
}

fn delivered(case: &Case<'_>, client: &ClientPlan, part: &str) -> Vec<Observation> {
    let calls: Vec<&Call> =
        case.evidence.calls_of(client.host).filter(|c| case.period.contains(c.planned)).collect();
    let n = calls.len() as u64;
    let is_shed = |c: &&&Call| c.outcome == Outcome::Shed;
    let shed: Vec<Exhibit> = calls
        .iter()
        .filter(is_shed)
        .map(|c| Exhibit { at: c.planned, call: Some(c.id), value: 1.0 })
        .collect();
    let least = planned(case, client).map_or(0.0, |p| p.calls - p.room);
    let due = least.max(n as f64);
    let sent = (n - shed.len() as u64) as f64;
    let late = lateness_p99(calls.iter().copied());
    let doubt = late.filter(|l| *l > ON_TIME).map(|seconds| Doubt::HarnessLate { seconds });
    let reading = |measure, unit| Reading::of(measure, unit, n).part(part);
    let bounds = [at_least(1.0 - TOLERATED, RULE), at_most(TOLERATED, RULE), at_most(ON_TIME, RULE)];
    // A client of whose planned calls none was recorded did measure one thing: that nothing was sent.
    let all = Reading::of(Measure::LoadSent, Unit::Ratio, n.max(least as u64)).part(part);
    vec![
        case.judge(all.value((due > 0.0).then(|| sent / due)).exhibits(shed.clone()), bounds[0]),
        case.judge(
            reading(Measure::LoadShed, Unit::Ratio)
                .value(Some(shed.len() as f64 / due.max(1.0)))
                .exhibits(shed),
            bounds[1],
        ),
        case.judge(
            reading(Measure::LoadLateness, Unit::Seconds).value(late).doubted(doubt).exhibits(latest(&calls)),
            bounds[2],
        ),
    ]
}

/// The latest calls, as far as they were later than allowed.
fn latest(calls: &[&Call]) -> Vec<Exhibit> {
    let late = calls.iter().map(|c| (c.lateness().as_secs_f64(), c)).filter(|(late, _)| *late > ON_TIME);
    let mut exhibits: Vec<Exhibit> =
        late.map(|(late, c)| Exhibit { at: c.planned, call: Some(c.id), value: late }).collect();
    exhibits.sort_by(|a, b| b.value.total_cmp(&a.value));
    exhibits
}

/// How many calls a plan asks for after warm-up, and how far chance may be from that.
struct Planned {
    calls: f64,
    room: f64,
}

/// None for a closed loop, whose calls depend on the answers, and for a recording that was cut off.
fn planned(case: &Case<'_>, client: &ClientPlan) -> Option<Planned> {
    let mut planned = Planned { calls: 0.0, room: 0.0 };
    let mut variance = 0.0;
    let segments = case.plan().segments.iter().zip(&client.timeline);
    for (segment, load) in segments.filter(|(s, _)| s.phase.is_some()) {
        let Load::Open { rate, arrivals } = load else { return None };
        let mean: f64 =
            (0..STEPS).map(|step| rate.at((f64::from(step) + 0.5) / f64::from(STEPS)).get()).sum::<f64>()
                / f64::from(STEPS);
        let calls = mean * segment.end.since(segment.start).as_secs_f64();
        planned.calls += calls;
        match arrivals {
            Arrivals::Poisson => variance += calls,
            Arrivals::Constant => planned.room += 1.0,
        }
    }
    planned.room += 5.0 * f64::sqrt(variance) + 1.0;
    let recording = &case.evidence.recording;
    (!recording.partial && !recording.says(&MarkKind::Interrupted)).then_some(planned)
}
