//! What each pair of hosts exchanged, by phase: the attempts that arrived for each call that got through.
//!
//! Retries multiply between two hosts, not over a whole run, so each pair is counted apart. An attempt belongs to the
//! phase whose behaviour it met.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::{Attempt, Recording};
use upstorm_model::{HostId, Plan};

/// Who sent, where that is known, and who received.
pub(super) type Edge = (Option<HostId>, HostId);

/// What one host sent another in one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeRow {
    /// The phase; empty for warm-up.
    pub phase: String,
    /// The two hosts, such as `edge -> payments`.
    pub edge: String,
    /// Calls of which at least the first attempt arrived, where attempts carry their call.
    pub calls: u64,
    /// Attempts that arrived.
    pub attempts: u64,
    /// Attempts per call; none where attempts do not carry their call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amplification: Option<f64>,
}

/// Who sent an attempt to whom, as the scenario would write it.
pub(super) fn edge_of(plan: &Plan, attempt: &Attempt) -> Edge {
    let gateways = plan.gateways.iter().filter(|g| g.target == attempt.upstream).map(|g| g.host);
    let clients = plan.clients.iter().filter(|c| c.target == attempt.upstream).map(|c| c.host);
    // Where the link does not tell and only one host calls this upstream, it was that one.
    let only = || {
        let mut callers = gateways.chain(clients);
        callers.next().filter(|_| callers.next().is_none())
    };
    (attempt.peer.or_else(only), attempt.upstream)
}

/// The two hosts of an edge, as the scenario would write them.
pub(super) fn edge_name(plan: &Plan, (from, to): Edge) -> String {
    format!("{} -> {}", from.map_or("?", |f| plan.host_name(f)), plan.host_name(to))
}

/// One row a phase and pair of hosts that exchanged anything.
pub(super) fn edge_rows(plan: &Plan, recording: &Recording) -> Vec<EdgeRow> {
    // Keyed by phase first, so that the rows come in the order of the run.
    let mut counts: BTreeMap<(Option<u16>, Edge), [u64; 3]> = BTreeMap::new();
    for attempt in &recording.attempts {
        let phase = plan.segments.get(usize::from(attempt.segment)).and_then(|s| s.phase);
        let [attempts, keyed, firsts] = counts.entry((phase, edge_of(plan, attempt))).or_default();
        *attempts += 1;
        *keyed += u64::from(attempt.keys.call.is_some());
        *firsts += u64::from(attempt.keys.call.is_some() && attempt.ordinal == 1);
    }
    let row = |((phase, edge), [attempts, keyed, calls]): ((Option<u16>, _), [u64; 3])| EdgeRow {
        phase: phase
            .and_then(|p| plan.phases.get(usize::from(p)))
            .map_or_else(String::new, |p| p.name.clone()),
        edge: edge_name(plan, edge),
        calls,
        attempts,
        amplification: (calls > 0 && keyed == attempts).then(|| attempts as f64 / calls as f64),
    };
    counts.into_iter().map(row).collect()
}
