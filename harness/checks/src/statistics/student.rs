//! Student's t: where the mean of a few independent values lies.
//!
//! Student, The probable error of a mean, Biometrika 6 (1908). Each value is itself the outcome of a whole run, so their
//! mean is close to normal where a single latency is far from it; with few runs the interval is wide and says so.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The mean of the values, and the two-sided interval of this confidence around it; no interval for fewer than two
/// values, nothing for none.
#[must_use]
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<(f64, Option<(f64, f64)>)> {
    let n = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let interval = StudentsT::new(0.0, 1.0, n - 1.0).ok().map(|t| {
        let half = t.inverse_cdf(1.0 - (1.0 - confidence) / 2.0) * (squares / (n - 1.0) / n).sqrt();
        (mean - half, mean + half)
    });
    Some((mean, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // t(0.975) is 12.706 for 1 degree of freedom, 2.776 for 4, 2.262 for 9.
        for (values, t) in [
            (vec![1.0, 3.0], 12.706),
            (vec![1.0, 2.0, 3.0, 4.0, 5.0], 2.776),
            ((1..=10).map(f64::from).collect(), 2.262),
        ] {
            let n = values.len() as f64;
            let (mean, interval) = mean_interval(&values, 0.95).unwrap();
            let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            let (low, high) = interval.unwrap();
            assert!((high - mean - t * spread / n.sqrt()).abs() < 1e-3, "{low} {high}");
            assert!((mean - low - (high - mean)).abs() < 1e-9);
        }
    }

    #[test]
    fn one_value_has_no_interval_and_no_value_no_mean() {
        assert_eq!(mean_interval(&[7.0], 0.95), Some((7.0, None)));
        assert_eq!(mean_interval(&[], 0.95), None);
        assert_eq!(mean_interval(&[2.0, 2.0], 0.95), Some((2.0, Some((2.0, 2.0)))));
    }
}
