//! Decorrelated jitter: s_k = min(max, U(base, 3·s_(k−1))), s_0 = base.
//!
//! The wait before is seen, so each wait has a law of its own: uniform from the base to three times the one before, what
//! is longer than the cap lying at it. The base is found in the first waits, U(base, 3·base).

use upstorm_model::policy::Jitter;

use super::Courses;
use super::fit::{Fit, agreement, estimate};
use super::noise::{Blurred, DEVIATIONS, error, greatest, interval, ln_density, normal};

/// A wait this close to the cap, as a part of it, may be at it.
const AT_CAP: f64 = 0.03;

/// This family; none without waits.
pub(super) fn fit(courses: &Courses) -> Option<Fit> {
    let first = courses.by_retry().first()?;
    let top = *first.get(first.len() * 98 / 100)?;
    let ends = (top / 3.0 * 0.7, top / 3.0 * 1.3);
    if top <= 0.0 {
        return None;
    }
    let of = |base: f64| Blurred::ln_profile((base, 3.0 * base), first);
    let place = greatest(ends, of);
    let sides = interval(place, ends, of);
    // A cap below three times the base would hide the upper edge; that is not looked for.
    let cap = courses.ceiling().filter(|cap| *cap > 3.0 * place.0 * 1.02);
    let seen = DEVIATIONS.map(|deviation| Steps { base: place.0, cap, deviation }.all(courses));
    let (ln_likelihood, places) = seen.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    let base = estimate(place.0, sides, first.len());
    let law = (Jitter::Decorrelated, base, cap);
    Some(Fit::remembered(law, ln_likelihood, agreement(places), courses))
}

/// The law of each step, given the one before.
struct Steps {
    base: f64,
    cap: Option<f64>,
    deviation: f64,
}

impl Steps {
    /// The likelihood of all waits, and their places in their laws, by retry.
    fn all(&self, courses: &Courses) -> (f64, Vec<Vec<f64>>) {
        let mut places = vec![Vec::new(); courses.by_retry().len()];
        let mut sum = 0.0;
        let mut capped = 0_u32;
        for call in courses.calls() {
            let before = std::iter::once(self.base).chain(call.iter().copied());
            for ((wait, before), (places, sorted)) in
                call.iter().zip(before).zip(places.iter_mut().zip(courses.by_retry()))
            {
                let high = 3.0 * before.max(self.base);
                let longest = sorted.last().copied().unwrap_or_default();
                sum += ln_density(self.density(*wait, high), longest);
                places.push(self.place(*wait, high, &mut capped));
            }
        }
        (sum, places)
    }

    fn density(&self, wait: f64, high: f64) -> f64 {
        let law = Blurred { low: self.base, high, deviation: self.deviation };
        let Some(cap) = self.cap.filter(|cap| *cap < high) else { return law.density(wait) };
        let width = (high - self.base).max(f64::MIN_POSITIVE);
        let off = error(self.deviation, cap);
        let below =
            normal((wait - self.base) / error(self.deviation, self.base)) - normal((wait - cap) / off);
        let bell = (-0.5 * ((wait - cap) / off).powi(2)).exp() / off / (2.0 * std::f64::consts::PI).sqrt();
        (below.max(0.0) + (high - cap) * bell) / width
    }

    /// Where the wait lies in its law; those at the cap are laid out evenly over what lies beyond it.
    fn place(&self, wait: f64, high: f64, capped: &mut u32) -> f64 {
        let share = |wait: f64| (wait - self.base) / (high - self.base).max(f64::MIN_POSITIVE);
        match self.cap.filter(|cap| *cap < high && wait >= cap * (1.0 - AT_CAP)) {
            Some(cap) => {
                *capped += 1;
                // The golden ratio's multiples are even however many there are (Weyl).
                let even = (f64::from(*capped) * 0.618_033_988_75).fract();
                let at = share(cap * (1.0 - AT_CAP));
                at + (1.0 - at) * even
            }
            None => share(wait),
        }
    }
}
