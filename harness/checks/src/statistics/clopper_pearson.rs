//! Clopper–Pearson: bounds of a share that hold at any sample size.
//!
//! The normal approximation calls 0 of 20 "no errors at all"; the exact bound says up to 14 % (Clopper and Pearson,
//! Biometrika 26, 1934). Hits and trials are real numbers, because autocorrelated samples count as fewer. Each bound is
//! one-sided: with 95 % confidence the share is not above `upper`, and with 95 % not below `lower`.

use statrs::function::beta::checked_beta_reg;

/// Halvings of the interval from 0 to 1: below 1e-15, the grain of the numbers.
const HALVINGS: u32 = 50;

/// The share that at least `hits` of `n` would still be as likely under as 1 − `confidence`; 0 without hits.
#[must_use]
pub fn lower(hits: f64, n: f64, confidence: f64) -> f64 {
    if hits <= 0.0 || n <= 0.0 {
        return 0.0;
    }
    beta_quantile(hits.min(n), (n - hits).max(0.0) + 1.0, 1.0 - confidence)
}

/// The share that at most `hits` of `n` would still be as likely under as 1 − `confidence`; 1 without misses.
#[must_use]
pub fn upper(hits: f64, n: f64, confidence: f64) -> f64 {
    if n <= 0.0 || hits >= n {
        return 1.0;
    }
    beta_quantile(hits.max(0.0) + 1.0, n - hits.max(0.0), confidence)
}

/// The probability of at least `hits` of `n` at this share: how well chance explains a share above it.
#[must_use]
pub fn chance_of_more(hits: f64, n: f64, share: f64) -> f64 {
    if hits <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    if share <= 0.0 || n <= 0.0 {
        return 0.0;
    }
    checked_beta_reg(hits.min(n), (n - hits).max(0.0) + 1.0, share).unwrap_or(1.0)
}

/// The probability of at most `hits` of `n` at this share: how well chance explains a share below it.
#[must_use]
pub fn chance_of_fewer(hits: f64, n: f64, share: f64) -> f64 {
    chance_of_more(n - hits, n, 1.0 - share)
}

/// The fewest samples, all without a hit, that bring the upper bound down to `share`: 59 for 5 %, 299 for 1 %.
#[must_use]
pub fn least_n(share: f64, confidence: f64) -> u64 {
    if share <= 0.0 || share >= 1.0 {
        return 1;
    }
    ((1.0 - confidence).ln() / (1.0 - share).ln()).ceil() as u64
}

/// Bisection rather than Newton's method: it cannot leave the interval, whatever the parameters.
fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        let below = checked_beta_reg(a, b, middle).unwrap_or(1.0) < share;
        if below { low = middle } else { high = middle }
    }
    low + (high - low) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_published_tables() {
        // 95 % two-sided limits (97.5 % on each side) of the usual tables.
        for (hits, n, low, high) in [
            (0.0, 10.0, 0.0, 0.3085),
            (1.0, 10.0, 0.0025, 0.4450),
            (5.0, 10.0, 0.1871, 0.8129),
            (10.0, 10.0, 0.6915, 1.0),
            (3.0, 100.0, 0.0062, 0.0852),
        ] {
            assert!((lower(hits, n, 0.975) - low).abs() < 1e-4, "lower {hits}/{n}");
            assert!((upper(hits, n, 0.975) - high).abs() < 1e-4, "upper {hits}/{n}");
        }
    }

    #[test]
    fn the_least_sample_sizes_are_those_of_the_contract() {
        for (share, n) in [(0.05, 59), (0.01, 299), (0.001, 2995)] {
            assert_eq!(least_n(share, 0.95), n);
            assert!(upper(0.0, n as f64, 0.95) <= share);
            assert!(upper(0.0, (n - 1) as f64, 0.95) > share);
        }
    }

    #[test]
    fn the_true_share_lies_outside_as_seldom_as_stated() {
        // Exact coverage at n = 50: the probability of hits whose lower bound exceeds the share is at most 5 %.
        for share in [0.02, 0.1, 0.5, 0.9] {
            let missed: f64 = (0..=50_u32)
                .filter(|hits| lower(f64::from(*hits), 50.0, 0.95) > share)
                .map(|hits| crate::statistics::binomial::exactly(u64::from(hits), 50, share))
                .sum();
            assert!(missed <= 0.05 + 1e-9, "{share}: {missed}");
        }
    }

    #[test]
    fn the_chance_is_that_by_which_the_bounds_are_set() {
        for (hits, n) in [(1.0, 10.0), (3.0, 100.0), (7.5, 60.2), (40.0, 40.0)] {
            assert!((chance_of_more(hits, n, lower(hits, n, 0.95)) - 0.05).abs() < 1e-9, "{hits}/{n}");
        }
        assert!((chance_of_fewer(3.0, 100.0, upper(3.0, 100.0, 0.99)) - 0.01).abs() < 1e-9);
        // P(X >= 3) of ten fair coins is 968/1024.
        assert!((chance_of_more(3.0, 10.0, 0.5) - 968.0 / 1024.0).abs() < 1e-12);
        assert_eq!((chance_of_more(0.0, 0.0, 0.1), chance_of_more(1.0, 9.0, 0.0)), (1.0, 0.0));
        assert_eq!((chance_of_fewer(9.0, 9.0, 0.5), chance_of_fewer(0.0, 0.0, 0.5)), (1.0, 1.0));
    }

    #[test]
    fn odd_input_gives_the_whole_interval() {
        assert_eq!((lower(0.0, 0.0, 0.95), upper(0.0, 0.0, 0.95)), (0.0, 1.0));
        assert_eq!(upper(9.0, 3.0, 0.95), 1.0);
        assert!(lower(9.0, 3.0, 0.95) <= 1.0);
    }
}
