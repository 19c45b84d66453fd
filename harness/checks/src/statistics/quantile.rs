//! Quantiles with intervals by order statistics: no shape is assumed.
//!
//! The k-th smallest of n values bounds the p-quantile because the number of values beyond it is binomial (David and
//! Nagaraja, Order Statistics, section 7.1). The bounds agree with the exceedance rule exactly: a limit at or above
//! `high` is held by Clopper–Pearson, one below `low` is not.

use super::{lower, upper};

/// The smallest value that at least this share of the sorted values stays within; none of an empty sample.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted.get(rank.min(sorted.len()).checked_sub(1)?).copied()
}

/// Where a quantile lies, each side with this confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileBounds {
    /// Not below this; none when the sample is too small to say.
    pub low: Option<f64>,
    /// Not above this; none when the sample is too small to say.
    pub high: Option<f64>,
}

impl QuantileBounds {
    /// Of sorted values that are worth `n / dispersion` independent ones.
    #[must_use]
    pub fn of(sorted: &[f64], share: f64, dispersion: f64, confidence: f64) -> Self {
        let n = sorted.len();
        let scaled = |beyond: usize| (beyond as f64 / dispersion, n as f64 / dispersion);
        let held = |beyond: usize| {
            let (hits, n) = scaled(beyond);
            upper(hits, n, confidence) <= 1.0 - share
        };
        let failed = |beyond: usize| {
            let (hits, n) = scaled(beyond);
            lower(hits, n, confidence) > 1.0 - share
        };
        // How many values may lie beyond: both answers change once as the number grows.
        let most_held = partition(n, held).checked_sub(1);
        let fewest_failed = partition(n, |beyond| !failed(beyond));
        let high = most_held.and_then(|beyond| sorted.get(n.checked_sub(beyond + 1)?)).copied();
        let low = if fewest_failed > n { None } else { sorted.get(n - fewest_failed).copied() };
        Self { low, high }
    }
}

/// The first number of 0..=n for which `test` is no longer true; n + 1 if it always is.
fn partition(n: usize, test: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if test(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_value_that_enough_stay_within() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.95), Some(95.0));
        assert_eq!(quantile(&values, 0.5), Some(50.0));
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_median_of_ten_lies_between_the_second_and_the_ninth() {
        // Each side 98.9 %: the classical 97.9 % interval of the tables.
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let bounds = QuantileBounds::of(&values, 0.5, 1.0, 0.989);
        assert_eq!((bounds.low, bounds.high), (Some(2.0), Some(9.0)));
    }

    #[test]
    fn a_sample_too_small_has_no_upper_bound() {
        let values: Vec<f64> = (1..=58).map(f64::from).collect();
        assert_eq!(QuantileBounds::of(&values, 0.95, 1.0, 0.95).high, None);
        let values: Vec<f64> = (1..=59).map(f64::from).collect();
        assert_eq!(QuantileBounds::of(&values, 0.95, 1.0, 0.95).high, Some(59.0));
    }
}
