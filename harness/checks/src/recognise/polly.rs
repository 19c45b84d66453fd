//! Polly's jitter: t = k − 1 + U(0, 1), n_k = 2^t·tanh(√(4t)), and the wait is (n_k − n_(k−1))·base/1.4, at most `max`.
//!
//! The waits before are seen, and so is n_(k−1): each wait gives its own t, which is even over its stretch if the family is
//! the right one (github.com/App-vNext/Polly, `RetryHelper.DecorrelatedJitterBackoffV2`).

use upstorm_model::policy::Jitter;
use upstorm_policy::{POLLY_SCALE, polly};

use super::Courses;
use super::fit::{Fit, agreement, estimate};
use super::noise::{DEVIATIONS, error, greatest, interval, ln_density, normal};

/// A wait this close to the cap, as a part of it, may be at it.
const AT_CAP: f64 = 0.03;
/// Calls from which the base is found.
const FOR_BASE: usize = 150;

/// This family; none without waits.
pub(super) fn fit(courses: &Courses) -> Option<Fit> {
    let first = courses.by_retry().first()?;
    let top = *first.get(first.len() * 98 / 100)?;
    // The first wait is at most n(1) times the unit.
    let about = top / polly(1.0) * POLLY_SCALE;
    let ends = (about * 0.75, about * 1.35);
    if top <= 0.0 {
        return None;
    }
    let curve = Curve::new();
    let cap = courses.ceiling().filter(|cap| *cap > about);
    let law = |base: f64, deviation| Steps { curve: &curve, unit: base / POLLY_SCALE, cap, deviation };
    let likelihood = |base: f64| {
        let with = |deviation| law(base, deviation).seen(courses, FOR_BASE, |_, _| {});
        DEVIATIONS.map(with).into_iter().fold(f64::NEG_INFINITY, f64::max)
    };
    let place = greatest(ends, likelihood);
    let sides = interval(place, ends, likelihood);
    let seen = DEVIATIONS.map(|deviation| law(place.0, deviation).all(courses));
    let (ln_likelihood, places) = seen.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    let base = estimate(place.0, sides, first.len());
    let law = (Jitter::PollyV2, base, cap);
    Some(Fit::remembered(law, ln_likelihood, agreement(places), courses))
}

/// n of t in steps, to be read backwards.
struct Curve {
    steps: Vec<f64>,
}

/// Steps of t from one retry to the next.
const STEPS: u32 = 512;
/// Retries that are looked at.
const RETRIES: u32 = 12;

impl Curve {
    fn new() -> Self {
        Self { steps: (0..=STEPS * RETRIES).map(|i| polly(f64::from(i) / f64::from(STEPS))).collect() }
    }

    /// The t of this n, and how many t there are to a unit of n there.
    fn back(&self, n: f64) -> (f64, f64) {
        let above = self.steps.partition_point(|step| *step <= n).clamp(1, self.steps.len() - 1);
        let (low, high) = (self.steps[above - 1], self.steps[above]);
        let part = ((n - low) / (high - low)).clamp(0.0, 1.0);
        ((above as f64 - 1.0 + part) / f64::from(STEPS), 1.0 / f64::from(STEPS) / (high - low))
    }
}

/// The law of each step, given n before it.
struct Steps<'c> {
    curve: &'c Curve,
    unit: f64,
    cap: Option<f64>,
    deviation: f64,
}

impl Steps<'_> {
    /// The likelihood of all waits, and their places in their laws, by retry.
    fn all(&self, courses: &Courses) -> (f64, Vec<Vec<f64>>) {
        let mut places = vec![Vec::new(); courses.by_retry().len()];
        let likelihood =
            self.seen(courses, usize::MAX, |retry, place| places[retry as usize - 1].push(place));
        (likelihood, places)
    }

    /// The likelihood of the waits of so many calls; each wait's retry number and place are told.
    fn seen(&self, courses: &Courses, calls: usize, mut tell: impl FnMut(u32, f64)) -> f64 {
        let (mut sum, mut capped) = (0.0, 0_u32);
        for call in courses.calls().iter().take(calls) {
            let mut before = 0.0;
            for ((retry, wait), sorted) in (1_u32..).zip(call).zip(courses.by_retry()) {
                let longest = sorted.last().copied().unwrap_or_default();
                sum += ln_density(self.density(*wait, (retry, before)), longest);
                let (place, at_cap) = self.place(*wait, (retry, before), &mut capped);
                tell(retry, place);
                if at_cap {
                    // Where it would have come to is not seen, nor what follows it.
                    break;
                }
                before += wait / self.unit;
            }
        }
        sum
    }

    /// The density of the wait before this retry, given n before it, per second.
    fn density(&self, wait: f64, (retry, before): (u32, f64)) -> f64 {
        let ends = [retry - 1, retry].map(|t| (polly(f64::from(t)) - before) * self.unit);
        let (_, steep) = self.curve.back(before + wait / self.unit);
        let [low, high] = ends.map(|end| normal((wait - end) / error(self.deviation, end.abs().max(wait))));
        let free = steep / self.unit * (low - high).max(0.0);
        match self.cap.filter(|cap| *cap < ends[1]) {
            Some(cap) if wait >= cap * (1.0 - AT_CAP) => {
                let beyond = f64::from(retry) - self.curve.back(before + cap / self.unit).0;
                let off = error(self.deviation, cap);
                let bell =
                    (-0.5 * ((wait - cap) / off).powi(2)).exp() / off / (2.0 * std::f64::consts::PI).sqrt();
                beyond.clamp(0.0, 1.0) * bell + if wait < cap { free } else { 0.0 }
            }
            _ => free,
        }
    }

    /// Where its t lies in its stretch, and whether the wait was cut.
    fn place(&self, wait: f64, (retry, before): (u32, f64), capped: &mut u32) -> (f64, bool) {
        let of = |wait: f64| self.curve.back(before + wait / self.unit).0 - f64::from(retry - 1);
        match self.cap.filter(|cap| wait >= cap * (1.0 - AT_CAP)) {
            Some(cap) => {
                *capped += 1;
                let even = (f64::from(*capped) * 0.618_033_988_75).fract();
                let at = of(cap * (1.0 - AT_CAP)).clamp(0.0, 1.0);
                (at + (1.0 - at) * even, true)
            }
            None => (of(wait), false),
        }
    }
}
