//! What the load came to, and how late it was: the harness judges itself before it judges others.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// What one client's load came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadSummary {
    /// Calls that were due.
    pub planned: u64,
    /// Calls that were sent.
    pub sent: u64,
    /// Calls that were not sent because too many were in flight.
    pub shed: u64,
    /// Calls that were still in flight when the run was over.
    pub censored: u64,
    /// How late calls were sent, against their planned time.
    pub lateness: Lateness,
}

/// Lateness of the harness, to 1 % of each value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Half were less late.
    pub p50: Duration,
    /// 99 % were less late.
    pub p99: Duration,
    /// The latest.
    pub max: Duration,
}

/// Counts while the load runs, in fixed memory.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    summary: LoadSummary,
    /// Nanoseconds; none only if the bounds below were no bounds.
    late: Option<Histogram<u64>>,
}

/// Lateness beyond is counted as this much: nobody needs to know more of a generator that is a minute behind.
const LATEST: Duration = Duration::from_secs(60);

impl Tally {
    pub(crate) fn new() -> Self {
        let late = Histogram::new_with_bounds(1, LATEST.as_nanos() as u64, 2).ok();
        Self(Mutex::new(Counts { summary: LoadSummary::default(), late }))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call was due and was shed.
    pub(crate) fn shed(&self) {
        let mut counts = self.lock();
        counts.summary.planned += 1;
        counts.summary.shed += 1;
    }

    /// A call was due and is sent, this late.
    pub(crate) fn sent(&self, late: Duration) {
        let mut counts = self.lock();
        counts.summary.planned += 1;
        counts.summary.sent += 1;
        counts.summary.lateness.max = counts.summary.lateness.max.max(late);
        if let Some(histogram) = &mut counts.late {
            histogram.saturating_record(late.min(LATEST).as_nanos() as u64);
        }
    }

    /// Calls were still in flight at the end.
    pub(crate) fn censored(&self, calls: u64) {
        self.lock().summary.censored += calls;
    }

    /// What it came to so far.
    pub(crate) fn summary(&self) -> LoadSummary {
        let counts = self.lock();
        let mut summary = counts.summary;
        let quantile = |share| {
            let nanos = counts.late.as_ref().map_or(0, |late| late.value_at_quantile(share));
            // A bucket's upper edge may lie beyond the largest value in it.
            Duration::from_nanos(nanos).min(summary.lateness.max)
        };
        (summary.lateness.p50, summary.lateness.p99) = (quantile(0.5), quantile(0.99));
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_calls_sent() {
        let tally = Tally::new();
        (1..=1000).for_each(|n| tally.sent(Duration::from_micros(n)));
        tally.shed();
        let summary = tally.summary();
        assert_eq!((summary.planned, summary.sent, summary.shed), (1001, 1000, 1));
        assert!(summary.lateness.p50.abs_diff(Duration::from_micros(500)) < Duration::from_micros(8));
        assert!(summary.lateness.p99.abs_diff(Duration::from_micros(990)) < Duration::from_micros(15));
        assert_eq!(summary.lateness.max, Duration::from_micros(1000));
        assert_eq!(Tally::new().summary(), LoadSummary::default());
    }
}
