//! `herd`: whether what comes back after a change comes all at once.
//!
//! A service that was down is weakest when it is back: its caches are cold, and everybody who waited for it is at the
//! door. Retries (and calls that were held up) are counted in twentieths of `within`, in the busiest such stretch soon
//! after each change: the start and the end of each phase looked at, the closing of the breaker, and, where hints are
//! obeyed, the end of a Retry-After.
//!
//! - Peak over mean: at most `max_peak` (4 without it). Failed only if chance makes such a peak of an even spread once in
//!   a million at most (the exact binomial tail of the fullest bin). Needs 100 that came back.
//! - Clumps: over the whole stretch, first retries against what an even spread over the width of the backoff makes of the
//!   failures that caused them (χ² over blocks of which at least five are expected). Independent waits scatter once as
//!   much; Failed beyond twice as much, or what chance makes of so few blocks once in a million. Failures that come in waves are thus no fault of the
//!   retries.
//!
//! `within` comes from the scenario, or is the width of the first wait in the subject's own settings; a subject without
//! jitter is held against its own base, as in `jitter`. Attempts belong to a phase by the first attempt of their call.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::recording::Attempt;
use upstorm_model::scenario::{CheckKind, Herd};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit, Verdict};

use super::breaker_episodes::episodes;
use super::jitter::expected_width;
use crate::evidence::{Edge, failed, offered, overtaken, returning};
use crate::reading::at_most;
use crate::statistics::{ChiSquared, chance_of_peak, peak_over_mean};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "herd",
    title: "herds",
    summary: "whether what comes back after a change comes all at once, and whether retries clump",
    measures: &[Measure::HerdPeak, Measure::HerdClumps],
    always_on: false,
    observe,
};

/// Fewer that come back make no herd.
const LEAST: u64 = 100;
/// Parts of the stretch that is looked at.
const BINS: u32 = 20;
/// The peak over the mean where the scenario names none: with 200 in 20 bins an even spread stays below 2.2.
const MAX_PEAK: f64 = 4.0;
/// The scatter of retries beyond which they have something in common.
const MAX_CLUMPS: f64 = 2.0;
/// Fewer blocks do not show a scatter.
const LEAST_CELLS: u64 = 30;
/// How often chance may look like a herd.
const FALSE_ALARM: f64 = 1e-6;
/// No more cells of time than this are counted.
const MOST_CELLS: f64 = 200_000.0;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Herd(asked)), Some(edge)) = (&case.check.kind, case.edge()) else {
        return Vec::new();
    };
    let retry = case.retry_of(edge.hop.0);
    let (width, _) = expected_width(asked.within, retry.map(|retry| &retry.backoff));
    let mut peaks: Vec<Stretch> = stretches(case, edge, width);
    let enough = |s: &Stretch| s.arrivals.len() as u64 >= LEAST;
    let clumps = clumps(case, edge, width);
    if peaks.iter().any(enough) || clumps.is_sustained() {
        peaks.retain(enough);
    } else {
        peaks.sort_by_key(|s| std::cmp::Reverse(s.arrivals.len()));
        peaks.truncate(1);
    }
    let peaks = peaks.iter().map(|stretch| peak(case, asked, stretch, edge));
    let clumps = clumps.is_sustained().then(|| clumps.judge(case, edge));
    peaks.chain(clumps).collect()
}

/// The busiest stretch after a change.
struct Stretch<'a> {
    part: String,
    width: f64,
    arrivals: Vec<&'a Attempt>,
}

fn stretches<'a>(case: &Case<'a>, edge: &Edge<'a>, width: f64) -> Vec<Stretch<'a>> {
    let arrivals = returning(case.evidence, edge);
    let retry = case.retry_of(edge.hop.0);
    let first_wait = retry.map_or(Duration::from_secs(1), |r| r.backoff.base.get().min(r.backoff.max.get()));
    let reach = first_wait * 2 + Duration::from_secs_f64(width.max(0.5));
    let after = |(part, at): (String, Offset)| {
        let until = at + reach;
        let from = arrivals.partition_point(|a| a.head < at);
        let to = arrivals.partition_point(|a| a.head < until);
        let seen = arrivals.get(from..to.max(from)).unwrap_or_default();
        Stretch { part, width, arrivals: busiest(seen, width) }
    };
    let mut out: Vec<Stretch> = changes(case, edge).into_iter().map(after).collect();
    let factor = retry.filter(|r| !r.hint.honor.is_empty()).map(|r| r.hint.jitter_factor);
    out.extend(factor.and_then(|factor| hinted(case, edge, factor)));
    out
}

/// The changes that calls may have waited for, within what is looked at.
fn changes(case: &Case<'_>, edge: &Edge<'_>) -> Vec<(String, Offset)> {
    let plan = case.plan();
    let looked = |index: usize| {
        case.check.during.is_empty() || case.check.during.iter().any(|i| usize::from(*i) == index)
    };
    let mut out = Vec::new();
    for phase in plan.phases.iter().enumerate().filter(|(index, _)| looked(*index)).map(|(_, phase)| phase) {
        out.push((format!("the start of {}", phase.name), phase.start));
        if phase.end < plan.end {
            out.push((format!("the end of {}", phase.name), phase.end));
        }
    }
    let closings = episodes(offered(case.evidence, edge)).into_iter().filter_map(|e| e.closed);
    let closings = closings.filter(|at| case.period.contains(*at) || case.period.end() <= *at);
    out.extend(closings.map(|at| ("the breaker closed".to_owned(), at)));
    out
}

/// The retries after an obeyed hint, where they were busiest.
fn hinted<'a>(case: &Case<'a>, edge: &Edge<'a>, factor: f64) -> Option<Stretch<'a>> {
    let calls = edge.retried().filter(|c| case.period.contains(c.first().head));
    let pairs = calls.flat_map(crate::evidence::CallTries::pairs).filter(|(_, next)| !overtaken(next));
    let mut after: Vec<(Duration, &Attempt)> =
        pairs.filter_map(|(answer, next)| Some((answer.hint?.wait()?, next))).collect();
    after.sort_by_key(|(_, next)| next.head);
    let shortest = after.iter().map(|(wait, _)| wait.as_secs_f64()).reduce(f64::min)?;
    let width = (shortest * if factor > 0.0 { factor } else { 0.5 }).max(0.02);
    let next: Vec<&Attempt> = after.into_iter().map(|(_, next)| next).collect();
    Some(Stretch { part: "a Retry-After".to_owned(), width, arrivals: busiest(&next, width) })
}

/// The fullest stretch of this length that begins with an arrival.
fn busiest<'a>(arrivals: &[&'a Attempt], width: f64) -> Vec<&'a Attempt> {
    let (mut best, mut first) = (0..0, 0);
    for last in 0..arrivals.len() {
        while arrivals[last].head.signed_secs_from(arrivals[first].head) >= width {
            first += 1;
        }
        if last + 1 - first > best.len() {
            best = first..last + 1;
        }
    }
    arrivals.get(best).unwrap_or_default().to_vec()
}

fn peak(case: &Case<'_>, asked: &Herd, stretch: &Stretch<'_>, edge: &Edge<'_>) -> Observation {
    let heads: Vec<f64> = stretch.arrivals.iter().map(|a| a.head.as_secs_f64()).collect();
    let n = heads.len() as u64;
    let peak = peak_over_mean(&heads, stretch.width, BINS);
    let count = (peak * n as f64 / f64::from(BINS)).round() as u64;
    let most = asked.max_peak.unwrap_or(MAX_PEAK);
    let chance = chance_of_peak(n, BINS, count);
    let source = if asked.max_peak.is_some() { BoundSource::Scenario } else { BoundSource::Rule };
    let reading = Reading::of(Measure::HerdPeak, Unit::Times, n)
        .part(stretch.part.clone())
        .value((n > 0).then_some(peak))
        .needs(LEAST)
        .ruled(match peak {
            _ if peak <= most => Verdict::Held,
            _ if chance < FALSE_ALARM => Verdict::Failed,
            _ => Verdict::Inconclusive,
        })
        .chance(chance)
        .doubted(edge.doubt())
        .exhibits(fullest(&stretch.arrivals, stretch.width).map_or_else(Vec::new, |e| vec![e]));
    case.judge(reading, at_most(most, source))
}

/// The first arrival of the fullest twentieth, with how many came in it.
fn fullest(arrivals: &[&Attempt], width: f64) -> Option<Exhibit> {
    let part = busiest(arrivals, width / f64::from(BINS));
    let first = part.first()?;
    Some(Exhibit { at: first.head, call: first.keys.call, value: part.len() as f64 })
}

/// First retries against what chance makes of the failures before them.
struct Clumps {
    n: u64,
    found: ChiSquared,
    /// When the fullest cell began, and how many times as many came in it as chance would have.
    fullest: Option<Exhibit>,
}

fn clumps(case: &Case<'_>, edge: &Edge<'_>, width: f64) -> Clumps {
    let usable = |(first, second): &(&Attempt, &Attempt)| {
        failed(first)
            && !overtaken(first)
            && !overtaken(second)
            && first.hint.is_none()
            && first.end <= second.head
    };
    let calls = edge.retried().filter(|call| case.period.contains(call.first().head));
    let pairs = calls.filter_map(|call| call.pairs().next()).filter(usable);
    let pairs: Vec<(f64, f64)> = pairs.map(|(a, b)| (a.end.as_secs_f64(), b.head.as_secs_f64())).collect();
    let shortest = pairs.iter().map(|(end, head)| head - end).fold(f64::INFINITY, f64::min);
    let start = pairs.iter().map(|(end, _)| end + shortest).fold(f64::INFINITY, f64::min);
    let end = pairs.iter().map(|(end, head)| head.max(end + shortest + width)).fold(0.0, f64::max);
    let cell = (width / 4.0).max((end - start) / MOST_CELLS);
    if pairs.is_empty() || !cell.is_finite() || cell <= 0.0 {
        return Clumps { n: 0, found: ChiSquared::of([]), fullest: None };
    }
    let last = ((end - start) / cell) as usize;
    let mut cells = vec![(0.0, 0.0); last + 1];
    for (ended, head) in &pairs {
        cells[(((head - start) / cell) as usize).min(last)].0 += 1.0;
        spread(&mut cells, (ended + shortest - start) / cell, width / cell);
    }
    let times = cells.iter().map(|(came, expected)| came / expected.max(1.0)).enumerate();
    let fullest = times.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, value)| Exhibit {
        at: Offset::from_secs_f64(start + index as f64 * cell),
        call: None,
        value,
    });
    Clumps { n: pairs.len() as u64, found: ChiSquared::of(cells), fullest }
}

/// Adds one expected event, spread evenly from a place over a width, both in cells.
fn spread(cells: &mut [(f64, f64)], from: f64, width: f64) {
    let to = from + width;
    let first = from.max(0.0) as usize;
    for (index, cell) in cells.iter_mut().enumerate().skip(first).take(width as usize + 2) {
        let (low, high) = (index as f64, index as f64 + 1.0);
        cell.1 += ((to.min(high) - from.max(low)) / width).max(0.0);
    }
}

impl Clumps {
    /// Whether there is enough of it, and for long enough: a few blocks scatter as they like.
    const fn is_sustained(&self) -> bool {
        self.n >= LEAST && self.found.cells >= LEAST_CELLS
    }

    fn judge(&self, case: &Case<'_>, edge: &Edge<'_>) -> Observation {
        let scatter = self.found.per_cell();
        // Thirty blocks scatter twice as much once in a thousand runs.
        let most = MAX_CLUMPS.max(self.found.per_cell_of_chance(FALSE_ALARM));
        let reading = Reading::of(Measure::HerdClumps, Unit::Times, self.n)
            .value(scatter)
            .needs(LEAST)
            .ruled(match scatter {
                None => Verdict::Inconclusive,
                Some(scatter) if scatter <= most => Verdict::Held,
                Some(_) => Verdict::Failed,
            })
            .chance(self.found.p_value())
            .doubted(edge.doubt())
            .exhibits(self.fullest.into_iter().collect());
        case.judge(reading, at_most(most, BoundSource::Rule))
    }
}
