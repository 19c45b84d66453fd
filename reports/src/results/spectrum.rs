//! The latency spectrum: percentiles of successful calls up to where the samples carry them, with intervals.
//!
//! A mean, or a p99 of two hundred calls, hides the tail that callers remember. Latency counts from the planned time,
//! so that a stalled subject cannot hide by slowing its caller down (coordinated omission; Tene, "How NOT to Measure
//! Latency").

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::{Call, CallId, Outcome, Recording};
use upstorm_model::{HostId, Plan};

use super::latency::Micros;
use super::mix::outcome_label;
use super::phase::phase_at;

/// The percentiles of one client's successful calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spectrum {
    /// The client.
    pub client: String,
    /// The phase; empty for everything after warm-up.
    pub phase: String,
    /// How many calls it rests on.
    pub n: u64,
    /// The percentiles, growing; none beyond what `n` samples carry.
    pub points: Vec<SpectrumPoint>,
}

/// One percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpectrumPoint {
    /// The share of calls at most this slow, such as 0.99.
    pub share: f64,
    /// The latency, in seconds.
    pub latency: f64,
    /// The lower end of its 95 % interval, in seconds.
    pub low: f64,
    /// The upper end of its 95 % interval, in seconds.
    pub high: f64,
}

/// One of the slowest calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlowCall {
    /// Its identity: 16 hexadecimal digits, as in `x-upstorm-call`.
    pub call: String,
    /// The client that made it.
    pub client: String,
    /// When it should have been sent, in seconds.
    pub planned: f64,
    /// How long it took from then, in seconds.
    pub latency: f64,
    /// How it ended: a status, or a word such as `timed out`.
    pub outcome: String,
    /// Attempts of it that reached an upstream.
    pub attempts: u64,
}

const SHARES: [f64; 13] =
    [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999];
const SLOWEST: usize = 10;

/// The spectra of each client: everything after warm-up, then each phase with successes.
pub(super) fn spectra(plan: &Plan, recording: &Recording) -> Vec<Spectrum> {
    let mut found: BTreeMap<(HostId, Option<usize>), Micros> = BTreeMap::new();
    for call in recording.calls.iter().filter(|c| c.outcome.is_success()) {
        let Some(phase) = phase_at(&plan.phases, call.planned) else { continue };
        for key in [None, Some(phase)] {
            let micros = found.entry((call.id.client(), key)).or_insert_with(Micros::new);
            micros.add(call.latency().as_nanos());
        }
    }
    let spectrum = |((client, phase), micros): ((HostId, Option<usize>), Micros)| Spectrum {
        client: plan.host_name(client).to_owned(),
        phase: phase.and_then(|p| plan.phases.get(p)).map_or_else(String::new, |p| p.name.clone()),
        n: micros.len(),
        points: points(&micros),
    };
    found.into_iter().map(spectrum).collect()
}

fn points(micros: &Micros) -> Vec<SpectrumPoint> {
    let n = micros.len() as f64;
    let carried = SHARES.into_iter().filter(|share| n * (1.0 - share) >= 1.0);
    let point = |share: f64| {
        // The rank of a quantile is binomial; two standard deviations of it hold 95 %.
        let spread = 1.96 * (share * (1.0 - share) / n).sqrt();
        SpectrumPoint {
            share,
            latency: micros.at(share),
            low: micros.at(share - spread),
            high: micros.at(share + spread),
        }
    };
    carried.map(point).collect()
}

/// The slowest calls that were sent, slowest first.
pub(super) fn slowest(plan: &Plan, recording: &Recording) -> Vec<SlowCall> {
    let mut slow: Vec<&Call> = Vec::new();
    for call in
        recording.calls.iter().filter(|c| c.outcome != Outcome::Shed && c.planned >= plan.warmup_until)
    {
        let at = slow.partition_point(|s| s.latency() >= call.latency());
        if at < SLOWEST {
            slow.insert(at, call);
            slow.truncate(SLOWEST);
        }
    }
    let mut attempts: BTreeMap<CallId, u64> = slow.iter().map(|c| (c.id, 0)).collect();
    for id in recording.attempts.iter().filter_map(|a| a.keys.call) {
        if let Some(count) = attempts.get_mut(&id) {
            *count += 1;
        }
    }
    let row = |c: &Call| SlowCall {
        call: c.id.to_string(),
        client: plan.host_name(c.id.client()).to_owned(),
        planned: c.planned.as_secs_f64(),
        latency: c.latency().as_secs_f64(),
        outcome: outcome_label(c.outcome),
        attempts: attempts.get(&c.id).copied().unwrap_or(0),
    };
    slow.into_iter().map(row).collect()
}
