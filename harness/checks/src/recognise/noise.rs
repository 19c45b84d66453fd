//! A uniform spread seen through noise: how likely waits are, and where its edges lie.
//!
//! The greatest of n waits estimates the edge of their spread to a part in n, if nothing disturbs it. A timer that rounds,
//! a link that jitters and a busy machine blur both edges by about a part of the wait, and a few waits are anybody's
//! guess. So an edge is where the likelihood of U(low, high), blurred by a normal error at either edge and with one wait in
//! two hundred from anywhere, is greatest. Only waits near an edge need the normal integral.

use statrs::function::erf::erfc;

/// Waits that come from anywhere.
const ANYWHERE: f64 = 0.005;
/// No wait is known better than to this many seconds.
const GRAIN: f64 = 0.0003;
/// Beyond so many deviations an edge is not seen.
const REACH: f64 = 6.0;
/// The drop of the logarithm of a likelihood at the ends of a 95 % interval of an edge: ln 20, as for the edge of a
/// uniform spread without noise; for a place within noise it would be 1.9.
pub(super) const DROP: f64 = 3.0;

/// The deviations that are tried, as parts of the wait: how noisy waits are is known only from their edges.
pub(super) const DEVIATIONS: [f64; 3] = [0.001, 0.005, 0.015];

/// The share of normal errors up to z deviations.
pub(super) fn normal(z: f64) -> f64 {
    match z {
        z if z > REACH => 1.0,
        z if z < -REACH => 0.0,
        z => 0.5 * erfc(-z / std::f64::consts::SQRT_2),
    }
}

/// How far a wait of this length may be off: one deviation, in seconds.
pub(super) fn error(deviation: f64, wait: f64) -> f64 {
    (deviation * wait).hypot(GRAIN)
}

/// The logarithm of this density, where waits may also come from anywhere up to `longest`.
pub(super) fn ln_density(density: f64, longest: f64) -> f64 {
    ((1.0 - ANYWHERE) * density + ANYWHERE / longest.max(GRAIN)).ln()
}

/// A uniform spread, blurred.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blurred {
    pub low: f64,
    pub high: f64,
    /// The error, as a part of the wait.
    pub deviation: f64,
}

impl Blurred {
    /// The density at a wait, per second.
    pub(super) fn density(self, wait: f64) -> f64 {
        let width = (self.high - self.low).max(GRAIN);
        let above = normal((wait - self.low) / error(self.deviation, self.low));
        let beyond = normal((wait - self.high) / error(self.deviation, self.high));
        (above - beyond).max(0.0) / width
    }

    /// The logarithm of the likelihood of these sorted waits between two edges, with the noise that makes them likeliest.
    pub(super) fn ln_profile((low, high): (f64, f64), sorted: &[f64]) -> f64 {
        let with = |deviation| Self { low, high, deviation }.ln_likelihood(sorted);
        DEVIATIONS.map(with).into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The logarithm of the likelihood of these sorted waits.
    fn ln_likelihood(self, sorted: &[f64]) -> f64 {
        let longest = sorted.last().copied().unwrap_or_default();
        let (at_low, at_high) = (error(self.deviation, self.low), error(self.deviation, self.high));
        let before = |at: f64| sorted.partition_point(|wait| *wait < at);
        let inner = (self.low + REACH * at_low, self.high - REACH * at_high);
        let (from, to) = (before(inner.0), before(inner.1).max(before(inner.0)));
        let (first, last) =
            (before(self.low - REACH * at_low).min(from), before(self.high + REACH * at_high).max(to));
        let outside = (first + sorted.len() - last) as f64;
        let inside = (to - from) as f64;
        let edges = sorted[first..from].iter().chain(&sorted[to..last]);
        let flat = 1.0 / (self.high - self.low).max(GRAIN);
        let seen: f64 = edges.map(|wait| ln_density(self.density(*wait), longest)).sum();
        seen + inside * ln_density(flat, longest) + outside * ln_density(0.0, longest)
    }
}

/// Where a function of one number is greatest between two ends: a coarse look, then the golden section.
pub(super) fn greatest(ends: (f64, f64), of: impl Fn(f64) -> f64) -> (f64, f64) {
    const LOOKS: u32 = 10;
    const STEPS: u32 = 14;
    const GOLDEN: f64 = 0.618_033_988_75;
    let at = |i: u32| ends.0 + (ends.1 - ends.0) * f64::from(i) / f64::from(LOOKS);
    let looks = (0..=LOOKS).map(|i| (i, of(at(i))));
    let (best, _) = looks.reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or_default();
    let (mut low, mut high) = (at(best.saturating_sub(1)), at((best + 1).min(LOOKS)));
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut of_left, mut of_right) = (of(left), of(right));
    for _ in 0..STEPS {
        if of_left >= of_right {
            (high, right, of_right) = (right, left, of_left);
            left = high - GOLDEN * (high - low);
            of_left = of(left);
        } else {
            (low, left, of_left) = (left, right, of_right);
            right = low + GOLDEN * (high - low);
            of_right = of(right);
        }
    }
    if of_left >= of_right { (left, of_left) } else { (right, of_right) }
}

/// How far from its greatest place a function falls by [`DROP`], at most to the ends; below and above.
pub(super) fn interval(place: (f64, f64), ends: (f64, f64), of: impl Fn(f64) -> f64) -> (f64, f64) {
    let side = |end: f64| {
        let (mut inside, mut outside) = (place.0, end);
        for _ in 0..12 {
            let middle = f64::midpoint(inside, outside);
            if of(middle) >= place.1 - DROP { inside = middle } else { outside = middle }
        }
        outside
    };
    (side(ends.0), side(ends.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    #[test]
    fn the_normal_integral_is_that_of_the_tables() {
        for (z, share) in [(0.0, 0.5), (1.0, 0.8413), (-1.96, 0.0250), (9.0, 1.0), (-9.0, 0.0)] {
            assert!((normal(z) - share).abs() < 1e-4, "{z}");
        }
    }

    #[test]
    fn counting_what_lies_between_the_edges_is_adding_it_up() {
        let sorted: Vec<f64> = (0..400).map(|n| 0.09 + f64::from(n) * 0.0003).collect();
        for blurred in [
            Blurred { low: 0.1, high: 0.2, deviation: 0.01 },
            Blurred { low: 0.0, high: 0.2, deviation: 0.003 },
            Blurred { low: 0.15, high: 0.1501, deviation: 0.03 },
        ] {
            let summed: f64 = sorted.iter().map(|wait| ln_density(blurred.density(*wait), sorted[399])).sum();
            assert!((blurred.ln_likelihood(&sorted) - summed).abs() < 1e-5 * summed.abs(), "{blurred:?}");
        }
    }

    #[test]
    fn an_edge_is_found_through_noise_and_lies_within_its_interval() {
        let mut inside = 0;
        for seed in 0..100 {
            let mut dice = Seed(seed).dice(Stream::named(&["noise"]), 0, 0);
            let mut normal = || (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0;
            let noise: Vec<f64> = (0..300).map(|_| 1.0 + 0.01 * normal()).collect();
            let mut waits: Vec<f64> = noise.iter().map(|noise| 0.2 * dice.unit() * noise).collect();
            waits.sort_by(f64::total_cmp);
            let of = |high: f64| Blurred::ln_profile((0.0, high), &waits);
            let best = greatest((0.15, 0.25), of);
            let (low, high) = interval(best, (0.15, 0.25), of);
            assert!((best.0 - 0.2).abs() < 0.008, "seed {seed}: {best:?}");
            inside += u32::from(low <= 0.2 && 0.2 <= high);
        }
        assert!(inside >= 93, "{inside} of 100");
    }

    #[test]
    fn the_greatest_is_found_at_an_end_as_well() {
        let (place, value) = greatest((0.0, 1.0), |x| x);
        assert!(place > 0.999 && value > 0.999);
        let (low, high) = interval((0.5, 0.0), (0.0, 1.0), |x| -100.0 * (x - 0.5).abs());
        assert!((low - 0.47).abs() < 1e-3 && (high - 0.53).abs() < 1e-3);
    }
}
