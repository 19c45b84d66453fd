//! A fitted family: what it says of itself, and whether the waits agree with it.

use upstorm_model::policy::Jitter;
use upstorm_model::verdict::{BackoffFamily, Estimate};

use super::Courses;
use crate::statistics::{distance, p_value};

/// A distance from the law that noise alone may make: an edge that is blurred by a hundredth of the wait.
pub(crate) const BLUR: f64 = 0.02;
/// How well a cap is known by the waits that end at it, as a part of it.
pub(super) const CAP_ERROR: f64 = 0.01;
const CONFIDENCE: f64 = 0.95;

/// A family with its settings, as fitted.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// What is named.
    pub family: BackoffFamily,
    /// The same law as far as it was seen, written otherwise.
    pub same: Vec<BackoffFamily>,
    /// The logarithm of the likelihood of all waits.
    pub ln_likelihood: f64,
    /// Settings that were fitted.
    pub parameters: f64,
    /// The greatest distance of any retry number from its law.
    pub distance: f64,
}

impl Fit {
    /// A law whose waits depend on those before: its jitter, its base and its cap, with how likely the waits are and how far
    /// they agree.
    pub(super) fn remembered(
        (jitter, base, cap): (Jitter, Estimate, Option<f64>),
        ln_likelihood: f64,
        (distance, p_value): (f64, f64),
        courses: &Courses,
    ) -> Self {
        let n = courses.by_retry().last().map_or(0, Vec::len);
        let family = BackoffFamily {
            jitter,
            curve: None,
            base,
            multiplier: None,
            cap: cap.map(|cap| within(cap, CAP_ERROR, n as u64)),
            jitter_factor: None,
            p_value,
        };
        let parameters = if cap.is_some() { 2.0 } else { 1.0 };
        Self { family, same: Vec::new(), ln_likelihood, parameters, distance }
    }

    /// What the fit is worth beside others: each setting that was free must pay for itself (Schwarz, Annals of
    /// Statistics 6, 1978, with a thousand waits).
    pub(super) fn worth(&self) -> f64 {
        self.ln_likelihood - 3.5 * self.parameters
    }

    /// The chance of waits that lie so far from the law, were it the true one.
    pub(super) const fn chance(&self) -> f64 {
        self.family.p_value
    }
}

/// How well waits agree with a law: their places in it, from 0 to 1, are even if it is theirs. The worst distance, and the
/// chance of it over all retry numbers (Bonferroni).
pub(super) fn agreement(places: Vec<Vec<f64>>) -> (f64, f64) {
    let tests = places.iter().filter(|places| !places.is_empty()).count() as f64;
    let mut worst = (0.0_f64, 1.0_f64);
    for mut places in places.into_iter().filter(|places| !places.is_empty()) {
        places.iter_mut().for_each(|place| *place = place.clamp(0.0, 1.0));
        places.sort_by(f64::total_cmp);
        let far = distance(&places);
        let chance = p_value((far - BLUR).max(0.0), places.len() as u64);
        worst = (worst.0.max(far), worst.1.min(chance));
    }
    (worst.0, (worst.1 * tests.max(1.0)).min(1.0))
}

/// A fitted setting with its interval.
pub(super) fn estimate(value: f64, (low, high): (f64, f64), n: usize) -> Estimate {
    Estimate {
        value,
        low: Some(low.min(value)),
        high: Some(high.max(value)),
        confidence: CONFIDENCE,
        n: n as u64,
    }
}

/// An estimate times a number.
pub(super) fn times(e: Estimate, factor: f64) -> Estimate {
    let by = |end: Option<f64>| end.map(|end| end * factor);
    Estimate { value: e.value * factor, low: by(e.low), high: by(e.high), ..e }
}

/// Half the interval of an estimate, as a part of it.
pub(super) fn relative(e: Estimate) -> f64 {
    match (e.low, e.high) {
        (Some(low), Some(high)) if e.value > 0.0 => (high - low) / 2.0 / e.value,
        _ => 0.0,
    }
}

/// An estimate whose interval reaches this part of it to either side.
pub(super) fn within(value: f64, part: f64, n: u64) -> Estimate {
    let (low, high) = (Some(value * (1.0 - part)), Some(value * (1.0 + part)));
    Estimate { value, low, high, confidence: CONFIDENCE, n }
}
