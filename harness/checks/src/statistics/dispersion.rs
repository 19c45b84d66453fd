//! Dispersion: how much samples come in clumps, and so how many independent ones they are worth.
//!
//! A thousand calls that failed in one bad second are one event, not a thousand. The count of hits per second has
//! variance = mean when hits are independent (Poisson); n / (variance/mean) is the size of an independent sample that
//! says as much.

/// Variance over mean of these counts, at least 1; 1 where there are fewer than two counts or no hits.
#[must_use]
pub fn dispersion(counts: impl Iterator<Item = u64> + Clone) -> f64 {
    let n = counts.clone().count() as f64;
    let mean = counts.clone().map(|c| c as f64).sum::<f64>() / n.max(1.0);
    if n < 2.0 || mean <= 0.0 {
        return 1.0;
    }
    let variance = counts.map(|c| (c as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (variance / mean).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_counts_as_one_event_and_even_hits_as_many() {
        assert_eq!(dispersion([3, 3, 3, 3].into_iter()), 1.0);
        assert!((dispersion([40, 0, 0, 0].into_iter()) - 40.0).abs() < 1e-9);
        assert_eq!(dispersion([7].into_iter()), 1.0);
        assert_eq!(dispersion([0, 0].into_iter()), 1.0);
    }
}
