//! The findings of the fixture: held, failed and inconclusive ones, warnings, and those of the always-on checks.

use upstorm_model::Offset;
use upstorm_model::recording::CallId;
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{
    Bound, BoundSource, Doubt, Exhibit, Finding, Interval, Measure, Observation, Relation, Unit, Verdict,
};

fn observation(
    measure: Measure,
    (value, unit, n): (Option<f64>, Unit, u64),
    bound: (Relation, f64),
) -> Observation {
    let (relation, limit) = bound;
    let held = value.is_some_and(|v| if relation == Relation::AtMost { v <= limit } else { v >= limit });
    Observation {
        measure,
        part: String::new(),
        value,
        unit,
        n,
        interval: None,
        bound: Some(Bound { relation, value: limit, source: BoundSource::Scenario }),
        verdict: if held { Verdict::Held } else { Verdict::Failed },
        doubt: None,
        exhibits: Vec::new(),
        p_value: None,
        recognised: None,
    }
}

fn sure(mut o: Observation, low: f64, high: f64) -> Observation {
    o.interval = Some(Interval { low, high, confidence: 0.95 });
    o
}

fn part(mut o: Observation, part: &str) -> Observation {
    o.part = part.into();
    o
}

fn doubted(mut o: Observation, doubt: Doubt) -> Observation {
    (o.verdict, o.doubt) = (Verdict::Inconclusive, Some(doubt));
    o
}

fn finding(name: (&str, &str), subject: &str, during: &[&str], observations: Vec<Observation>) -> Finding {
    Finding {
        check: name.0.into(),
        kind: name.1.into(),
        subject: subject.into(),
        during: during.iter().map(|d| (*d).into()).collect(),
        severity: Severity::Fail,
        verdict: Finding::verdict_of(&observations),
        observations,
        line: None,
        column: None,
    }
}

fn at_line(mut f: Finding, line: u32) -> Finding {
    (f.line, f.column) = (Some(line), Some(1));
    f
}

fn warning(mut f: Finding) -> Finding {
    f.severity = Severity::Warn;
    f
}

const EDGE: &str = "edge -> payments";

/// One finding for each check of the fixture.
pub(crate) fn findings() -> Vec<Finding> {
    [of_client(), of_edge(), always_on()].concat()
}

fn of_client() -> Vec<Finding> {
    use Relation::AtMost;
    let p95 = observation(Measure::LatencyQuantile, (Some(0.125), Unit::Seconds, 2012), (AtMost, 0.3));
    let p99 = observation(Measure::LatencyQuantile, (Some(0.184), Unit::Seconds, 2012), (AtMost, 0.18));
    let fast = vec![
        sure(part(p95, "p95"), 0.119, 0.131),
        doubted(sure(part(p99, "p99"), 0.171, 0.203), Doubt::Undecided),
    ];
    let errors = observation(Measure::ErrorShare, (Some(0.624), Unit::Ratio, 2012), (AtMost, 0.05));
    let errors = vec![sure(errors, 0.603, 0.645)];
    let well = observation(Measure::RecoveryTime, (Some(7.2), Unit::Seconds, 10), (AtMost, 5.0));
    vec![
        at_line(finding(("fast when well", "slo"), "shoppers", &["steady"], fast), 61),
        at_line(finding(("errors stay low", "slo"), "shoppers", &["outage"], errors), 66),
        warning(at_line(finding(("recovers", "recovery"), "shoppers", &["outage"], vec![well]), 93)),
    ]
}

fn of_edge() -> Vec<Finding> {
    use Relation::{AtLeast, AtMost};
    let storm = observation(Measure::Amplification, (Some(3.52), Unit::Times, 1104), (AtMost, 1.5));
    let exhibit = |at| Exhibit { at: Offset::from_secs_f64(at), call: Some(CallId(17)), value: 4.0 };
    let storm = Observation { exhibits: [13.0, 14.2, 15.9].map(exhibit).to_vec(), ..sure(storm, 3.44, 3.6) };
    let opened = observation(Measure::BreakerOpened, (Some(5.4), Unit::Seconds, 1), (AtMost, 2.0));
    let closed = observation(Measure::BreakerClosed, (Some(1.9), Unit::Seconds, 1), (AtMost, 10.0));
    let mut over = observation(Measure::RetriesOverBudget, (Some(1874.0), Unit::Count, 3112), (AtMost, 0.0));
    over.bound = over.bound.map(|b| Bound { source: BoundSource::Settings, ..b });
    let spread = observation(Measure::RetrySpread, (None, Unit::Seconds, 41), (AtLeast, 0.14));
    let spread = doubted(spread, Doubt::TooFewSamples { needed: 100 });
    let hints = observation(Measure::EarlyRetries, (None, Unit::Ratio, 0), (AtMost, 0.001));
    let hints = doubted(hints, Doubt::NothingMeasured);
    vec![
        at_line(finding(("amplification", "amplification"), EDGE, &["outage"], vec![storm]), 71),
        at_line(finding(("breaker", "breaker"), EDGE, &["outage"], vec![opened, closed]), 76),
        at_line(finding(("retry budget", "retry_budget"), EDGE, &[], vec![over]), 81),
        at_line(finding(("jitter", "jitter"), EDGE, &["outage"], vec![spread]), 85),
        warning(at_line(finding(("honours Retry-After", "retry_after"), EDGE, &[], vec![hints]), 89)),
    ]
}

fn always_on() -> Vec<Finding> {
    use Relation::{AtLeast, AtMost};
    let share =
        |value, of: f64| observation(Measure::FaultShare, (Some(value), Unit::Ratio, 3890), (AtLeast, of));
    let faults = vec![
        part(share(0.902, 0.85), "outage: payments/default 503"),
        part(share(0.0493, 0.04), "outage: payments/default reset #1"),
    ];
    let load = vec![
        observation(Measure::LoadSent, (Some(1.0), Unit::Ratio, 6425), (AtLeast, 0.999)),
        observation(Measure::LoadLateness, (Some(0.000_297), Unit::Seconds, 6425), (AtMost, 0.01)),
    ];
    let kept = observation(Measure::DelayError, (Some(0.000_178), Unit::Seconds, 8_700), (AtMost, 0.002));
    let orphans = observation(Measure::OrphanAttempts, (Some(0.0), Unit::Count, 9_000), (AtMost, 0.0));
    vec![
        finding(("faults-injected", "faults-injected"), "", &[], faults),
        finding(("load-delivered", "load-delivered"), "", &[], load),
        finding(("latency-law", "latency-law"), "", &[], vec![kept]),
        finding(("attempts-accounted", "attempts-accounted"), "", &[], vec![orphans]),
    ]
}
