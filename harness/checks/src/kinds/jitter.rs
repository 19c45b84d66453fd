//! `jitter`: whether the first retries of calls that failed together are spread.
//!
//! Without jitter, callers who failed together come back together and knock the upstream over again (Brooker,
//! "Exponential Backoff And Jitter", AWS 2015). The delays from the end of each first attempt to the head of the second are
//! looked at, as if all had failed at once. Where the upstream held at least 100 and let them go together they are those of
//! the largest such cohort; where at least 100 failed within 1 ms by themselves, it is their retries' arrival times that
//! count. Arrivals as such prove nothing: displaced Poisson is Poisson.
//!
//! - Spread: the effective width (statistics/spread.rs) in bins of a hundredth of the expected width; Failed below 0.7 of
//!   it where chance would do so a few times in a million, else Inconclusive.
//! - Peak: in bins of a twentieth; from 200 calls on, up to 2.2 is spread, or what chance makes of so few once in a million;
//!   over 4 is a herd.
//! - Repeated delays: pairs equal to 0.2 ms, against chance; finds one sequence of jitter shared by all calls.
//!
//! A machine that stands still makes what was due meanwhile come at once. Over real sockets bins are at least twice as wide
//! as the longest such stall (evidence/stall.rs), up to a tenth of the width, and what a stall may have made fails nobody.
//!
//! The expected width is the scenario's, or that of the subject's own family. A subject without jitter is held against
//! full jitter of its own base, one that retries at once or whose settings are unknown against 20 ms. The turnaround of
//! the subject is not taken off: it widens a spread a little and narrows none. Retries that follow a Retry-After, or a
//! 429 with a base of its own, are left out. Attempts belong to a phase by the first attempt of their call.

use std::collections::BTreeMap;
use std::ops::Range;

use upstorm_model::policy::{Backoff, Jitter};
use upstorm_model::recording::{Attempt, Holder};
use upstorm_model::scenario::CheckKind;
use upstorm_model::verdict::{Bound, BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, RouteId, TimeSpan};

use crate::evidence::{failed, overtaken, stall};
use crate::reading::{at_least, at_most};
use crate::statistics::{
    chance_of_meetings, chance_of_more, chance_of_peak, close_pairs, effective_width, peak_of_chance,
    peak_over_mean,
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
/// it a few times as often.
const FALSE_ALARM: f64 = 1e-6;
/// A peak over the mean that is spread, however many there are.
const SPREAD_PEAK: f64 = 2.2;
/// One that is a herd.
const HERD_PEAK: f64 = 4.0;
/// How much more often than by chance delays may repeat.
const MOST_REPEATED: f64 = 2.0;
/// The parts of the expected width in which a peak is looked for.
const BINS: u32 = 20;
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
    let backoff = case.retry_of(edge.hop.0).map(|retry| &retry.backoff);
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
        .retried()
        .filter(|call| case.period.contains(call.first().head))
        .filter_map(|call| call.pairs().next())
        .filter(usable)
        .filter_map(|(first, second)| Retry::of(first, second))
        .collect();
    let retries = Returned::of(case, retries, width);
    let spread = retries.spread(case, at_least(NARROW * width, source));
    let mut out = vec![spread];
    if retries.delays.len() >= LEAST_FOR_PEAK {
        out.push(retries.peak(case));
        out.push(retries.repeated(case));
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
    first: &'a Attempt,
    attempt: &'a Attempt,
}

impl<'a> Retry<'a> {
    /// None for an attempt that started while the one before was open: a hedge, or one that was abandoned.
    fn of(first: &'a Attempt, attempt: &'a Attempt) -> Option<Self> {
        let (ended, came) = (first.end.as_secs_f64(), attempt.head.as_secs_f64());
        (came >= ended - OVERLAP).then_some(Self { ended, came: came.max(ended), first, attempt })
    }

    /// With whom its first attempt was held until all were let go; none where it left before.
    fn cohort(&self) -> Option<(HostId, RouteId, u32)> {
        let held = self.first.held.filter(|held| held.by == Holder::Cohort && held.lasted.is_some())?;
        Some((self.first.upstream, self.first.route, held.group))
    }
}

/// The largest cohort that was held and let go together, if it is large enough.
fn held_cohort<'a>(retries: &[Retry<'a>]) -> Option<Vec<Retry<'a>>> {
    let mut cohorts: BTreeMap<_, Vec<Retry<'a>>> = BTreeMap::new();
    for retry in retries {
        if let Some(cohort) = retry.cohort() {
            cohorts.entry(cohort).or_default().push(*retry);
        }
    }
    cohorts.into_values().max_by_key(Vec::len).filter(|cohort| cohort.len() as u64 >= LEAST)
}

/// The most retries, sorted by the ends of their first attempts, whose first attempts ended together.
fn ended_together(retries: &[Retry<'_>]) -> Range<usize> {
    let (mut best, mut first) = (0..0, 0);
    for last in 0..retries.len() {
        while retries[last].ended - retries[first].ended > TOGETHER {
            first += 1;
        }
        if last + 1 - first > best.len() {
            best = first..last + 1;
        }
    }
    best
}

/// The retries that are looked at: those of a cohort, or all aligned at zero.
struct Returned<'a> {
    /// Delays in seconds, sorted, with the retry each belongs to.
    delays: Vec<(f64, &'a Attempt)>,
    /// Over which width they should be spread.
    width: f64,
    /// How long the machine stood still meanwhile; retries that are due at different times meet in no stall.
    stall: f64,
}

impl<'a> Returned<'a> {
    fn of(case: &Case<'_>, mut retries: Vec<Retry<'a>>, width: f64) -> Self {
        retries.sort_by(|a, b| a.ended.total_cmp(&b.ended));
        let best = ended_together(&retries);
        let start = retries.get(best.start).map_or(0.0, |r| r.ended);
        let (cohort, chosen, start) = match held_cohort(&retries) {
            Some(held) => (true, held, None),
            None if best.len() as u64 >= LEAST => (true, retries[best].to_vec(), Some(start)),
            None => (false, retries, None),
        };
        let mut delays: Vec<_> =
            chosen.iter().map(|r| (r.came - start.unwrap_or(r.ended), r.attempt)).collect();
        delays.sort_by(|a, b| a.0.total_cmp(&b.0));
        let from = chosen.iter().map(|r| r.first.end).min();
        let to = chosen.iter().map(|r| r.attempt.head).max();
        let stall = from.zip(to).filter(|_| cohort).map_or(0.0, |(from, to)| stall(case.evidence, from, to));
        Self { delays, width, stall }
    }

    fn values(&self) -> Vec<f64> {
        self.delays.iter().map(|d| d.0).collect()
    }

    /// This, or as wide as stalls ask for.
    fn no_finer_than_stalls(&self, seconds: f64) -> f64 {
        seconds.max((2.0 * self.stall).min(self.width / 10.0))
    }

    /// The doubt about what would be sound if it were by so much less than it seems: a stall makes that much of what comes
    /// within a bin.
    fn doubt(&self, bin: f64, is_sound: impl Fn(f64) -> bool) -> Option<Doubt> {
        let doubtful = self.stall > 0.0 && is_sound(1.0 + self.stall / bin);
        doubtful.then_some(Doubt::HarnessLate { seconds: self.stall })
    }

    fn spread(&self, case: &Case<'_>, bound: Bound) -> Observation {
        let bin = self.no_finer_than_stalls((self.width / 100.0).max(SAME));
        let exhibit = |d: &(f64, &Attempt)| Exhibit { at: d.1.head, call: d.1.keys.call, value: d.0 };
        let values = self.values();
        let width = effective_width(&values, bin);
        let chance = chance_of_meetings(&values, bin, self.width);
        let verdict = match width {
            _ if width >= bound.value => Verdict::Held,
            _ if chance < FALSE_ALARM => Verdict::Failed,
            _ => Verdict::Inconclusive,
        };
        let doubt = self.doubt(bin, |by| verdict == Verdict::Failed && width * by >= bound.value);
        let reading = Reading::of(Measure::RetrySpread, Unit::Seconds, values.len() as u64)
            .value((values.len() > 1).then_some(width))
            .ruled(verdict)
            .chance(chance)
            .needs(LEAST)
            .doubted(case.edge().and_then(crate::evidence::Edge::doubt))
            .doubted(doubt)
            .exhibits(self.delays.iter().take(5).map(exhibit).collect());
        case.judge(reading, bound)
    }

    /// The retries of the most crowded stretch of delays, so many seconds wide, which are what a value comes from.
    fn crowd(&self, seconds: f64, value: f64) -> Vec<Exhibit> {
        let delays = &self.delays;
        let end = |first: usize| delays.partition_point(|d| d.0 <= delays[first].0 + seconds);
        let crowd = (0..delays.len()).map(|first| first..end(first)).max_by_key(Range::len);
        let exhibit = |d: &(f64, &Attempt)| Exhibit { at: d.1.head, call: d.1.keys.call, value };
        crowd.map_or_else(Vec::new, |crowd| delays[crowd].iter().map(exhibit).collect())
    }

    fn peak(&self, case: &Case<'_>) -> Observation {
        let n = self.delays.len() as u64;
        let peak = peak_over_mean(&self.values(), self.width, BINS);
        let fullest = (peak * n as f64 / f64::from(BINS)).round() as u64;
        let most = SPREAD_PEAK.max(peak_of_chance(n, BINS, FALSE_ALARM));
        let bin = self.width / f64::from(BINS);
        let reading = Reading::of(Measure::RetryPeak, Unit::Times, n)
            .value(Some(peak))
            .chance(chance_of_peak(n, BINS, fullest))
            .ruled(match peak {
                _ if peak <= most => Verdict::Held,
                _ if peak > HERD_PEAK => Verdict::Failed,
                _ => Verdict::Inconclusive,
            })
            .doubted(case.edge().and_then(crate::evidence::Edge::doubt))
            .doubted(self.doubt(bin, |by| peak > HERD_PEAK && peak / by <= HERD_PEAK))
            .exhibits(self.crowd(bin, peak));
        // What chance makes of so few is said where it counts.
        let bound = if SPREAD_PEAK < peak && peak <= most { most } else { SPREAD_PEAK };
        case.judge(reading, at_most(bound, BoundSource::Rule))
    }

    fn repeated(&self, case: &Case<'_>) -> Observation {
        let n = self.delays.len() as u64;
        let pairs = n * (n - 1) / 2;
        let same = self.no_finer_than_stalls(SAME);
        let chance = (2.0 * same / self.width).min(1.0);
        let expected = pairs as f64 * chance;
        let met = close_pairs(&self.values(), same);
        let times = met as f64 / expected;
        // Twice as many as chance gives is no shared sequence yet if chance gives one or two.
        let by_chance = chance_of_more(met as f64, pairs as f64, chance);
        let failed = times > MOST_REPEATED && by_chance < FALSE_ALARM;
        let reading = Reading::of(Measure::RepeatedDelays, Unit::Times, n)
            .value(Some(times))
            .ruled(if failed { Verdict::Failed } else { Verdict::Held })
            .chance(by_chance)
            .doubted(case.edge().and_then(crate::evidence::Edge::doubt))
            .doubted(self.doubt(same, |by| failed && times / by <= MOST_REPEATED))
            .exhibits(self.crowd(same, times));
        case.judge(reading, at_most(MOST_REPEATED, BoundSource::Rule))
    }
}
