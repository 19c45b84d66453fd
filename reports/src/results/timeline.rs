//! The timeline: how the run went, second by second.
//!
//! Calls count where they ended (what callers got then), latencies where they were planned (what a caller who came
//! then would wait), attempts where they arrived. All clients together; each pair of hosts apart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::{Call, Outcome, Recording};
use upstorm_model::{Offset, Plan};

use super::edge::{Calls, Edge, attempts, edge_name, edge_of};
use super::mix::{Mix, MixSeries, attempt_label, outcome_label};
use super::span::Span;

/// Series over the whole run, each with one value a bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The length of a bin in seconds: 1, or more where the run is longer than ten minutes.
    pub bin: f64,
    /// Planned calls per second.
    pub offered: Vec<f64>,
    /// Successful calls per second.
    pub goodput: Vec<f64>,
    /// Failed calls per second.
    pub failed: Vec<f64>,
    /// Calls answered 429, per second.
    pub throttled: Vec<f64>,
    /// Median latency of successful calls, in seconds; none where none succeeded.
    pub p50: Vec<Option<f64>>,
    /// 95th percentile of successful calls, in seconds.
    pub p95: Vec<Option<f64>>,
    /// 99th percentile of successful calls, in seconds.
    pub p99: Vec<Option<f64>>,
    /// How attempts ended at the upstreams.
    pub upstream_mix: Vec<MixSeries>,
    /// How calls ended at the clients.
    pub client_mix: Vec<MixSeries>,
    /// What each pair of hosts exchanged.
    pub edges: Vec<EdgeSeries>,
    /// Calls in flight at the clients, averaged over the bin.
    pub calls_in_flight: Vec<f64>,
    /// Attempts in flight at the upstreams, averaged over the bin.
    pub attempts_in_flight: Vec<f64>,
}

/// What one host sent another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeSeries {
    /// The two hosts, such as `edge -> payments`.
    pub edge: String,
    /// Attempts that arrived, per second.
    pub attempts: Vec<f64>,
    /// Attempts ÷ first attempts; none where no first attempt arrived or attempts do not carry their call.
    pub per_call: Vec<Option<f64>>,
}

const MOST_BINS: f64 = 600.0;
const BIN_SECS: [f64; 11] = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 86_400.0, 604_800.0];

/// Which bin a time belongs to.
#[derive(Debug, Clone, Copy)]
struct Bins {
    width: f64,
    count: usize,
}

impl Bins {
    fn of(seconds: f64) -> Self {
        let fits = |width: &&f64| seconds / **width <= MOST_BINS;
        let width = BIN_SECS.iter().find(fits).copied().unwrap_or(seconds / MOST_BINS);
        Self { width, count: (seconds / width).ceil() as usize }
    }

    /// The bin of a time; what lies beyond the end counts in the last one.
    fn at(self, at: Offset) -> usize {
        ((at.as_secs_f64() / self.width) as usize).min(self.count.saturating_sub(1))
    }

    fn rates(self, counts: &[u64]) -> Vec<f64> {
        counts.iter().map(|n| *n as f64 / self.width).collect()
    }
}

impl Timeline {
    /// How many bins there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offered.len()
    }

    /// True for a run in which no time passed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offered.is_empty()
    }

    pub(super) fn build(plan: &Plan, recording: &Recording, span: &Span) -> Self {
        let bins = Bins::of(span.last.as_secs_f64());
        let calls = CallCounts::of(&recording.calls, bins);
        let latency = percentiles(&recording.calls, bins);
        let quantile = |which: usize| latency.iter().map(|l| l.map(|l| l[which])).collect();
        let mut upstream_mix = Mix::new(bins.count);
        for attempt in &recording.attempts {
            upstream_mix.add(attempt_label(attempt), bins.at(attempt.end));
        }
        let mut client_mix = Mix::new(bins.count);
        for call in &recording.calls {
            client_mix.add(outcome_label(call.outcome), bins.at(call.done));
        }
        let sent = recording.calls.iter().filter(|c| c.outcome != Outcome::Shed);
        Self {
            bin: bins.width,
            offered: bins.rates(&calls.offered),
            goodput: bins.rates(&calls.ok),
            failed: bins.rates(&calls.failed),
            throttled: bins.rates(&calls.throttled),
            p50: quantile(0),
            p95: quantile(1),
            p99: quantile(2),
            upstream_mix: upstream_mix.series(bins.width),
            client_mix: client_mix.series(bins.width),
            edges: edges(plan, recording, bins),
            calls_in_flight: in_flight(sent.map(|c| (c.sent, c.done)), bins),
            attempts_in_flight: in_flight(recording.attempts.iter().map(|a| (a.head, a.end)), bins),
        }
    }
}

struct CallCounts {
    offered: Vec<u64>,
    ok: Vec<u64>,
    failed: Vec<u64>,
    throttled: Vec<u64>,
}

impl CallCounts {
    fn of(calls: &[Call], bins: Bins) -> Self {
        let none = || vec![0; bins.count];
        let mut counts = Self { offered: none(), ok: none(), failed: none(), throttled: none() };
        for call in calls {
            let ended = if call.outcome.is_success() {
                &mut counts.ok
            } else if call.outcome.is_throttled() {
                &mut counts.throttled
            } else {
                &mut counts.failed
            };
            ended.get_mut(bins.at(call.done)).into_iter().for_each(|n| *n += 1);
            counts.offered.get_mut(bins.at(call.planned)).into_iter().for_each(|n| *n += 1);
        }
        counts
    }
}

/// p50, p95 and p99 of each bin. Calls come by planned time, so that only one bin is held at once.
fn percentiles(calls: &[Call], bins: Bins) -> Vec<Option<[f64; 3]>> {
    let mut found = vec![None; bins.count];
    for same_bin in calls.chunk_by(|a, b| bins.at(a.planned) == bins.at(b.planned)) {
        let ok = same_bin.iter().filter(|c| c.outcome.is_success());
        let mut latencies: Vec<f64> = ok.map(|c| c.latency().as_secs_f64()).collect();
        latencies.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = (share * latencies.len() as f64).ceil() as usize;
            latencies.get(rank.saturating_sub(1)).copied()
        };
        let place = same_bin.first().and_then(|c| found.get_mut(bins.at(c.planned)));
        if let (Some(place), Some(p50), Some(p95), Some(p99)) = (place, at(0.5), at(0.95), at(0.99)) {
            *place = Some([p50, p95, p99]);
        }
    }
    found
}

/// How many are open on average in each bin: the area under the count, by what starts and ends in each bin.
fn in_flight(intervals: impl Iterator<Item = (Offset, Offset)>, bins: Bins) -> Vec<f64> {
    let mut area = vec![0.0; bins.count];
    let mut change = vec![0_i64; bins.count];
    let mut step = |at: Offset, by: i64| {
        let bin = bins.at(at);
        let left = ((bin + 1) as f64 * bins.width - at.as_secs_f64()).clamp(0.0, bins.width);
        area.get_mut(bin).into_iter().for_each(|a| *a += left * by as f64);
        change.get_mut(bin).into_iter().for_each(|c| *c += by);
    };
    for (start, end) in intervals {
        step(start, 1);
        step(end.max(start), -1);
    }
    let mut open = 0;
    let average = |(area, change): (f64, i64)| {
        let whole = open as f64 + area / bins.width;
        open += change;
        // To a millionth: sums of fractions otherwise leave 1e-13 where there is nothing.
        (whole * 1e6).round().max(0.0) / 1e6
    };
    area.into_iter().zip(change).map(average).collect()
}

fn edges(plan: &Plan, recording: &Recording, bins: Bins) -> Vec<EdgeSeries> {
    type Counts = (Vec<u64>, Vec<u64>);
    let mut counts: BTreeMap<Edge, Counts> = BTreeMap::new();
    let mut calls = Calls::of(plan);
    for attempt in attempts(plan, recording) {
        let none = || (vec![0; bins.count], vec![0; bins.count]);
        let edge = edge_of(plan, attempt);
        let (all, firsts) = counts.entry(edge).or_insert_with(none);
        let bin = bins.at(attempt.head);
        all.get_mut(bin).into_iter().for_each(|n| *n += 1);
        let first = calls.is_first(edge, attempt);
        firsts.get_mut(bin).into_iter().for_each(|n| *n += u64::from(first));
    }
    let series = |(edge, (all, firsts)): (_, Counts)| EdgeSeries {
        edge: edge_name(plan, edge),
        attempts: bins.rates(&all),
        per_call: all.iter().zip(&firsts).map(|(a, f)| (*f > 0).then(|| *a as f64 / *f as f64)).collect(),
    };
    counts.into_iter().map(series).collect()
}
