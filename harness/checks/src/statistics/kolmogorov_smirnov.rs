//! Kolmogorov–Smirnov: do samples follow a stated distribution.
//!
//! Means agree for laws with quite different tails, and tails are what timeouts meet. Samples are first put through
//! the stated distribution, so that under it they are uniform, whatever the law and even where it ramps. The p-value
//! is Kolmogorov's limit with Stephens' correction for finite samples (JRSS B 32, 1970), good from n = 5.

/// The greatest distance between the uniform distribution and that of these values in [0, 1], which are sorted.
#[must_use]
pub fn distance(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    sorted.iter().enumerate().fold(0.0, |worst: f64, (index, u)| {
        let below = index as f64 / n;
        worst.max(u - below).max(below + 1.0 / n - u)
    })
}

/// The probability of a distance of at least this by chance.
#[must_use]
pub fn p_value(distance: f64, n: u64) -> f64 {
    let lambda = scale(n) * distance;
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |j: i32| {
        let sign = if j % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(j * j) * lambda * lambda).exp()
    };
    (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// The distance whose p-value is `alpha` (by the first term of the series, exact to 1e-5 below 0.1).
#[must_use]
pub fn critical(alpha: f64, n: u64) -> f64 {
    (-0.5 * (alpha.clamp(1e-300, 1.0) / 2.0).ln()).max(0.0).sqrt() / scale(n)
}

fn scale(n: u64) -> f64 {
    let root = (n.max(1) as f64).sqrt();
    root + 0.12 + 0.11 / root
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    #[test]
    fn critical_values_are_those_of_the_tables() {
        // Kolmogorov's limit: 1.3581 at 5 %, 1.6276 at 1 %; Massey's table for n = 20: 0.294 at 5 %, 0.356 (0.352) at 1 %.
        for (alpha, expected) in [(0.05, 1.3581), (0.01, 1.6276)] {
            assert!((critical(alpha, 1_000_000) * 1000.12 - expected).abs() < 1e-3);
        }
        assert!((critical(0.05, 20) - 0.294).abs() < 0.002);
        assert!((p_value(1.3581 / 1000.12, 1_000_000) - 0.05).abs() < 1e-4);
    }

    #[test]
    fn uniform_samples_pass_as_often_as_stated() {
        let mut rejections = 0;
        for seed in 0..400 {
            let mut dice = Seed(seed).dice(Stream::named(&["ks"]), 0, 0);
            let mut values: Vec<f64> = (0..200).map(|_| dice.unit()).collect();
            values.sort_by(f64::total_cmp);
            rejections += u32::from(p_value(distance(&values), 200) < 0.05);
        }
        assert!((8..=34).contains(&rejections), "{rejections} of 400 at 5 %");
    }

    #[test]
    fn samples_of_another_law_are_found_out() {
        let values: Vec<f64> = (0..200).map(|i| (f64::from(i) / 200.0).powi(2)).collect();
        assert!(p_value(distance(&values), 200) < 1e-6);
        assert_eq!(p_value(0.0, 10), 1.0);
    }
}
