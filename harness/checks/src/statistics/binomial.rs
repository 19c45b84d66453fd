//! The exact binomial test: did something that should happen with a known probability happen as often.
//!
//! A fault of 5 % that was injected 3 times in 200 is no defect of the harness, one injected 0 times is. The exact
//! tails (by the incomplete beta function, so a million trials cost no more than ten) hold at any sample size.

use statrs::function::beta::checked_beta_reg;

/// The probability of at most `hits` of `n` at this share.
#[must_use]
pub fn at_most(hits: u64, n: u64, share: f64) -> f64 {
    if hits >= n || share <= 0.0 {
        return 1.0;
    }
    if share >= 1.0 {
        return 0.0;
    }
    checked_beta_reg((n - hits) as f64, hits as f64 + 1.0, 1.0 - share).unwrap_or(1.0)
}

/// The p-value of `hits` in `n` trials against this share: twice the smaller tail, at most 1.
#[must_use]
pub fn two_sided_p(hits: u64, n: u64, share: f64) -> f64 {
    let below = at_most(hits, n, share);
    let above = if hits == 0 { 1.0 } else { 1.0 - at_most(hits - 1, n, share) };
    (2.0 * below.min(above)).clamp(0.0, 1.0)
}

/// The probability of exactly `hits` of `n`.
#[cfg(test)]
pub(crate) fn exactly(hits: u64, n: u64, share: f64) -> f64 {
    at_most(hits, n, share) - if hits == 0 { 0.0 } else { at_most(hits - 1, n, share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_ten_coins() {
        // P(X <= 2) of ten fair coins is 56/1024.
        assert!((at_most(2, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-12);
        assert!((two_sided_p(2, 10, 0.5) - 112.0 / 1024.0).abs() < 1e-12);
        assert_eq!(two_sided_p(5, 10, 0.5), 1.0);
    }

    #[test]
    fn what_is_certain_and_what_is_impossible() {
        assert_eq!(two_sided_p(10, 10, 1.0), 1.0);
        assert_eq!(two_sided_p(9, 10, 1.0), 0.0);
        assert_eq!(two_sided_p(0, 10, 0.0), 1.0);
        assert_eq!(two_sided_p(1, 10, 0.0), 0.0);
        assert_eq!(two_sided_p(0, 0, 0.3), 1.0);
    }

    #[test]
    fn none_of_ten_expected_is_significant() {
        assert!(two_sided_p(0, 200, 0.05) < 1e-3);
        assert!(two_sided_p(3, 200, 0.05) > 0.01);
    }
}
