//! The fixture of the renderers of several seeds: the retry storm with seeds 1 to 20, its values drawn by the model's dice.
//!
//! Most seeds hold; two break the bound on errors, and one check never has enough samples.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{
    Bound, BoundSource, CheckAcross, Doubt, Finding, Interval, Measure, MeasureAcross, Observation,
    QuantileAcross, Relation, SeedRun, Unit, Verdict,
};
use upstorm_model::{Seed, Stream};

fn draw(seed: u64, what: &'static str, (low, high): (f64, f64)) -> Option<f64> {
    let mut dice = Seed(seed).dice(Stream::named(&["twenty", what]), 0, 0);
    Some(low + (high - low) * dice.unit() * dice.unit())
}

fn measure(
    kind: (Measure, Unit),
    bound: (Relation, f64),
    value: impl Fn(u64) -> Option<f64>,
) -> MeasureAcross {
    let values: Vec<Option<f64>> = (1..=20).map(value).collect();
    let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let bound = Bound { relation: bound.0, value: bound.1, source: BoundSource::Scenario };
    let beyond =
        |v: &&f64| if bound.relation == Relation::AtMost { **v > bound.value } else { **v < bound.value };
    let failed = values.iter().flatten().filter(beyond).count() as u64;
    let n = sorted.len();
    let worst = values.iter().zip(1_u64..).filter_map(|(v, seed)| Some(((*v)?, seed)));
    let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, seed)| seed);
    // The ranks of 20 values that bound their quantiles with 97.5 % each side.
    let ranks = [(0.05, 1, None, Some(4)), (0.5, 10, Some(6), Some(15)), (0.95, 19, Some(17), None)];
    let at = |rank: usize| sorted[rank - 1];
    let quantile = |(q, rank, low, high): (f64, usize, Option<usize>, Option<usize>)| QuantileAcross {
        q,
        value: at(rank),
        low: low.map(at),
        high: high.map(at),
        confidence: 0.95,
    };
    MeasureAcross {
        measure: kind.0,
        part: String::new(),
        unit: kind.1,
        bound: Some(bound),
        failed,
        inconclusive: 0,
        doubt: None,
        n: n as u64,
        min: sorted.first().copied(),
        max: sorted.last().copied(),
        worst_seed: worst,
        quantiles: if n == 20 { ranks.map(quantile).to_vec() } else { Vec::new() },
        values,
    }
}

/// The interval of none to three of 20; anything where nothing could be told.
fn interval(hits: u64, told: u64) -> Interval {
    let (low, high) = match (hits, told) {
        (0, 20) => (0.0, 0.1684),
        (1, 20) => (0.0013, 0.2487),
        (2, 20) => (0.0123, 0.3170),
        (3, 20) => (0.0321, 0.3789),
        _ => (0.0, 1.0),
    };
    Interval { low, high, confidence: 0.95 }
}

fn check(
    name: (&str, &str),
    place: (&str, &[&str]),
    line: Option<u32>,
    measures: Vec<MeasureAcross>,
) -> CheckAcross {
    let failed = measures.iter().map(|m| m.failed).max().unwrap_or(0);
    let unsure = measures.iter().map(|m| m.inconclusive).max().unwrap_or(0);
    let first = |of: &dyn Fn(f64, Bound) -> bool| {
        let m = measures.iter().find(|m| m.failed > 0)?;
        let bound = m.bound?;
        m.values.iter().position(|v| v.is_some_and(|v| of(v, bound))).map(|at| at as u64 + 1)
    };
    let told = 20 - unsure;
    CheckAcross {
        check: name.0.into(),
        kind: name.1.into(),
        subject: place.0.into(),
        during: place.1.iter().map(|d| (*d).into()).collect(),
        severity: Severity::Fail,
        line,
        column: line.map(|_| 1),
        held: 20 - failed - unsure,
        failed,
        inconclusive: unsure,
        unjudged: 0,
        first_failed: first(&|v, b| if b.relation == Relation::AtMost { v > b.value } else { v < b.value }),
        first_inconclusive: (unsure > 0).then_some(1),
        failing: (told > 0).then(|| failed as f64 / told as f64),
        failing_interval: interval(failed, told),
        measures,
    }
}

/// What each check found over the seeds.
pub(crate) fn across() -> Vec<CheckAcross> {
    use Relation::{AtLeast, AtMost};
    const EDGE: &str = "edge -> payments";
    let p95 = |seed| draw(seed, "p95", (0.11, 0.24));
    let errors = |seed| draw(seed, "errors", (0.012, 0.1));
    let storm = |seed| draw(seed, "storm", (1.02, 1.38));
    let slow = |seed| draw(seed, "slow", (3.1, 9.4));
    let jitter = MeasureAcross {
        inconclusive: 20,
        doubt: Some(Doubt::TooFewSamples { needed: 100 }),
        ..measure((Measure::RetrySpread, Unit::Seconds), (AtLeast, 0.14), |_| None)
    };
    let none = |_| Some(0.0);
    let quantile = measure((Measure::LatencyQuantile, Unit::Seconds), (AtMost, 0.3), p95);
    let quantile = MeasureAcross { part: "p95".into(), ..quantile };
    let recovery = measure((Measure::RecoveryTime, Unit::Seconds), (AtMost, 6.5), slow);
    let errors = measure((Measure::ErrorShare, Unit::Ratio), (AtMost, 0.05), errors);
    let storm = measure((Measure::Amplification, Unit::Times), (AtMost, 1.5), storm);
    let over = measure((Measure::RetriesOverBudget, Unit::Count), (AtMost, 0.0), none);
    let late = measure((Measure::LoadLateness, Unit::Seconds), (AtMost, 0.01), none);
    let recovers = check(("recovers", "recovery"), ("shoppers", &["outage"]), Some(93), vec![recovery]);
    vec![
        check(("fast when well", "slo"), ("shoppers", &["steady"]), Some(61), vec![quantile]),
        check(
            ("errors stay low even while payments is down", "slo"),
            ("shoppers", &["outage"]),
            Some(66),
            vec![errors],
        ),
        check(("amplification", "amplification"), (EDGE, &["outage"]), Some(71), vec![storm]),
        check(("retry budget", "retry_budget"), (EDGE, &[]), Some(81), vec![over]),
        check(("jitter", "jitter"), (EDGE, &["outage"]), Some(85), vec![jitter]),
        CheckAcross { severity: Severity::Warn, ..recovers },
        check(("load-delivered", "load-delivered"), ("", &[]), None, vec![late]),
    ]
}

fn finding(across: &CheckAcross, index: usize) -> Finding {
    let observation = |m: &MeasureAcross| {
        let value = m.values.get(index).copied().flatten();
        let beyond = value
            .zip(m.bound)
            .is_some_and(|(v, b)| if b.relation == Relation::AtMost { v > b.value } else { v < b.value });
        Observation {
            measure: m.measure,
            part: m.part.clone(),
            value,
            unit: m.unit,
            n: 400,
            interval: None,
            bound: m.bound,
            verdict: match value {
                None => Verdict::Inconclusive,
                Some(_) if beyond => Verdict::Failed,
                Some(_) => Verdict::Held,
            },
            doubt: None,
            exhibits: Vec::new(),
            p_value: None,
            recognised: None,
        }
    };
    let observations: Vec<Observation> = across.measures.iter().map(observation).collect();
    Finding {
        check: across.check.clone(),
        kind: across.kind.clone(),
        subject: across.subject.clone(),
        during: across.during.clone(),
        severity: across.severity,
        verdict: Finding::verdict_of(&observations),
        observations,
        line: across.line,
        column: across.column,
    }
}

/// The runs that the fixture adds up.
pub(crate) fn runs() -> Vec<SeedRun> {
    let across = across();
    let run = |seed: u64| {
        let findings: Vec<Finding> = across.iter().map(|c| finding(c, seed as usize - 1)).collect();
        let failed = findings.iter().any(|f| f.verdict == Verdict::Failed && f.severity == Severity::Fail);
        SeedRun { seed, exit_code: if failed { 10 } else { 12 }, findings }
    };
    (1..=20).map(run).collect()
}
