//! Success rates: which replicas lie far below the others.
//!
//! Rows of failures find a replica that is down; one that fails every third request has no rows. It is found by
//! comparison with its siblings: below mean − k·σ of their success rates (Envoy's `success_rate` detection).

use upstorm_model::policy;

/// What was counted of one replica in one interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    requests: u32,
    good: u32,
}

impl Window {
    pub(super) fn count(&mut self, good: bool) {
        self.requests = self.requests.saturating_add(1);
        self.good = self.good.saturating_add(u32::from(good));
    }
}

/// The indices of the replicas whose success rate lies below the bound; those without a window are not looked at.
pub(super) fn outliers(windows: &[Option<Window>], settings: &policy::Outlier) -> Vec<usize> {
    let enough = settings.success_rate_request_volume.max(1);
    let rates: Vec<(usize, f64)> = windows
        .iter()
        .enumerate()
        .filter_map(|(index, window)| Some((index, (*window)?)))
        .filter(|(_, window)| window.requests >= enough)
        .map(|(index, window)| (index, f64::from(window.good) / f64::from(window.requests)))
        .collect();
    if (rates.len() as u64) < u64::from(settings.success_rate_minimum_hosts.max(1)) {
        return Vec::new();
    }
    let count = rates.len() as f64;
    let mean = rates.iter().map(|(_, rate)| rate).sum::<f64>() / count;
    let variance = rates.iter().map(|(_, rate)| (rate - mean).powi(2)).sum::<f64>() / count;
    let bound = mean - f64::from(settings.success_rate_stdev_factor) / 1000.0 * variance.sqrt();
    rates.into_iter().filter(|(_, rate)| *rate < bound).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(rates: &[(u32, u32)]) -> Vec<Option<Window>> {
        rates.iter().map(|(good, requests)| Some(Window { good: *good, requests: *requests })).collect()
    }

    #[test]
    fn who_lies_far_below_the_others_is_found() {
        let settings = policy::Outlier::default();
        let one_bad = windows(&[(100, 100), (99, 100), (100, 100), (98, 100), (60, 100)]);
        assert_eq!(outliers(&one_bad, &settings), [4]);
        let all_alike = windows(&[(60, 100); 5]);
        assert!(outliers(&all_alike, &settings).is_empty());
    }

    #[test]
    fn too_few_requests_or_replicas_say_nothing() {
        let settings = policy::Outlier::default();
        assert!(outliers(&windows(&[(100, 100), (100, 100), (100, 100), (0, 100)]), &settings).is_empty());
        assert!(outliers(&windows(&[(99, 99), (99, 99), (99, 99), (99, 99), (0, 99)]), &settings).is_empty());
        let mut some_out = windows(&[(100, 100), (100, 100), (100, 100), (100, 100), (0, 100)]);
        some_out[0] = None;
        assert!(outliers(&some_out, &settings).is_empty());
    }
}
