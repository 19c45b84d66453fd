//! The index: one pass over a recording for what several checks ask.

use std::collections::BTreeMap;

use upstorm_model::plan::Subject;
use upstorm_model::recording::{Call, CallId, Recording};
use upstorm_model::{HostId, Plan};

use super::Edge;

/// The longest chain of gateways that is followed; a plan never has a cycle, a damaged file may.
const LONGEST_CHAIN: usize = 32;

/// A recording with its plan, indexed.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What should have happened.
    pub plan: &'a Plan,
    /// What happened.
    pub recording: &'a Recording,
    edges: Vec<(Subject, Edge<'a>)>,
}

impl<'a> Evidence<'a> {
    /// Indexes a recording. Each edge that a check is about is grouped once.
    #[must_use]
    pub fn new(plan: &'a Plan, recording: &'a Recording) -> Self {
        let mut evidence = Self { plan, recording, edges: Vec::new() };
        for check in &plan.checks {
            if let Subject::Edge { from, to, route } = check.of
                && evidence.edge(check.of).is_none()
            {
                let edge = Edge::gather(&evidence, (from, to), route);
                evidence.edges.push((check.of, edge));
            }
        }
        evidence
    }

    /// The attempts of an edge that some check is about.
    #[must_use]
    pub fn edge(&self, of: Subject) -> Option<&Edge<'a>> {
        self.edges.iter().find(|(subject, _)| *subject == of).map(|(_, edge)| edge)
    }

    /// The calls of a client, by planned time.
    pub fn calls_of(&self, client: HostId) -> impl Iterator<Item = &'a Call> + Clone {
        self.recording.calls.iter().filter(move |c| c.id.client() == client)
    }

    /// The hops a call of this client takes to its upstream, in order.
    #[must_use]
    pub fn hops(&self, client: HostId) -> Vec<(HostId, HostId)> {
        let mut hops = Vec::new();
        let mut next = self.plan.clients.iter().find(|c| c.host == client).map(|c| (c.host, c.target));
        while let Some((from, to)) = next {
            hops.push((from, to));
            let gateway = self.plan.gateways.iter().find(|g| g.host == to);
            next = gateway.filter(|_| hops.len() < LONGEST_CHAIN).map(|g| (g.host, g.target));
        }
        hops
    }

    /// The clients whose calls take this hop.
    #[must_use]
    pub fn clients_over(&self, hop: (HostId, HostId)) -> Vec<HostId> {
        let hosts = self.plan.clients.iter().map(|c| c.host);
        hosts.filter(|client| self.hops(*client).contains(&hop)).collect()
    }

    /// How many attempts each call made at any upstream, by call id.
    #[must_use]
    pub fn attempts_by_call(&self) -> BTreeMap<CallId, u32> {
        let mut counts = BTreeMap::new();
        for call in self.recording.attempts.iter().filter_map(|a| a.keys.call) {
            *counts.entry(call).or_insert(0) += 1;
        }
        counts
    }
}
