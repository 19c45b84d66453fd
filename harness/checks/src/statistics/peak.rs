//! Peak over mean: how much worse the worst moment is than the average.
//!
//! An upstream does not fall over from a mean. For 200 values spread evenly over 20 bins the peak stays below 2.2 times
//! the mean; a herd stands above 4.

use super::at_most;

/// The fullest of `bins` equal bins of [start, start + width) over the mean count of a bin; 0 without values.
///
/// Values beyond the width count for the mean's sample but for no bin.
#[must_use]
pub fn peak_over_mean(sorted: &[f64], width: f64, bins: u32) -> f64 {
    let Some(start) = sorted.first() else { return 0.0 };
    if width <= 0.0 || bins == 0 {
        return 0.0;
    }
    let mut counts = vec![0_u64; bins as usize];
    for value in sorted {
        let index = ((value - start) / width * f64::from(bins)) as usize;
        if let Some(count) = counts.get_mut(index) {
            *count += 1;
        }
    }
    let peak = counts.iter().max().copied().unwrap_or(0) as f64;
    peak * f64::from(bins) / sorted.len() as f64
}

/// The probability that the fullest of `bins` equal bins holds at least `peak` of `n` values that are spread evenly.
///
/// Each bin's count is binomial; over all bins the union bound is exact to a thousandth of itself where the result is
/// below a thousandth, and never too small.
#[must_use]
pub fn chance_of_peak(n: u64, bins: u32, peak: u64) -> f64 {
    if peak == 0 || bins <= 1 {
        return 1.0;
    }
    let one = 1.0 - at_most(peak - 1, n, 1.0 / f64::from(bins));
    (one * f64::from(bins)).clamp(0.0, 1.0)
}

/// The greatest peak over mean that chance makes of `n` values spread evenly over `bins` bins, once in `1 / rarely` samples.
#[must_use]
pub fn peak_of_chance(n: u64, bins: u32, rarely: f64) -> f64 {
    let (mut low, mut high) = (n / u64::from(bins.max(1)), n);
    while low < high {
        let middle = low + (high - low) / 2;
        if chance_of_peak(n, bins, middle + 1) < rarely { high = middle } else { low = middle + 1 }
    }
    if n == 0 { 0.0 } else { low as f64 * f64::from(bins) / n as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::{Seed, Stream};

    #[test]
    fn a_peak_is_as_rare_as_it_is_said_to_be() {
        // 100 values in 20 bins: 13 or more in one of them, by chance in 1.6 % of the samples.
        let stated = chance_of_peak(100, 20, 13);
        let mut seen = 0;
        for seed in 0..4000 {
            let mut dice = Seed(seed).dice(Stream::named(&["peaks"]), 0, 0);
            let mut counts = [0_u64; 20];
            (0..100).for_each(|_| counts[(dice.unit() * 20.0) as usize] += 1);
            seen += u32::from(counts.iter().any(|c| *c >= 13));
        }
        let seen = f64::from(seen) / 4000.0;
        assert!((stated - seen).abs() < 0.006, "stated {stated}, seen {seen}");
        assert_eq!((chance_of_peak(10, 20, 0), chance_of_peak(10, 1, 5)), (1.0, 1.0));
        assert!(chance_of_peak(100, 20, 20) < 1e-4);
        for n in [1, 100, 240, 10_000] {
            let count = (peak_of_chance(n, 20, 1e-4) * n as f64 / 20.0).round() as u64;
            assert!(chance_of_peak(n, 20, count + 1) < 1e-4 || count == n, "{n}");
            assert!(chance_of_peak(n, 20, count) >= 1e-4, "{n}");
        }
        assert_eq!(peak_of_chance(0, 20, 1e-4), 0.0);
    }

    #[test]
    fn spread_and_herd_lie_on_their_sides() {
        for seed in 0..200 {
            let mut dice = Seed(seed).dice(Stream::named(&["peak"]), 0, 0);
            let mut values: Vec<f64> = (0..200).map(|_| dice.unit()).collect();
            values.sort_by(f64::total_cmp);
            assert!(peak_over_mean(&values, 1.0, 20) < 2.6, "seed {seed}");
        }
        assert_eq!(peak_over_mean(&[0.5; 200], 1.0, 20), 20.0);
    }

    #[test]
    fn nothing_has_no_peak() {
        assert_eq!(peak_over_mean(&[], 1.0, 20), 0.0);
        assert_eq!(peak_over_mean(&[1.0], 0.0, 20), 0.0);
    }
}
