//! Growth: how the length of the waits depends on the retry number, and where it stops growing.
//!
//! Each retry number gives a length with its error. Constant, linear and exponential growth are straight lines in its
//! logarithm (over nothing, over nothing but ln k, over k − 1), each perhaps cut at a longest wait from some retry on; every
//! combination is fitted by weighted least squares, and each setting must pay for itself. Two lengths, one the double of
//! the other, are both linear and exponential: then the usual one, exponential, is named and the other said.

use upstorm_model::policy::Curve;
use upstorm_model::verdict::Estimate;

use super::fit::within;

/// No length is known better than to this part of it.
const LEAST_ERROR: f64 = 0.002;
/// What a setting costs, in the unit of χ².
const COST: f64 = 6.0;
/// Linear growth is rarer by so much that two lengths do not show it.
const RARE: f64 = 13.0;
/// A cap shows only where the curve would have gone beyond it by so much.
const CLEARLY: f64 = 1.05;
/// Standard deviations on each side of a 95 % interval.
const SIDE: f64 = 1.96;
/// Beyond so much per degree of freedom no curve fits.
const TOO_FAR: f64 = 12.0;

/// The length of the waits before a retry, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    pub value: f64,
    /// Half of its 95 % interval, as a part of it.
    pub error: f64,
    /// How many waits it rests on.
    pub n: usize,
}

/// How they grow.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    pub curve: Option<Curve>,
    /// Another curve that gives the same lengths.
    pub also: Option<Curve>,
    pub first: Estimate,
    pub multiplier: Option<Estimate>,
    pub cap: Option<Estimate>,
    /// How far the lengths lie from it, with what its settings cost.
    cost: f64,
    /// How many settings were fitted.
    pub settings: f64,
}

/// What fits the lengths before retries 1, 2, … best; none without any.
pub(super) fn growth(lengths: &[Length]) -> Option<Growth> {
    let first = *lengths.first()?;
    let unknown = Growth {
        curve: None,
        also: None,
        first: within(first.value, first.error.max(SIDE * LEAST_ERROR), first.n as u64),
        multiplier: None,
        cap: None,
        cost: f64::INFINITY,
        settings: lengths.len() as f64,
    };
    let ends = 1..=lengths.len();
    let curves = [Curve::Constant, Curve::Linear, Curve::Exponential];
    let tried = ends.flat_map(|free| curves.map(|curve| fitted(lengths, (curve, free))));
    let best = tried.flatten().chain(stopped(lengths)).reduce(|a, b| if b.cost < a.cost { b } else { a });
    let room = |g: &Growth| TOO_FAR * lengths.len() as f64 + COST * g.settings;
    let best = best.filter(|growth| lengths.len() > 1 && growth.cost <= room(growth));
    Some(best.unwrap_or(unknown))
}

/// A curve over the first `free` lengths, the rest cut; none where that is no such curve.
fn fitted(lengths: &[Length], (curve, free): (Curve, usize)) -> Option<Growth> {
    let (before, cut) = lengths.split_at(free);
    let too_few = free < 2 || (curve == Curve::Constant && !cut.is_empty());
    let line = Line::through(before, curve).filter(|_| !too_few)?;
    let cap = level(cut);
    let stops = cap.is_none_or(|cap| {
        let (next, last) = (line.at(free), line.at(free - 1));
        next >= cap.value * CLEARLY && last <= cap.value * 1.02
    });
    let grows = curve != Curve::Exponential || line.slope > 0.02;
    if !stops || !grows {
        return None;
    }
    let settings = f64::from(1 + u8::from(curve == Curve::Exponential) + u8::from(cap.is_some()));
    let multiplier = within(line.slope.exp(), SIDE * line.slope_error, line.n);
    let doubles = multiplier.low <= Some(2.02) && multiplier.high >= Some(1.98);
    let unsure = free == 2 && curve == Curve::Linear;
    Some(Growth {
        curve: Some(curve),
        also: (curve == Curve::Exponential && free == 2 && doubles).then_some(Curve::Linear),
        first: within(line.start.exp(), SIDE * line.start_error, line.n),
        multiplier: (curve == Curve::Exponential).then_some(multiplier),
        cap: cap.map(|cap| within(cap.value, cap.error, cap.n as u64)),
        cost: line.off + off(cut, cap) + COST * settings + RARE * f64::from(u8::from(unsure)),
        settings,
    })
}

/// One length, and a longer one from the second retry on: it grew at once to its longest, nobody sees how.
fn stopped(lengths: &[Length]) -> Option<Growth> {
    let (first, cut) = lengths.split_first().filter(|(_, cut)| cut.len() >= 2)?;
    let cap = level(cut).filter(|cap| cap.value > first.value * 1.02)?;
    Some(Growth {
        curve: None,
        also: None,
        first: within(first.value, first.error, first.n as u64),
        multiplier: None,
        cap: Some(within(cap.value, cap.error, cap.n as u64)),
        cost: off(cut, Some(cap)) + COST * 2.0,
        settings: 2.0,
    })
}

impl Length {
    /// The error of its logarithm: one standard deviation.
    fn deviation(&self) -> f64 {
        (self.error / SIDE).max(LEAST_ERROR)
    }
}

/// What lengths that are all the same are; none without any.
fn level(lengths: &[Length]) -> Option<Length> {
    let weight: f64 = lengths.iter().map(|l| l.deviation().powi(-2)).sum();
    let mean: f64 = lengths.iter().map(|l| l.value.ln() * l.deviation().powi(-2)).sum::<f64>() / weight;
    let n = lengths.iter().map(|l| l.n).sum();
    (!lengths.is_empty()).then(|| Length { value: mean.exp(), error: SIDE * weight.sqrt().recip(), n })
}

/// How far these lie from the same length.
fn off(lengths: &[Length], level: Option<Length>) -> f64 {
    let one = |l: &Length, level: Length| ((l.value / level.value).ln() / l.deviation()).powi(2);
    level.map_or(0.0, |level| lengths.iter().map(|l| one(l, level)).sum())
}

/// A line through logarithms of lengths: over k − 1, or known but for its start.
struct Line {
    curve: Curve,
    start: f64,
    start_error: f64,
    slope: f64,
    slope_error: f64,
    /// χ² of the lengths about it.
    off: f64,
    n: u64,
}

impl Line {
    fn through(lengths: &[Length], curve: Curve) -> Option<Self> {
        let known = |k: f64| if curve == Curve::Linear { k.ln() } else { 0.0 };
        let points: Vec<(f64, f64, f64)> = (0_u32..)
            .map(f64::from)
            .zip(lengths)
            .map(|(x, l)| (x, l.value.ln() - known(x + 1.0), l.deviation().powi(-2)))
            .collect();
        let sum = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).sum::<f64>();
        let (w, wx, wy) = (sum(|p| p.2), sum(|p| p.2 * p.0), sum(|p| p.2 * p.1));
        let (wxx, wxy) = (sum(|p| p.2 * p.0 * p.0), sum(|p| p.2 * p.0 * p.1));
        let sloped = curve == Curve::Exponential;
        let spread = w * wxx - wx * wx;
        let slope = if sloped { (w * wxy - wx * wy) / spread } else { 0.0 };
        let start = (wy - slope * wx) / w;
        let start_error = if sloped { (wxx / spread).sqrt() } else { w.sqrt().recip() };
        let off: f64 = points.iter().map(|p| p.2 * (p.1 - start - slope * p.0).powi(2)).sum();
        let slope_error = if sloped { (w / spread).sqrt() } else { 0.0 };
        let n = lengths.iter().map(|l| l.n as u64).sum();
        (start.is_finite() && start_error.is_finite()).then_some(Self {
            curve,
            start,
            start_error,
            slope,
            slope_error,
            off,
            n,
        })
    }

    /// The length at this index, from 0, by the line.
    fn at(&self, index: usize) -> f64 {
        let x = index as f64;
        let known = if self.curve == Curve::Linear { (x + 1.0).ln() } else { 0.0 };
        (self.start + self.slope * x + known).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Growth {
        let lengths: Vec<Length> =
            values.iter().map(|value| Length { value: *value, error: 0.01, n: 300 }).collect();
        growth(&lengths).unwrap()
    }

    fn said(values: &[f64]) -> (Option<Curve>, Option<Curve>, f64, Option<f64>) {
        let growth = of(values);
        let round = |e: Estimate| (e.value * 100.0).round() / 100.0;
        (growth.curve, growth.also, round(growth.first), growth.cap.map(round))
    }

    #[test]
    fn each_curve_is_told_from_the_others_and_its_cap_found() {
        use Curve::{Constant, Exponential, Linear};
        assert_eq!(said(&[0.5, 0.5, 0.5]), (Some(Constant), None, 0.5, None));
        assert_eq!(said(&[0.2, 0.4, 0.6]), (Some(Linear), None, 0.2, None));
        assert_eq!(said(&[0.2, 0.4, 0.8]), (Some(Exponential), None, 0.2, None));
        assert_eq!(said(&[0.2, 0.4, 0.8, 1.0, 1.0]), (Some(Exponential), None, 0.2, Some(1.0)));
        assert_eq!(said(&[0.2, 0.4, 0.6, 0.7, 0.7]), (Some(Linear), None, 0.2, Some(0.7)));
        assert_eq!(said(&[0.2, 0.4]), (Some(Exponential), Some(Linear), 0.2, None));
        assert_eq!(said(&[0.2, 0.3]), (Some(Exponential), None, 0.2, None));
        assert_eq!(said(&[0.2, 1.0, 1.0]), (None, None, 0.2, Some(1.0)));
        assert_eq!(said(&[0.2]), (None, None, 0.2, None));
    }

    #[test]
    fn what_is_no_curve_is_not_given_one() {
        let odd = of(&[0.1, 0.7, 0.2, 0.9]);
        assert_eq!((odd.curve, odd.cap.is_none()), (None, true));
        assert!(growth(&[]).is_none());
    }

    #[test]
    fn the_multiplier_lies_within_its_interval() {
        let multiplier = of(&[0.1, 0.3, 0.905, 2.69]).multiplier.unwrap();
        assert!((multiplier.value - 3.0).abs() < 0.02, "{multiplier:?}");
        assert!(multiplier.low < Some(3.0) && multiplier.high > Some(3.0), "{multiplier:?}");
    }
}
