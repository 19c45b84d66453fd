//! The trend of a series: whether it grows or shrinks, given that neighbours resemble each other.
//!
//! The backlog of a queue wanders: a straight line through it has a slope by chance, and the textbook's interval, which
//! takes each value for news, is too narrow. Here a series with autocorrelation r counts as n(1 − r)/(1 + r) values
//! (Bayley and Hammersley, The "effective" number of independent observations, JRSS Supplement 8, 1946).

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A neighbour that resembles more than this would leave nothing to judge by.
const MOST_ALIKE: f64 = 0.9;

/// The slope of least squares, per step, and how far the true one may lie from it at this one-sided confidence. None for
/// fewer than four values.
#[must_use]
pub fn slope(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if values.len() < 4 {
        return None;
    }
    let (middle, mean) = ((n - 1.0) / 2.0, values.iter().sum::<f64>() / n);
    let steps = || (0_u32..).map(f64::from).zip(values);
    let spread: f64 = steps().map(|(x, _)| (x - middle).powi(2)).sum();
    let slope = steps().map(|(x, y)| (x - middle) * (y - mean)).sum::<f64>() / spread;
    let left: Vec<f64> = steps().map(|(x, y)| y - mean - slope * (x - middle)).collect();
    let squares: f64 = left.iter().map(|e| e * e).sum();
    if squares <= 0.0 {
        return Some((slope, 0.0));
    }
    let alike = left.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / squares;
    let alike = alike.clamp(0.0, MOST_ALIKE);
    let worth = (n * (1.0 - alike) / (1.0 + alike)).max(3.0);
    let t = StudentsT::new(0.0, 1.0, worth - 2.0).ok()?;
    let error = (squares / (n - 2.0) / spread * n / worth).sqrt();
    Some((slope, t.inverse_cdf(confidence) * error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    #[test]
    fn a_line_has_its_slope_and_no_width() {
        let line: Vec<f64> = (0..10).map(|x| 7.0 - 2.0 * f64::from(x)).collect();
        let (value, half) = slope(&line, 0.99).unwrap();
        assert!((value + 2.0).abs() < 1e-9 && half < 1e-6);
        assert_eq!(slope(&[3.0; 9], 0.99), Some((0.0, 0.0)));
        assert_eq!(slope(&[1.0, 2.0, 3.0], 0.99), None);
    }

    #[test]
    fn what_wanders_is_seldom_taken_for_a_trend() {
        let mut wrong = 0;
        for seed in 0..400 {
            let mut dice = Seed(seed).dice(Stream::named(&["wander"]), 0, 0);
            let mut level = 0.0;
            let mut step = || {
                level = 0.5 * level + dice.unit() - 0.5;
                level
            };
            let series: Vec<f64> = (0..20).map(|_| step()).collect();
            let (value, half) = slope(&series, 0.99).unwrap();
            wrong += u32::from(value < -half);
        }
        assert!(wrong <= 20, "{wrong} of 400 at 1 %");
    }
}
