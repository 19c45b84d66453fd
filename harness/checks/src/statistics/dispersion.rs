//! Dispersion: how much samples come in clumps, and so how many independent ones they are worth.
//!
//! A thousand calls that failed in one bad second are one event, not a thousand. The count of hits per second has
//! variance = mean when hits are independent (Poisson); n / (variance/mean) is the size of an independent sample that
//! says as much. A second in which less is asked has fewer hits without any clump (the last of a phase is mostly cut
//! short, a load may ramp), so the variance is that around a second's share of the hits by its calls.

/// Variance over mean of the hits in each second, given as (hits, calls), at least 1; 1 where there are fewer than two
/// seconds or no hits.
#[must_use]
pub fn dispersion(seconds: impl Iterator<Item = (u64, u64)> + Clone) -> f64 {
    let total = |of: fn((u64, u64)) -> u64| seconds.clone().map(|second| of(second) as f64).sum::<f64>();
    let (n, hits, calls) = (total(|_| 1), total(|s| s.0), total(|s| s.1));
    if n < 2.0 || hits <= 0.0 || calls <= 0.0 {
        return 1.0;
    }
    let beside = |(hit, of): (u64, u64)| (hit as f64 - of as f64 * hits / calls).powi(2);
    let variance = seconds.map(beside).sum::<f64>() / (n - 1.0);
    (variance / (hits / n)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a hundred calls each.
    fn even(hits: &[u64]) -> f64 {
        dispersion(hits.iter().map(|hits| (*hits, 100)))
    }

    #[test]
    fn a_burst_counts_as_one_event_and_even_hits_as_many() {
        assert_eq!(even(&[3, 3, 3, 3]), 1.0);
        assert!((even(&[40, 0, 0, 0]) - 40.0).abs() < 1e-9);
        assert_eq!(even(&[7]), 1.0);
        assert_eq!(even(&[0, 0]), 1.0);
    }

    #[test]
    fn seconds_with_fewer_calls_are_no_clumps() {
        assert_eq!(dispersion([(27, 90), (3, 10)].into_iter()), 1.0);
        assert_eq!(dispersion([(10, 10), (20, 20), (90, 90)].into_iter()), 1.0);
        assert!(dispersion([(27, 90), (0, 90), (3, 10)].into_iter()) > 10.0, "and a burst stays one");
    }
}
