//! `latency-law` (always on): the injected latency follows the law that was asked for, and was really kept.
//!
//! A tail that is not injected cannot be survived. Each drawn delay is put through the stated distribution at the moment
//! it was drawn for (so ramps and mixtures are one case), which makes it uniform if the law is right; where the law
//! has an atom (a constant, a `max`) the point within the atom is drawn by keyed dice. Kolmogorov–Smirnov for each phase
//! and route, all together at 1e-5 (Holm). The delay really kept may differ from the one drawn by 10 ms at the 99th
//! percentile; beyond, the host was too slow to tell, so Inconclusive. Where every attempt ended before its delay did (they
//! all hung, or every caller left) there is no kept delay to look at, and the law alone is judged.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::recording::{Attempt, ConnectionFate};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{Law, Offset, Plan, Stream};

use crate::reading::at_most;
use crate::statistics::{critical, distance, p_value, quantile, rejected};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "latency-law",
    title: "latency law",
    summary: "injected latency follows its law, and was really kept",
    measures: &[Measure::LatencyLawDistance, Measure::DelayError],
    always_on: true,
    observe,
};

/// The error of all these tests together: a thousand seeds err in 1 % at most. A real defect of the harness is gross, and
/// a false alarm here would condemn a run that nobody did wrong.
const FAMILY_ERROR: f64 = 1e-5;
/// The difference between the delay kept and the one drawn, in seconds, that still counts as kept.
const KEPT: f64 = 0.010;
/// Where a law ramps, the moment of the draw is known this well.
const MOMENT: Duration = Duration::from_millis(1);
/// The grain of recorded delays.
const GRAIN: Duration = Duration::from_nanos(2);

fn observe(case: &Case<'_>) -> Vec<Observation> {
    if let Some(changed) = case.changed(Measure::LatencyLawDistance, Unit::Number) {
        return vec![changed];
    }
    let groups = uniforms(case);
    let distances: Vec<f64> = groups.iter().map(|(_, u)| distance(u)).collect();
    let p_values: Vec<f64> =
        groups.iter().zip(&distances).map(|((_, u), distance)| p_value(*distance, u.len() as u64)).collect();
    let wrong = rejected(&p_values, FAMILY_ERROR);
    let tests = groups.len().max(1) as f64;
    let told = distances.into_iter().zip(wrong.into_iter().zip(p_values));
    let laws = groups.iter().zip(told).map(|((part, u), (distance, (wrong, chance)))| {
        let n = u.len() as u64;
        let reading = Reading::of(Measure::LatencyLawDistance, Unit::Number, n)
            .part(part.clone())
            .value(Some(distance))
            .chance(chance)
            .ruled(if wrong { Verdict::Failed } else { Verdict::Held });
        case.judge(reading, at_most(critical(FAMILY_ERROR / tests, n), BoundSource::Rule))
    });
    laws.chain(kept(case, !groups.is_empty())).collect()
}

/// The delays of each phase and route, put through their laws and sorted.
fn uniforms(case: &Case<'_>) -> Vec<(String, Vec<f64>)> {
    let plan = case.plan();
    let stream = Stream::named(&["checks", "latency-law"]);
    let mut groups: BTreeMap<(u16, u16, u16), Vec<f64>> = BTreeMap::new();
    for (index, attempt) in (0_u64..).zip(&case.evidence.recording.attempts) {
        let phase = plan.segments.get(usize::from(attempt.segment)).and_then(|s| s.phase);
        let law = law_of(plan, attempt).filter(|_| attempt.fate.is_admitted());
        if let (Some(phase), Some(law)) = (phase, law) {
            let mut dice = plan.seed.dice(stream, index, 0);
            let group = groups.entry((phase, attempt.upstream.0, attempt.route.0)).or_default();
            let drawn = (usize::from(attempt.segment), attempt.head, attempt.fate.delay.get());
            group.push(uniform(law, plan, drawn, dice.unit()));
        }
    }
    let mut out = connects(case, stream);
    for ((phase, upstream, route), mut values) in groups {
        values.sort_unstable_by(f64::total_cmp);
        let host = upstorm_model::HostId(upstream);
        let names = plan.upstream_of(host).and_then(|(_, u)| u.routes.get(usize::from(route)));
        let route = names.map_or("?", |r| r.name.as_str());
        let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
        out.push((format!("{phase}: {}/{route}", plan.host_name(host)), values));
    }
    out
}

/// The same for the delays of connections.
fn connects(case: &Case<'_>, stream: Stream) -> Vec<(String, Vec<f64>)> {
    let plan = case.plan();
    let mut groups: BTreeMap<(u16, u16), Vec<f64>> = BTreeMap::new();
    for (index, connection) in (0_u64..).zip(&case.evidence.recording.connections) {
        let segment = usize::from(connection.segment);
        let phase = plan.segments.get(segment).and_then(|s| s.phase);
        let upstream = plan.upstream_of(connection.upstream);
        let law = upstream.and_then(|(_, u)| u.timeline.get(segment)?.connect.delay.as_ref());
        if let (Some(phase), Some(law), ConnectionFate::Served) = (phase, law, connection.fate) {
            let place = plan.seed.dice(stream, index, 1).unit();
            let drawn = (segment, connection.accepted, connection.delay.get());
            groups.entry((phase, connection.upstream.0)).or_default().push(uniform(law, plan, drawn, place));
        }
    }
    let named = |((phase, upstream), mut values): ((u16, u16), Vec<f64>)| {
        values.sort_unstable_by(f64::total_cmp);
        let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
        (format!("{phase}: {} connect delay", plan.host_name(upstorm_model::HostId(upstream))), values)
    };
    groups.into_iter().map(named).collect()
}

/// The law that an attempt met: its route's, or that of the step of a script; none where it said itself what it would meet.
fn law_of<'a>(plan: &'a Plan, attempt: &Attempt) -> Option<&'a Law> {
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let segment = upstream.timeline.get(usize::from(attempt.segment))?;
    segment.routes.get(usize::from(attempt.route.0))?.latency_of(attempt.fate.origin)
}

/// Where a delay, drawn in this segment at this time, lies in its law, from 0 to 1; within an atom at `place` of it.
fn uniform(law: &Law, plan: &Plan, (segment, at, delay): (usize, Offset, Duration), place: f64) -> f64 {
    let moments = [at - MOMENT, at + MOMENT].map(|at| plan.progress(segment, at));
    let below = moments.map(|p| law.cdf(p, delay.saturating_sub(GRAIN)));
    let upto = moments.map(|p| law.cdf(p, delay + GRAIN));
    // No delay is below zero, so all of an atom at zero lies above nothing.
    let low = if delay <= GRAIN { 0.0 } else { below[0].min(below[1]) };
    let high = upto[0].max(upto[1]);
    (low + (high - low) * place).clamp(0.0, 1.0)
}

/// How well delays were kept; nothing where delays were drawn and none ran to its end.
fn kept(case: &Case<'_>, drawn: bool) -> Option<Observation> {
    let attempts = &case.evidence.recording.attempts;
    let off = |a: &Attempt| a.delay.map(|kept| (kept.as_secs_f64() - a.fate.delay.as_secs_f64()).abs());
    let judged = attempts.iter().filter(|a| a.fate.is_admitted() && a.head >= case.plan().warmup_until);
    let mut errors: Vec<(f64, &Attempt)> = judged.filter_map(|a| Some((off(a)?, a))).collect();
    errors.sort_by(|a, b| a.0.total_cmp(&b.0));
    if drawn && errors.is_empty() {
        return None;
    }
    let values: Vec<f64> = errors.iter().map(|e| e.0).collect();
    let p99 = quantile(&values, 0.99);
    let worst = errors.iter().rev().take(5).filter(|e| e.0 > KEPT);
    let exhibit = |e: &(f64, &Attempt)| Exhibit { at: e.1.head, call: e.1.keys.call, value: e.0 };
    let reading = Reading::of(Measure::DelayError, Unit::Seconds, errors.len() as u64)
        .value(p99)
        .doubted(p99.filter(|e| *e > KEPT).map(|seconds| Doubt::HarnessLate { seconds }))
        .exhibits(worst.map(exhibit).collect());
    Some(case.judge(reading, at_most(KEPT, BoundSource::Rule)))
}
