//! Spread: no, full, equal, proportional and additive jitter as the one family they are, U(r·v, v).
//!
//! r is 1 without jitter, 0 with full and ½ with equal jitter; any other r is proportional (v = base·(1 + f),
//! r = (1 − f)/(1 + f)) and additive (v = base·(1 + f), r = 1/(1 + f)) jitter alike, and so is ½. No number of waits tells
//! these apart, so both are said, first the one whose base and factor are the rounder numbers: people set those.

use upstorm_model::policy::Jitter;
use upstorm_model::verdict::{BackoffFamily, Estimate};

use super::Courses;
use super::fit::{Fit, agreement, estimate, relative, times, within};
use super::growth::{Growth, Length, growth};
use super::noise::{Blurred, DROP, greatest, interval};
use crate::statistics::{QuantileBounds, quantile};

/// Waits that lie this close together, as a part of them, have no jitter.
const NARROW: f64 = 0.06;
/// The same in seconds, and the shortest wait that is one.
const GRAIN: f64 = 0.004;
/// The fall of the likelihood up to which the simple families are kept: they are the ones that people set.
const SIMPLER: f64 = DROP + 3.0;
/// Ratios this close are the same: nobody sets a factor of 0.98.
const ALIKE: f64 = 0.012;
/// How far an edge may lie from where its quantiles point.
const AROUND: (f64, f64) = (0.85, 1.18);

/// The best of these families; none without waits.
pub(super) fn fit(courses: &Courses) -> Option<Fit> {
    let waits = courses.by_retry();
    if waits.iter().all(|waits| is_narrow(waits)) { unspread(waits) } else { spread(waits) }
}

fn is_narrow(sorted: &[f64]) -> bool {
    let at = |q: f64| quantile(sorted, q).unwrap_or_default();
    at(0.95) - at(0.05) <= (NARROW * at(0.5)).max(GRAIN)
}

/// Waits without jitter: their medians.
fn unspread(waits: &[Vec<f64>]) -> Option<Fit> {
    let lengths: Vec<Length> = waits.iter().filter_map(|waits| median(waits)).collect();
    let first = lengths.first()?;
    let growth = growth(&lengths)?;
    let mut family = family(Jitter::None, &growth, None);
    if lengths.iter().all(|length| length.value < GRAIN) {
        let base = estimate(0.0, (0.0, first.value), first.n);
        family = BackoffFamily { base, curve: None, multiplier: None, cap: None, ..family };
    }
    let ln_likelihood = waits.iter().map(|waits| waits.len() as f64 / (NARROW * GRAIN)).sum();
    let family = BackoffFamily { p_value: 1.0, ..family };
    Some(Fit { same: also(&family, &growth), family, ln_likelihood, parameters: 1.0, distance: 0.0 })
}

fn median(sorted: &[f64]) -> Option<Length> {
    let value = quantile(sorted, 0.5)?.max(1e-9);
    let bounds = QuantileBounds::of(sorted, 0.5, 1.0, 0.975);
    let (low, high) = (bounds.low.unwrap_or(value), bounds.high.unwrap_or(value));
    Some(Length { value, error: (high - low) / 2.0 / value, n: sorted.len() })
}

/// The waits before each retry with where their upper edge is looked for.
struct Edges<'w> {
    waits: Vec<(&'w [f64], f64)>,
}

impl<'w> Edges<'w> {
    /// Of one retry at least, with about what the ratio of the edges is.
    fn of(waits: &'w [Vec<f64>]) -> Option<(Self, f64)> {
        let ends: Vec<(f64, f64)> = waits.iter().filter_map(|waits| ends(waits)).collect();
        let mut ratios: Vec<f64> = ends.iter().map(|(low, high)| (low / high).clamp(0.0, 0.97)).collect();
        ratios.sort_by(f64::total_cmp);
        let about = quantile(&ratios, 0.5)?;
        Some((Self { waits: waits.iter().map(Vec::as_slice).zip(ends.iter().map(|e| e.1)).collect() }, about))
    }

    fn of_retry((sorted, about): (&[f64], f64), ratio: f64) -> (f64, f64) {
        let ends = (about * AROUND.0, about * AROUND.1);
        greatest(ends, |high| Blurred::ln_profile((ratio * high, high), sorted))
    }

    /// Of all waits with this ratio of their edges, the upper ones where they fit best.
    fn ln_likelihood(&self, ratio: f64) -> f64 {
        self.waits.iter().map(|retry| Self::of_retry(*retry, ratio).1).sum()
    }

    fn length((sorted, about): (&[f64], f64), ratio: f64) -> Length {
        let ends = (about * AROUND.0, about * AROUND.1);
        let place = Self::of_retry((sorted, about), ratio);
        let (low, high) = interval(place, ends, |high| Blurred::ln_profile((ratio * high, high), sorted));
        Length { value: place.0, error: (high - low) / 2.0 / place.0, n: sorted.len() }
    }
}

/// Where the inner quantiles say that the edges are.
fn ends(sorted: &[f64]) -> Option<(f64, f64)> {
    let (low, high) = (quantile(sorted, 0.02)?, quantile(sorted, 0.98)?);
    let rest = (high - low) * 0.02 / 0.96;
    Some(((low - rest).max(0.0), (high + rest).max(GRAIN)))
}

fn spread(waits: &[Vec<f64>]) -> Option<Fit> {
    let (edges, about) = Edges::of(waits)?;
    let around = ((about - 0.15).max(0.0), (about + 0.15).min(0.98));
    let free = greatest(around, |ratio| edges.ln_likelihood(ratio));
    let is = |ratio: f64| (ratio - free.0).abs() < ALIKE || free.1 - edges.ln_likelihood(ratio) < SIMPLER;
    let simple = [(0.0, Jitter::Full), (0.5, Jitter::Equal)].into_iter();
    let simple = simple.filter(|(ratio, _)| (ratio - free.0).abs() < 0.2).find(|(ratio, _)| is(*ratio));
    let ratio = simple.map_or(free.0, |simple| simple.0);
    let lengths: Vec<Length> = edges.waits.iter().map(|retry| Edges::length(*retry, ratio)).collect();
    let growth = growth(&lengths)?;
    let place = |wait: &f64, length: &Length| (wait / length.value - ratio) / (1.0 - ratio);
    let places = waits.iter().zip(&lengths).map(|(w, l)| w.iter().map(|wait| place(wait, l)).collect());
    let (distance, p_value) = agreement(places.collect());
    let (family, same) = match simple {
        Some((_, Jitter::Full)) => (family(Jitter::Full, &growth, None), None),
        Some(_) => {
            let ratio = estimate(0.5, (0.5, 0.5), growth.first.n as usize);
            (family(Jitter::Equal, &growth, None), Some(additive(&growth, ratio)))
        }
        None => {
            let sides = interval(free, around, |ratio| edges.ln_likelihood(ratio));
            let (first, second) = either(&growth, estimate(ratio, sides, growth.first.n as usize));
            (first, Some(second))
        }
    };
    let told = |family: BackoffFamily| BackoffFamily { p_value, ..family };
    let family = told(family);
    let mut same: Vec<BackoffFamily> = same.map(told).into_iter().collect();
    same.extend(also(&family, &growth));
    let parameters = growth.settings + f64::from(u8::from(simple.is_none()));
    let ln_likelihood = edges.ln_likelihood(ratio);
    Some(Fit { family, same, ln_likelihood, parameters, distance })
}

/// The family with the other curve that gives the same lengths, if there is one.
fn also(family: &BackoffFamily, growth: &Growth) -> Vec<BackoffFamily> {
    let other = |curve| BackoffFamily { curve: Some(curve), multiplier: None, ..family.clone() };
    growth.also.filter(|_| family.curve.is_some()).map(other).into_iter().collect()
}

/// A family whose base is the upper edge.
fn family(jitter: Jitter, growth: &Growth, factor: Option<Estimate>) -> BackoffFamily {
    BackoffFamily {
        jitter,
        curve: growth.curve,
        base: growth.first,
        multiplier: growth.multiplier,
        cap: growth.cap,
        jitter_factor: factor,
        p_value: 0.0,
    }
}

/// The family whose lengths are this part of the upper edge; the part is known to `error` of it.
fn scaled(family: BackoffFamily, (part, error): (f64, f64)) -> BackoffFamily {
    let by = |e: Estimate| {
        let scaled = times(e, part);
        within(scaled.value, relative(e).hypot(error), e.n)
    };
    BackoffFamily { base: by(family.base), cap: family.cap.map(by), ..family }
}

fn additive(growth: &Growth, ratio: Estimate) -> BackoffFamily {
    let factor = |ratio: f64| (1.0 - ratio) / ratio.max(1e-3);
    let ends = (factor(ratio.high.unwrap_or(ratio.value)), factor(ratio.low.unwrap_or(ratio.value)));
    let factor = estimate(factor(ratio.value), ends, ratio.n as usize);
    scaled(family(Jitter::Additive, growth, Some(factor)), (ratio.value, relative(ratio)))
}

fn proportional(growth: &Growth, ratio: Estimate) -> BackoffFamily {
    let factor = |ratio: f64| (1.0 - ratio) / (1.0 + ratio);
    let ends = (factor(ratio.high.unwrap_or(ratio.value)), factor(ratio.low.unwrap_or(ratio.value)));
    let factor = estimate(factor(ratio.value), ends, ratio.n as usize);
    let error = relative(ratio) * ratio.value / (1.0 + ratio.value);
    scaled(family(Jitter::Proportional, growth, Some(factor)), (f64::midpoint(1.0, ratio.value), error))
}

/// Proportional and additive, first the one that somebody would rather set.
fn either(growth: &Growth, ratio: Estimate) -> (BackoffFamily, BackoffFamily) {
    let (proportional, additive) = (proportional(growth, ratio), additive(growth, ratio));
    let oddness = |f: &BackoffFamily| {
        let factor = f.jitter_factor.map_or(0, |factor| odd(factor) + 2 * u8::from(factor.value > 1.2));
        odd(f.base) + factor
    };
    if oddness(&additive) < oddness(&proportional) {
        (additive, proportional)
    } else {
        (proportional, additive)
    }
}

/// How odd the roundest number within an interval is: 0 for 1, 2 and 5, 1 for other short ones.
fn odd(e: Estimate) -> u8 {
    const ROUND: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
    const SHORT: [f64; 7] = [1.5, 2.5, 3.0, 4.0, 6.0, 7.5, 8.0];
    let decade = 10_f64.powf(e.value.max(1e-9).log10().floor());
    let holds = |number: &f64| {
        // Twice the interval: a number that is missed by a little is no reason to name another family.
        (number * decade / e.value - 1.0).abs() <= 2.0 * relative(e)
    };
    match () {
        () if ROUND.iter().any(holds) => 0,
        () if SHORT.iter().any(holds) => 1,
        () => 2,
    }
}
