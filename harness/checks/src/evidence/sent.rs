//! The calls that may have gone over an edge, by their id: what their clients know of the attempts seen there.

use std::collections::BTreeMap;

use upstorm_model::recording::{Call, CallId, Outcome};

use super::{Edge, Evidence};

/// Calls by id.
#[derive(Debug)]
pub struct Sent<'a> {
    calls: BTreeMap<CallId, &'a Call>,
}

impl<'a> Sent<'a> {
    /// Those of every client whose calls may take the edge; what was shed was never sent.
    #[must_use]
    pub fn of(evidence: &Evidence<'a>, edge: &Edge<'_>) -> Self {
        let clients = evidence.clients_over((edge.hop.0, &edge.hop.1));
        let ours = |c: &&Call| clients.contains(&c.id.client()) && c.outcome != Outcome::Shed;
        Self { calls: evidence.recording.calls.iter().filter(ours).map(|c| (c.id, c)).collect() }
    }

    /// The call of this id.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&'a Call> {
        self.calls.get(&id).copied()
    }

    /// All of them, in the order they were sent.
    #[must_use]
    pub fn in_order(&self) -> Vec<&'a Call> {
        let mut calls: Vec<&Call> = self.calls.values().copied().collect();
        calls.sort_by_key(|c| (c.sent, c.id));
        calls
    }
}
