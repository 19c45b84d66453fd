//! The index: one pass over a recording for what several checks ask.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use upstorm_model::plan::{Subject, Target};
use upstorm_model::recording::{Call, Recording};
use upstorm_model::scenario::WorldKind;
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
            if let Subject::Edge { from, to, route } = &check.of
                && evidence.edge(&check.of).is_none()
            {
                let edge = Edge::gather(&evidence, (*from, to), *route);
                evidence.edges.push((check.of.clone(), edge));
            }
        }
        evidence
    }

    /// The attempts of an edge that some check is about.
    #[must_use]
    pub fn edge(&self, of: &Subject) -> Option<&Edge<'a>> {
        self.edges.iter().find(|(subject, _)| subject == of).map(|(_, edge)| edge)
    }

    /// The calls of a client, by planned time.
    pub fn calls_of(&self, client: HostId) -> impl Iterator<Item = &'a Call> + Clone {
        self.recording.calls.iter().filter(move |c| c.id.client() == client)
    }

    /// The hops that calls of this client may take to an upstream, those nearer to it first.
    #[must_use]
    pub fn hops(&self, client: HostId) -> Vec<(HostId, HostId)> {
        let mut hops = Vec::new();
        let mut here = vec![client];
        for _ in 0..LONGEST_CHAIN {
            let sends = |from: HostId| self.plan.targets_of(from).iter().flat_map(Target::everybody);
            let next: Vec<_> = here.iter().flat_map(|from| sends(*from).map(|to| (*from, to))).collect();
            let new: BTreeSet<_> = next.into_iter().filter(|hop| !hops.contains(hop)).collect();
            here = new.iter().map(|(_, to)| *to).collect();
            hops.extend(new);
        }
        hops
    }

    /// How long the links of a client's longest way take, one way, by the plan; zero over real sockets.
    #[must_use]
    pub fn way(&self, client: HostId) -> Duration {
        if self.plan.world == WorldKind::Real {
            return Duration::ZERO;
        }
        let mut slowest: BTreeMap<HostId, Duration> = BTreeMap::new();
        for (from, to) in self.hops(client) {
            let link = self.plan.network.link(from, to);
            let here = slowest.entry(from).or_default();
            *here = (*here).max(link.longest());
        }
        slowest.values().sum()
    }

    /// The clients whose calls may go from a host to these, straight or over gateways.
    #[must_use]
    pub fn clients_over(&self, (from, to): (HostId, &[HostId])) -> Vec<HostId> {
        let hosts = self.plan.clients.iter().map(|c| c.host);
        let passes = |client: &HostId| self.hops(*client).iter().any(|hop| hop.0 == from);
        let leads = self.plan.leads(from, to);
        hosts.filter(|client| leads && passes(client)).collect()
    }
}
