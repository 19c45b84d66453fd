//! How wide a spread really is, from how often its values meet.
//!
//! Jitter is there so that callers who failed together do not come back together. A standard deviation does not see two
//! clumps; coincidences do. N values that are uniform over a width W fall into the same bin of width w about
//! N(N−1)/2 · w/W times, so W is estimated as w·N(N−1)/Σc(c−1) over the bin counts c.
//!
//! For 100 values in a hundred bins chance alone puts the estimate below 0.7 of the true width in one sample of 200, so
//! the estimate comes with the probability of as many meetings by chance.

use super::at_most;

/// The width of the uniform spread that would meet as often as these sorted values do, in their unit.
///
/// With no meeting at all, what one meeting would give. Zero for fewer than two values.
#[must_use]
pub fn effective_width(sorted: &[f64], bin: f64) -> f64 {
    if sorted.len() < 2 || bin <= 0.0 {
        return 0.0;
    }
    bin * pairs(sorted.len()) as f64 / (meetings(sorted, bin).max(1)) as f64
}

/// The probability that values which are uniform over `width` meet at least as often as these do.
#[must_use]
pub fn chance_of_meetings(sorted: &[f64], bin: f64, width: f64) -> f64 {
    match meetings(sorted, bin).checked_sub(1) {
        Some(fewer) => 1.0 - at_most(fewer, pairs(sorted.len()), (bin / width).clamp(0.0, 1.0)),
        None => 1.0,
    }
}

const fn pairs(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) / 2
}

/// How many pairs fall into the same bin.
fn meetings(sorted: &[f64], bin: f64) -> u64 {
    let start = sorted.first().copied().unwrap_or_default();
    let bins = sorted.chunk_by(|a, b| ((a - start) / bin).floor() == ((b - start) / bin).floor());
    bins.map(|values| pairs(values.len())).sum()
}

/// How many pairs of these sorted values are at most `gap` apart.
#[must_use]
pub fn close_pairs(sorted: &[f64], gap: f64) -> u64 {
    let mut first = 0;
    let mut pairs = 0;
    for (index, value) in sorted.iter().enumerate() {
        while value - sorted[first] > gap {
            first += 1;
        }
        pairs += (index - first) as u64;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    fn uniform(seed: u64, n: usize, width: f64) -> Vec<f64> {
        let mut dice = Seed(seed).dice(Stream::named(&["spread"]), 0, 0);
        let mut values: Vec<f64> = (0..n).map(|_| dice.unit() * width).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    fn narrow(sorted: &[f64]) -> bool {
        effective_width(sorted, 0.002) < 0.14 && chance_of_meetings(sorted, 0.002, 0.2) < 1e-4
    }

    #[test]
    fn a_uniform_spread_is_rarely_found_too_narrow() {
        // 100 values over 200 ms in bins of 2 ms: 3 of 10,000 samples, 1.5 of 5000.
        let found = (0..5000).filter(|seed| narrow(&uniform(*seed, 100, 0.2))).count();
        assert!(found <= 6, "{found} of 5000");
    }

    #[test]
    fn a_spread_of_half_the_width_is_found_too_narrow() {
        let found = (0..200).filter(|seed| narrow(&uniform(*seed, 200, 0.1))).count();
        assert!(found >= 190, "{found} of 200");
    }

    #[test]
    fn all_at_once_has_no_width() {
        assert!((effective_width(&[0.3; 50], 0.002) - 0.002).abs() < 1e-12);
        assert_eq!(effective_width(&[0.3], 0.002), 0.0);
        assert_eq!(effective_width(&[], 0.002), 0.0);
        assert_eq!(chance_of_meetings(&[], 0.002, 0.2), 1.0);
    }

    #[test]
    fn pairs_are_counted_once() {
        assert_eq!(close_pairs(&[0.0, 0.1, 0.2, 5.0], 0.15), 2);
        assert_eq!(close_pairs(&[1.0; 10], 0.0), 45);
        assert_eq!(close_pairs(&[], 1.0), 0);
    }
}
