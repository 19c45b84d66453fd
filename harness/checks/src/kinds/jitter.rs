//! `jitter`: whether the first retries of calls that failed together are spread.
//!
//! Without jitter, callers who failed together come back together and knock the upstream over again (Brooker,
//! "Exponential Backoff And Jitter", AWS 2015). Where at least 100 calls failed within 1 ms (a cohort) their retries'
//! arrival times are looked at; otherwise the delays from the end of each first attempt to the head of the second, as if
//! all had failed at once. Arrivals as such prove nothing: displaced Poisson is Poisson.
//!
//! - Spread: the effective width (statistics/spread.rs) in bins of a hundredth of the expected width; Failed below 0.7 of
//!   it where chance would do so at most 3 times in 10,000, else Inconclusive.
//! - Peak: in bins of a twentieth; from 200 calls on, up to 2.2 is spread, over 4 a herd.
//! - Repeated delays: pairs equal to 0.2 ms, against chance; finds one sequence of jitter shared by all calls.
//!
//! The expected width is the scenario's, or that of the subject's own family. A subject without jitter is held against
//! full jitter of its own base, one that retries at once or whose settings are unknown against 20 ms. The turnaround of
//! the subject is not taken off: it widens a spread a little and narrows none. Retries that follow a Retry-After, or a
//! 429 with a base of its own, are left out. Attempts belong to a phase by the first attempt of their call.

use upstorm_model::TimeSpan;
use upstorm_model::policy::{Backoff, Jitter};
use upstorm_model::recording::Attempt;
use upstorm_model::scenario::CheckKind;
use upstorm_model::verdict::{Bound, BoundSource, Exhibit, Measure, Observation, Unit, Verdict};

use crate::evidence::{failed, overtaken};
use crate::reading::{at_least, at_most};
use crate::statistics::{
    at_most as chance_of_at_most, chance_of_meetings, close_pairs, effective_width, peak_over_mean,
};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "jitter",
    title: "retry jitter",
    summary: "whether first retries of calls that failed together are spread over the width of the backoff",
    measures: &[Measure::RetrySpread, Measure::RetryPeak, Measure::RepeatedDelays],
    always_on: false,
    observe,
};

/// Fewer retries say nothing about a spread.
const LEAST: u64 = 100;
/// Fewer retries say nothing about a peak.
const LEAST_FOR_PEAK: usize = 200;
/// A spread below this share of the expected width is none.
const NARROW: f64 = 0.7;
/// How often sound jitter may be found too narrow, were the meetings independent; they are a little clumped, which makes
/// it 3 in 10,000.
const FALSE_ALARM: f64 = 1e-4;
/// What a subject that waits no time at all is held against, in seconds.
const LEAST_WIDTH: f64 = 0.020;
/// Calls that failed within this many seconds failed together.
const TOGETHER: f64 = 0.001;
/// Two delays this close, in seconds, are the same.
const SAME: f64 = 0.0002;
/// An attempt may seem to start this much before the one before it has ended, when its caller's leaving is seen late.
const OVERLAP: f64 = 0.005;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Jitter(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let backoff = case.plan().policy_of(edge.hop.0).map(|p| &p.retry.backoff);
    let throttled_apart = backoff.is_some_and(|b| b.throttled_base.is_some());
    let (width, source) = expected_width(asked.width, backoff);
    let usable = |(first, second): &(&Attempt, &Attempt)| {
        failed(first)
            && !overtaken(first)
            && !overtaken(second)
            && first.hint.is_none()
            && !(throttled_apart && first.status == Some(429))
    };
    let retries: Vec<Retry> = edge
        .calls()
        .filter(|call| case.period.contains(call.first().head))
        .filter_map(|call| call.pairs().next())
        .filter(usable)
        .filter_map(|(first, second)| Retry::of(first, second))
        .collect();
    let delays = sorted_delays(retries);
    let spread = spread(case, &delays, at_least(NARROW * width, source));
    let mut out = vec![spread];
    if delays.len() >= LEAST_FOR_PEAK {
        out.push(peak(case, &delays, width));
        out.push(repeated(case, &delays, width));
    }
    out
}

/// The width of the spread of first retries in seconds, and where that comes from.
pub(super) fn expected_width(asked: Option<TimeSpan>, backoff: Option<&Backoff>) -> (f64, BoundSource) {
    if let Some(width) = asked {
        return (width.as_secs_f64(), BoundSource::Scenario);
    }
    let Some(backoff) = backoff else { return (LEAST_WIDTH, BoundSource::Rule) };
    let (base, max) = (backoff.base.as_secs_f64(), backoff.max.as_secs_f64());
    let first = base.min(max);
    let width = match backoff.jitter {
        Jitter::None | Jitter::Full => first,
        Jitter::Equal => first / 2.0,
        Jitter::Decorrelated => (3.0 * base).min(max) - first,
        Jitter::Proportional => 2.0 * backoff.jitter_factor * first,
        Jitter::Additive => backoff.jitter_factor * first,
        // 2^t·tanh(√(4t)) for t from 0 to 1 spans 1.93; it is steepest at its start, so it meets as one of 1.6 would.
        Jitter::PollyV2 => 1.6 * base / 1.4,
    };
    let settled = backoff.jitter != Jitter::None && width >= LEAST_WIDTH / 20.0;
    if settled { (width, BoundSource::Settings) } else { (width.max(LEAST_WIDTH), BoundSource::Rule) }
}

/// A first retry: when its first attempt ended, when it came, in seconds.
#[derive(Clone, Copy)]
struct Retry<'a> {
    ended: f64,
    came: f64,
    attempt: &'a Attempt,
}

impl<'a> Retry<'a> {
    /// None for an attempt that started while the one before was open: a hedge, or one that was abandoned.
    fn of(first: &Attempt, attempt: &'a Attempt) -> Option<Self> {
        let (ended, came) = (first.end.as_secs_f64(), attempt.head.as_secs_f64());
        (came >= ended - OVERLAP).then_some(Self { ended, came: came.max(ended), attempt })
    }
}

/// Delays in seconds, sorted, with the retry each belongs to: those of the largest cohort, or of all aligned at zero.
fn sorted_delays(mut retries: Vec<Retry<'_>>) -> Vec<(f64, &Attempt)> {
    retries.sort_by(|a, b| a.ended.total_cmp(&b.ended));
    let (mut best, mut first) = (0..0, 0);
    for last in 0..retries.len() {
        while retries[last].ended - retries[first].ended > TOGETHER {
            first += 1;
        }
        if last + 1 - first > best.len() {
            best = first..last + 1;
        }
    }
    let cohort = best.len() as u64 >= LEAST;
    let start = retries.get(best.start).map_or(0.0, |r| r.ended);
    let chosen = if cohort { &retries[best] } else { &retries[..] };
    let from = |r: &Retry<'_>| if cohort { start } else { r.ended };
    let mut delays: Vec<_> = chosen.iter().map(|r| (r.came - from(r), r.attempt)).collect();
    delays.sort_by(|a, b| a.0.total_cmp(&b.0));
    delays
}

fn values(delays: &[(f64, &Attempt)]) -> Vec<f64> {
    delays.iter().map(|d| d.0).collect()
}

fn spread(case: &Case<'_>, delays: &[(f64, &Attempt)], bound: Bound) -> Observation {
    let bin = (bound.value / NARROW / 100.0).max(SAME);
    let exhibit = |d: &(f64, &Attempt)| Exhibit { at: d.1.head, call: d.1.keys.call, value: d.0 };
    let values = values(delays);
    let width = effective_width(&values, bin);
    let reading = Reading::of(Measure::RetrySpread, Unit::Seconds, delays.len() as u64)
        .value((delays.len() > 1).then_some(width))
        .ruled(match width {
            _ if width >= bound.value => Verdict::Held,
            _ if chance_of_meetings(&values, bin, bound.value / NARROW) < FALSE_ALARM => Verdict::Failed,
            _ => Verdict::Inconclusive,
        })
        .needs(LEAST)
        .doubted(case.edge().and_then(crate::evidence::Edge::doubt))
        .exhibits(delays.iter().take(5).map(exhibit).collect());
    case.judge(reading, bound)
}

fn peak(case: &Case<'_>, delays: &[(f64, &Attempt)], width: f64) -> Observation {
    let peak = peak_over_mean(&values(delays), width, 20);
    let reading = Reading::of(Measure::RetryPeak, Unit::Times, delays.len() as u64)
        .value(Some(peak))
        .ruled(match peak {
            _ if peak <= 2.2 => Verdict::Held,
            _ if peak > 4.0 => Verdict::Failed,
            _ => Verdict::Inconclusive,
        })
        .doubted(case.edge().and_then(crate::evidence::Edge::doubt));
    case.judge(reading, at_most(2.2, BoundSource::Rule))
}

fn repeated(case: &Case<'_>, delays: &[(f64, &Attempt)], width: f64) -> Observation {
    let n = delays.len() as u64;
    let pairs = n * (n - 1) / 2;
    let chance = (2.0 * SAME / width).min(1.0);
    let expected = pairs as f64 * chance;
    let met = close_pairs(&values(delays), SAME);
    // Twice as many as chance gives is no shared sequence yet if chance gives one or two.
    let significant = met > 0 && 1.0 - chance_of_at_most(met - 1, pairs, chance) < 1e-4;
    let failed = met as f64 > 2.0 * expected && significant;
    let reading = Reading::of(Measure::RepeatedDelays, Unit::Times, n)
        .value(Some(met as f64 / expected))
        .ruled(if failed { Verdict::Failed } else { Verdict::Held })
        .doubted(case.edge().and_then(crate::evidence::Edge::doubt));
    case.judge(reading, at_most(2.0, BoundSource::Rule))
}
