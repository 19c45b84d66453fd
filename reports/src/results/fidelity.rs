//! Fidelity: was the test real? Load asked against delivered, delays drawn against kept, host noise.
//!
//! A load generator that falls behind, or a fault that was never injected, makes every verdict a verdict about the
//! harness. These figures stand beside the verdicts, so that a reader need not believe.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::plan::{ClientPlan, Load, Segment};
use upstorm_model::recording::{MarkKind, Outcome, Recording};
use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Plan};

use super::InjectedRow;
use super::injected::injected_rows;

/// Whether the run was the one that was declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fidelity {
    /// The load of each client.
    pub load: Vec<LoadRow>,
    /// The delays of each upstream.
    pub delays: Vec<DelayRow>,
    /// The faults, statuses and connection faults that were declared.
    pub injected: Vec<InjectedRow>,
    /// How late a one-millisecond sleep of the harness ended; none where it was not sampled, or time was simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// Attempts that carried their call's id, so that their fate was keyed by it.
    pub keyed_attempts: u64,
    /// Attempts that did not: their fate went by arrival order.
    pub unkeyed_attempts: u64,
}

/// The load of one client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadRow {
    /// The client.
    pub client: String,
    /// Calls that the declared rates add up to; none where callers wait for their answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
    /// Calls that the schedule holds.
    pub planned: u64,
    /// Calls that were sent.
    pub sent: u64,
    /// Calls never sent, because too many were in flight.
    pub shed: u64,
    /// How late calls were sent, in seconds, at the median.
    pub lateness_p50: f64,
    /// The same at the 99th percentile.
    pub lateness_p99: f64,
}

/// How well an upstream kept the delays that were drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DelayRow {
    /// The upstream.
    pub upstream: String,
    /// Attempts whose response was held back and released.
    pub n: u64,
    /// The difference between the delay kept and the delay drawn, in seconds, at the median.
    pub error_p50: f64,
    /// The same at the 99th percentile.
    pub error_p99: f64,
    /// The delays drawn, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<DelayQuantiles>,
    /// The delays kept, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<DelayQuantiles>,
}

/// Quantiles of delays, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DelayQuantiles {
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
}

/// How noisy the host was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// Samples.
    pub n: u64,
    /// Seconds late at the median.
    pub p50: f64,
    /// Seconds late at the 99th percentile.
    pub p99: f64,
}

impl Fidelity {
    pub(super) fn build(plan: &Plan, recording: &Recording) -> Self {
        let keyed = recording.attempts.iter().filter(|a| a.keys.call.is_some()).count();
        Self {
            load: plan.clients.iter().map(|c| load_row(plan, c, recording)).collect(),
            delays: plan.upstreams.iter().filter_map(|u| delay_row(plan, u.host, recording)).collect(),
            injected: injected_rows(plan, recording),
            noise: noise(plan, recording),
            keyed_attempts: keyed as u64,
            unkeyed_attempts: (recording.attempts.len() - keyed) as u64,
        }
    }
}

/// The median and the 99th percentile of times in nanoseconds, as seconds; none without any.
fn quantiles(mut nanos: Vec<u64>) -> Option<(f64, f64)> {
    nanos.sort_unstable();
    let last = nanos.len().checked_sub(1)?;
    let at = |share: f64| nanos.get(((share * nanos.len() as f64).ceil() as usize).clamp(1, last + 1) - 1);
    let seconds = |n: &u64| *n as f64 / 1e9;
    Some((at(0.5).map(seconds)?, at(0.99).map(seconds)?))
}

fn nanos(d: Duration) -> u64 {
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

fn load_row(plan: &Plan, client: &ClientPlan, recording: &Recording) -> LoadRow {
    let calls = || recording.calls.iter().filter(|c| c.id.client() == client.host);
    let sent = || calls().filter(|c| c.outcome != Outcome::Shed);
    let (p50, p99) = quantiles(sent().map(|c| nanos(c.lateness())).collect()).unwrap_or_default();
    let (planned, sent) = (calls().count() as u64, sent().count() as u64);
    LoadRow {
        client: plan.host_name(client.host).to_owned(),
        asked: asked(plan, client),
        planned,
        sent,
        shed: planned - sent,
        lateness_p50: p50,
        lateness_p99: p99,
    }
}

/// The calls that the declared rates add up to; none as soon as a segment is a closed loop.
fn asked(plan: &Plan, client: &ClientPlan) -> Option<f64> {
    const STEPS: u32 = 64;
    let calls_of = |(segment, load): (&Segment, &Load)| match load {
        Load::Open { rate, .. } => {
            let middles = (0..STEPS).map(|i| (f64::from(i) + 0.5) / f64::from(STEPS));
            let mean = middles.map(|at| rate.at(at).get()).sum::<f64>() / f64::from(STEPS);
            Some(mean * segment.end.since(segment.start).as_secs_f64())
        }
        Load::Closed { .. } => None,
    };
    plan.segments.iter().zip(&client.timeline).map(calls_of).sum()
}

fn delay_row(plan: &Plan, upstream: HostId, recording: &Recording) -> Option<DelayRow> {
    let attempts = recording.attempts.iter().filter(|a| a.upstream == upstream);
    let delays: Vec<(Duration, Duration)> =
        attempts.filter_map(|a| Some((a.fate.delay.get(), a.delay?.get()))).collect();
    let of = |time: fn(&(Duration, Duration)) -> Duration| {
        quantiles(delays.iter().map(|pair| nanos(time(pair))).collect())
    };
    let (error_p50, error_p99) = of(|(drawn, kept)| kept.abs_diff(*drawn))?;
    let both = |(p50, p99)| DelayQuantiles { p50, p99 };
    Some(DelayRow {
        upstream: plan.host_name(upstream).to_owned(),
        n: delays.len() as u64,
        error_p50,
        error_p99,
        drawn: of(|(drawn, _)| *drawn).map(both),
        kept: of(|(_, kept)| *kept).map(both),
    })
}

/// A sample of virtual time says nothing of the host.
fn noise(plan: &Plan, recording: &Recording) -> Option<Noise> {
    if plan.world == WorldKind::Sim {
        return None;
    }
    let sampled = recording.marks.iter().filter_map(|m| match m.kind {
        MarkKind::HostNoise(nanos) => Some(nanos),
        _ => None,
    });
    let samples: Vec<u64> = sampled.collect();
    let n = samples.len() as u64;
    quantiles(samples).map(|(p50, p99)| Noise { n, p50, p99 })
}
