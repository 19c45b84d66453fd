//! The table by phase: what each client got.
//!
//! One line over a whole run averages the outage away. A call belongs to the phase of its planned time, however long
//! it took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::plan::PhaseSpan;
use upstorm_model::recording::{Call, Outcome, Recording};
use upstorm_model::{HostId, Offset, Plan};

use super::latency::{Latencies, Micros};
use super::span::Span;

/// What one client got in one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseRow {
    /// The phase.
    pub phase: String,
    /// The client.
    pub client: String,
    /// How long the phase was performed, in seconds.
    pub seconds: f64,
    /// Calls that should have been sent.
    pub planned: u64,
    /// Calls that were sent.
    pub sent: u64,
    /// Calls never sent, because too many were in flight.
    pub shed: u64,
    /// Calls that succeeded.
    pub ok: u64,
    /// Calls that failed: 5xx, broken, timed out, rejected, shed or still in flight at the end.
    pub errors: u64,
    /// Calls answered 429.
    pub throttled: u64,
    /// Among the errors: calls still in flight when the run was over.
    pub censored: u64,
    /// Planned calls per second.
    pub offered: f64,
    /// Successful calls per second.
    pub goodput: f64,
    /// Of successful calls, from the planned time; none where none succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latencies>,
}

/// The phase a time belongs to; none for warm-up and drain.
pub(super) fn phase_at(phases: &[PhaseSpan], at: Offset) -> Option<usize> {
    let index = phases.partition_point(|p| p.end <= at);
    phases.get(index).filter(|p| p.start <= at).map(|_| index)
}

struct Tally {
    row: PhaseRow,
    latency: Micros,
}

impl Tally {
    fn new(phase: &PhaseSpan, client: &str, seconds: f64) -> Self {
        let row = PhaseRow {
            phase: phase.name.clone(),
            client: client.to_owned(),
            seconds,
            planned: 0,
            sent: 0,
            shed: 0,
            ok: 0,
            errors: 0,
            throttled: 0,
            censored: 0,
            offered: 0.0,
            goodput: 0.0,
            latency: None,
        };
        Self { row, latency: Micros::new() }
    }

    fn add(&mut self, call: &Call) {
        let row = &mut self.row;
        row.planned += 1;
        let shed = call.outcome == Outcome::Shed;
        row.shed += u64::from(shed);
        row.sent += u64::from(!shed);
        row.censored += u64::from(call.outcome == Outcome::Censored);
        row.throttled += u64::from(call.outcome.is_throttled());
        row.errors += u64::from(call.outcome.is_error());
        if call.outcome.is_success() {
            row.ok += 1;
            self.latency.add(call.latency().as_nanos());
        }
    }

    fn finish(self) -> PhaseRow {
        let per_second = |n: u64| if self.row.seconds > 0.0 { n as f64 / self.row.seconds } else { 0.0 };
        PhaseRow {
            offered: per_second(self.row.planned),
            goodput: per_second(self.row.ok),
            latency: self.latency.latencies(),
            ..self.row
        }
    }
}

/// One row a phase that was reached and client.
pub(super) fn phase_rows(plan: &Plan, recording: &Recording, span: &Span) -> Vec<PhaseRow> {
    let clients: Vec<HostId> = plan.clients.iter().map(|c| c.host).collect();
    let mut tallies: Vec<Tally> = Vec::new();
    for phase in plan.phases.iter().filter(|p| p.start < span.until) {
        let seconds = span.performed(phase.start, phase.end);
        tallies.extend(clients.iter().map(|c| Tally::new(phase, plan.host_name(*c), seconds)));
    }
    for call in &recording.calls {
        let client = clients.iter().position(|c| *c == call.id.client());
        let place = phase_at(&plan.phases, call.planned).zip(client);
        if let Some(tally) = place.and_then(|(phase, client)| tallies.get_mut(phase * clients.len() + client))
        {
            tally.add(call);
        }
    }
    tallies.into_iter().map(Tally::finish).collect()
}
