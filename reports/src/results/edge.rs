//! What each pair of hosts exchanged, by phase: the attempts that arrived for each call that got through.
//!
//! Retries multiply between two hosts, not over a whole run, so each pair is counted apart. An attempt belongs to the
//! phase whose behaviour it met.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::{Attempt, CallId, Recording, Updates};
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
    // Where the link does not tell and only one host calls this upstream, it was that one.
    let only = || {
        let callers = plan.senders().map(|(host, _)| host);
        let mut callers = callers.filter(|host| plan.sends(*host, attempt.upstream));
        callers.next().filter(|_| callers.next().is_none())
    };
    (attempt.peer.or_else(only), first_replica(plan, attempt.upstream))
}

/// The first of the replicas of a name: it stands for all of them, since a table with a row for each would say less.
fn first_replica(plan: &Plan, host: HostId) -> HostId {
    let (name, number) = plan.replica_of(host);
    let first = || plan.upstreams.iter().map(|u| u.host).find(|other| plan.name_of_all(*other) == name);
    if number > 1 { first().unwrap_or(host) } else { host }
}

/// The two hosts of an edge, as the scenario would write them.
pub(super) fn edge_name(plan: &Plan, (from, to): Edge) -> String {
    format!("{} -> {}", from.map_or("?", |f| plan.host_name(f)), plan.name_of_all(to))
}

/// Which attempts are the first of their call over an edge.
pub(super) struct Calls {
    /// Upstreams of several replicas. Each counts the attempts that it sees, so the first of one may be a retry.
    replicated: BTreeSet<HostId>,
    /// Clients that make updates, whose first attempt at a row is the second request of its call.
    updating: BTreeSet<HostId>,
    seen: BTreeSet<(Edge, CallId)>,
}

impl Calls {
    pub(super) fn of(plan: &Plan) -> Self {
        let first = |host: HostId| first_replica(plan, host);
        let hosts = plan.upstreams.iter().map(|u| u.host);
        let replicated = hosts.filter(|host| first(*host) != *host).map(first).collect();
        let updating = plan.clients.iter().filter(|client| client.requests.iter().any(|r| r.update));
        let updating = updating.map(|client| client.host).collect();
        Self { replicated, updating, seen: BTreeSet::new() }
    }

    /// Whether this attempt is the first of its call. To be asked once of each attempt.
    pub(super) fn is_first(&mut self, edge: Edge, attempt: &Attempt) -> bool {
        match attempt.keys.call {
            None => false,
            Some(call) if self.replicated.contains(&edge.1) || self.updating.contains(&call.client()) => {
                self.seen.insert((edge, call))
            }
            Some(_) => attempt.ordinal == 1,
        }
    }
}

/// The attempts: a read and the write that was made from it are one, and the write stands for it.
pub(super) fn attempts<'a>(plan: &Plan, recording: &'a Recording) -> impl Iterator<Item = &'a Attempt> {
    let updates = Updates::of(plan, &recording.attempts);
    let all = recording.attempts.iter().enumerate();
    all.filter(move |(index, _)| !updates.is_read(*index)).map(|(_, attempt)| attempt)
}

/// One row a phase and pair of hosts that exchanged anything.
pub(super) fn edge_rows(plan: &Plan, recording: &Recording) -> Vec<EdgeRow> {
    // Keyed by phase first, so that the rows come in the order of the run.
    let mut counts: BTreeMap<(Option<u16>, Edge), [u64; 3]> = BTreeMap::new();
    let mut calls = Calls::of(plan);
    for attempt in attempts(plan, recording) {
        let phase = plan.segments.get(usize::from(attempt.segment)).and_then(|s| s.phase);
        let edge = edge_of(plan, attempt);
        let [attempts, keyed, firsts] = counts.entry((phase, edge)).or_default();
        *attempts += 1;
        *keyed += u64::from(attempt.keys.call.is_some());
        *firsts += u64::from(calls.is_first(edge, attempt));
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
