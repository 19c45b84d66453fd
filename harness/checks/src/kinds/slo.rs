//! `slo`: what callers got: latency quantiles, errors, throttling, availability.
//!
//! Latency counts from the planned send time, so a stall of the subject cannot hide by delaying the calls behind it
//! (coordinated omission). "The p-quantile is at most Y" means that at most 1−p of the successful calls exceed Y: Held
//! if the 95 % Clopper–Pearson upper bound of that share is at most 1−p, Failed if the lower bound is above, else
//! Inconclusive. Calls still open at the end count as exceeding, failed ones as errors. Shares are judged the same way;
//! a bound of 0 % fails on any event. Samples that come in clumps count as fewer: n / (variance/mean of hits a second).
//!
//! Calls belong to a phase by their planned time.

use std::collections::BTreeMap;

use upstorm_model::plan::Subject;
use upstorm_model::recording::{Call, Outcome};
use upstorm_model::scenario::{CheckKind, Slo};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Relation, Unit, Verdict};
use upstorm_model::{Ratio, TimeSpan};

use crate::evidence::{lateness_limit, lateness_p99};
use crate::reading::{at_least, at_most};
use crate::statistics::{QuantileBounds, chance_of_more, dispersion, least_n, lower, quantile, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "slo",
    title: "service level",
    summary: "latency quantiles from the planned send time, errors, throttled share and availability of a client",
    measures: &[
        Measure::LatencyQuantile,
        Measure::ErrorShare,
        Measure::ThrottledShare,
        Measure::Availability,
    ],
    always_on: false,
    observe,
};

/// The confidence of each one-sided bound.
const CONFIDENCE: f64 = 0.95;
/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Slo(slo)), &Subject::Client(client)) = (&case.check.kind, &case.check.of) else {
        return Vec::new();
    };
    let calls: Vec<&Call> =
        case.evidence.calls_of(client).filter(|c| case.period.contains(c.planned)).collect();
    let timed = Timed::of(&calls);
    let quantiles = slo.quantiles().map(|(p, limit)| latency(case, &timed, (p, limit)));
    quantiles.chain(shares(case, slo, &calls)).collect()
}

/// Successful and still open calls with their latencies, the sorted latencies, and how late they were sent.
struct Timed<'a> {
    calls: Vec<(&'a Call, f64)>,
    sorted: Vec<f64>,
    late: Option<f64>,
}

impl<'a> Timed<'a> {
    fn of(calls: &[&'a Call]) -> Self {
        let counted = |c: &&&Call| c.outcome.is_success() || c.outcome == Outcome::Censored;
        let timed: Vec<(&Call, f64)> =
            calls.iter().filter(counted).map(|c| (*c, c.latency().as_secs_f64())).collect();
        let mut sorted: Vec<f64> = timed.iter().map(|t| t.1).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { calls: timed, sorted, late: lateness_p99(calls.iter().copied()) }
    }
}

fn latency(case: &Case<'_>, timed: &Timed<'_>, (p, limit): (f64, TimeSpan)) -> Observation {
    let bound = limit.as_secs_f64();
    let beyond = |(call, latency): &(&Call, f64)| *latency > bound || call.outcome == Outcome::Censored;
    let share = Share::of(timed.calls.iter().map(|t| (t.0, beyond(t))));
    let bounds = QuantileBounds::of(&timed.sorted, p, share.dispersion, CONFIDENCE);
    let verdict = share.verdict(1.0 - p);
    let late =
        timed.late.filter(|late| *late > lateness_limit(bound) && to_blame(timed, (p, bound), verdict));
    let mut reading = Reading::of(Measure::LatencyQuantile, Unit::Seconds, share.n)
        .part(format!("p{}", (p * 1000.0).round() / 10.0).replace('.', ""))
        .value(quantile(&timed.sorted, p))
        .least(least_n(1.0 - p, CONFIDENCE))
        .ruled(verdict)
        .chance(share.chance(1.0 - p))
        .doubted(late.map(|seconds| Doubt::HarnessLate { seconds }))
        .exhibits(slowest(timed, bound));
    if let (Some(low), Some(high)) = (bounds.low, bounds.high) {
        reading = reading.interval(low, high, 2.0 * CONFIDENCE - 1.0);
    }
    case.judge(reading, at_most(bound, BoundSource::Scenario))
}

/// Whether lateness of the harness could have made this verdict. It only lengthens what is counted from the planned
/// time, so a bound that holds holds all the same; and one that is broken even from the time of sending is broken.
fn to_blame(timed: &Timed<'_>, (p, bound): (f64, f64), verdict: Verdict) -> bool {
    let slow = |call: &Call| call.done.since(call.sent).as_secs_f64() > bound;
    let from_sent = || Share::of(timed.calls.iter().map(|t| (t.0, slow(t.0)))).verdict(1.0 - p);
    match verdict {
        Verdict::Held => false,
        Verdict::Inconclusive => true,
        Verdict::Failed => from_sent() != Verdict::Failed,
    }
}

fn slowest(timed: &Timed<'_>, bound: f64) -> Vec<Exhibit> {
    let mut beyond: Vec<_> = timed.calls.iter().filter(|t| t.1 > bound).collect();
    beyond.sort_by(|a, b| b.1.total_cmp(&a.1));
    let exhibit = |t: &&(&Call, f64)| Exhibit { at: t.0.planned, call: Some(t.0.id), value: t.1 };
    beyond.iter().take(5).map(exhibit).collect()
}

fn shares(case: &Case<'_>, slo: &Slo, calls: &[&Call]) -> Vec<Observation> {
    use Relation::{AtLeast, AtMost};
    let judged = |measure, limit: Option<Ratio>, relation, bad: fn(Outcome) -> bool| {
        limit.map(|limit| share(case, calls, (measure, limit.get(), relation), bad))
    };
    [
        judged(Measure::ErrorShare, slo.errors, AtMost, Outcome::is_error),
        judged(Measure::ThrottledShare, slo.throttled, AtMost, Outcome::is_throttled),
        judged(Measure::Availability, slo.availability, AtLeast, |o| !o.is_success()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Availability is judged as the share of calls that did not succeed, and shown as what is left.
fn share(
    case: &Case<'_>,
    calls: &[&Call],
    (measure, limit, relation): (Measure, f64, Relation),
    bad: fn(Outcome) -> bool,
) -> Observation {
    let share = Share::of(calls.iter().map(|c| (*c, bad(c.outcome))));
    let allowed = if relation == Relation::AtMost { limit } else { 1.0 - limit };
    let shown = |of_bad: f64| if relation == Relation::AtMost { of_bad } else { 1.0 - of_bad };
    let (low, high) = (shown(share.lower()), shown(share.upper()));
    let exhibit = |c: &&&Call| Exhibit { at: c.planned, call: Some(c.id), value: 1.0 };
    let reading = Reading::of(measure, Unit::Ratio, share.n)
        .value((share.n > 0).then(|| shown(share.hits as f64 / share.n as f64)))
        .interval(low.min(high), low.max(high), 2.0 * CONFIDENCE - 1.0)
        .least(least_n(allowed, CONFIDENCE))
        .ruled(share.verdict(allowed))
        .chance(share.chance(allowed))
        .exhibits(calls.iter().filter(|c| bad(c.outcome)).take(5).map(|c| exhibit(&c)).collect());
    let bound = match relation {
        Relation::AtMost => at_most(limit, BoundSource::Scenario),
        Relation::AtLeast => at_least(limit, BoundSource::Scenario),
    };
    case.judge(reading, bound)
}

/// Adds hits, and of how many, to those of their second.
fn add(by_second: &mut BTreeMap<u64, (u64, u64)>, (second, (hits, of)): (u64, (u64, u64))) {
    if of > 0 {
        let sum = by_second.entry(second).or_default();
        *sum = (sum.0 + hits, sum.1 + of);
    }
}

/// How many of some calls hit, and how clumped.
struct Share {
    hits: u64,
    n: u64,
    dispersion: f64,
}

impl Share {
    fn of<'a>(calls: impl Iterator<Item = (&'a Call, bool)>) -> Self {
        let mut by_second: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        // Calls come by their planned time, so those of a second come one after the other.
        let mut now = (0, (0, 0));
        for (call, hit) in calls {
            let second = call.planned.as_nanos() / SECOND;
            if now.0 != second {
                add(&mut by_second, now);
                now = (second, (0, 0));
            }
            now.1.0 += u64::from(hit);
            now.1.1 += 1;
        }
        add(&mut by_second, now);
        let sum = |of: fn(&(u64, u64)) -> u64| by_second.values().map(of).sum();
        Self { hits: sum(|s| s.0), n: sum(|s| s.1), dispersion: dispersion(by_second.values().copied()) }
    }

    fn lower(&self) -> f64 {
        lower(self.hits as f64 / self.dispersion, self.n as f64 / self.dispersion, CONFIDENCE)
    }

    fn upper(&self) -> f64 {
        upper(self.hits as f64 / self.dispersion, self.n as f64 / self.dispersion, CONFIDENCE)
    }

    /// The chance of so many hits if no more were allowed; none where none is allowed, as that is no matter of chance.
    fn chance(&self, allowed: f64) -> Option<f64> {
        let (hits, n) = (self.hits as f64 / self.dispersion, self.n as f64 / self.dispersion);
        (allowed > 0.0).then(|| chance_of_more(hits, n, allowed))
    }

    fn verdict(&self, allowed: f64) -> Verdict {
        match self.hits {
            // No sample proves a share of exactly zero; a bound of zero asks that it never happens, and it did not.
            0 if allowed <= 0.0 => Verdict::Held,
            _ if allowed <= 0.0 => Verdict::Failed,
            _ if self.upper() <= allowed => Verdict::Held,
            _ if self.lower() > allowed => Verdict::Failed,
            _ => Verdict::Inconclusive,
        }
    }
}
