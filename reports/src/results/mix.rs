//! The status mix: how attempts ended at the upstream and calls at the client, per second.
//!
//! The two side by side show what a gateway hides and what it adds: a 503 retried into a 200, or a breaker's own 503.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::{Attempt, End, Outcome};

/// One way to end, and how often per second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MixSeries {
    /// A status, or a word such as `reset`, `timed out`, `caller left`.
    pub label: String,
    /// How many per second, in each bin of the timeline.
    pub per_second: Vec<f64>,
}

/// More than this many ways cannot be told apart by colour; the rarest become `other`.
const MOST_LABELS: usize = 8;

/// How a call ended, in a word or a status.
pub(super) fn outcome_label(outcome: Outcome) -> String {
    match outcome {
        Outcome::Answered(status) => status.to_string(),
        Outcome::ConnectFailed => "no connection".to_owned(),
        Outcome::Reset => "reset".to_owned(),
        Outcome::Closed => "closed early".to_owned(),
        Outcome::Malformed => "malformed".to_owned(),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::Rejected => "rejected by client".to_owned(),
        Outcome::Shed => "shed".to_owned(),
        Outcome::Censored => "still in flight".to_owned(),
    }
}

/// How an attempt ended, in a word or a status.
pub(super) fn attempt_label(attempt: &Attempt) -> String {
    match attempt.ended {
        End::Completed => attempt.status.map_or_else(|| "no status".to_owned(), |s| s.to_string()),
        End::CallerLeft | End::CallerReset => "caller left".to_owned(),
        End::Reset => "reset".to_owned(),
        End::Cut => "closed early".to_owned(),
        End::Unfinished => "still in flight".to_owned(),
    }
}

/// Counts by label and bin.
#[derive(Debug)]
pub(super) struct Mix {
    bins: usize,
    counts: BTreeMap<String, Vec<u64>>,
}

impl Mix {
    pub(super) const fn new(bins: usize) -> Self {
        Self { bins, counts: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, label: String, bin: usize) {
        let bins = self.bins;
        if let Some(count) = self.counts.entry(label).or_insert_with(|| vec![0; bins]).get_mut(bin) {
            *count += 1;
        }
    }

    /// The series by label, statuses first; counts divided by the length of a bin in seconds.
    pub(super) fn series(mut self, bin: f64) -> Vec<MixSeries> {
        let mut totals: Vec<(u64, String)> =
            self.counts.iter().map(|(label, counts)| (counts.iter().sum(), label.clone())).collect();
        totals.sort_by(|a, b| b.cmp(a));
        for (_, rare) in totals.iter().skip(MOST_LABELS) {
            let counts = self.counts.remove(rare).unwrap_or_default();
            let other = self.counts.entry("other".to_owned()).or_insert_with(|| vec![0; self.bins]);
            other.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
        let series = |(label, counts): (String, Vec<u64>)| MixSeries {
            label,
            per_second: counts.into_iter().map(|n| n as f64 / bin).collect(),
        };
        self.counts.into_iter().map(series).collect()
    }
}
