//! The plan as a whole, and what can be looked up in it.

use serde::{Deserialize, Serialize};

use super::{
    ClientPlan, GatewayPlan, Host, HostId, Network, PhaseSpan, PlannedCheck, Segment, Target, UpstreamPlan,
};
use crate::policy::{Cache, CacheKind, FallbackKind, HedgeKind, PolicySettings};
use crate::scenario::WorldKind;
use crate::{Offset, Seed, TimeSpan};

/// The version of the plan file.
pub const PLAN_VERSION: u32 = 2;

/// One run, fully decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this form, [`PLAN_VERSION`].
    pub version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What it shows.
    pub summary: String,
    /// Which variant of the scenario's matrix this is; none where there is no matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Every draw of the run is a function of this.
    pub seed: Seed,
    /// Where it is performed.
    pub world: WorldKind,
    /// The links of the simulated world.
    #[serde(default)]
    pub network: Network,
    /// When warm-up ends and the first phase begins.
    pub warmup_until: Offset,
    /// When the last phase ends and no more calls begin.
    pub end: Offset,
    /// How long calls still in flight are waited for after `end`.
    pub drain: TimeSpan,
    /// Everybody who takes part; a [`HostId`] is an index into this.
    pub hosts: Vec<Host>,
    /// The phases in order, warm-up not among them.
    pub phases: Vec<PhaseSpan>,
    /// The stretches of unchanging behaviour in order, gapless from zero to `end`, warm-up included.
    pub segments: Vec<Segment>,
    /// Who answers.
    pub upstreams: Vec<UpstreamPlan>,
    /// What stands between.
    pub gateways: Vec<GatewayPlan>,
    /// Who calls.
    pub clients: Vec<ClientPlan>,
    /// What must hold, the always-on checks included.
    pub checks: Vec<PlannedCheck>,
}

impl Plan {
    /// The segment in force at this time: the last one goes on past the end.
    #[must_use]
    pub fn segment_at(&self, at: Offset) -> usize {
        self.segments.partition_point(|s| s.end <= at).min(self.segments.len().saturating_sub(1))
    }

    /// How far through its phase a time in this segment is, from 0 to 1.
    #[must_use]
    pub fn progress(&self, segment: usize, at: Offset) -> f64 {
        self.segments.get(segment).map_or(0.0, |s| s.progress(at))
    }

    /// The name of a host; `"?"` for an index of another plan.
    #[must_use]
    pub fn host_name(&self, id: HostId) -> &str {
        self.hosts.get(usize::from(id.0)).map_or("?", |h| h.name.as_str())
    }

    /// The name that a host shares with its replicas: `payments` for `payments#2`.
    #[must_use]
    pub fn name_of_all(&self, id: HostId) -> &str {
        self.replica_of(id).0
    }

    /// The name that a host shares with its replicas, and its number among them: 1 where it has none.
    #[must_use]
    pub fn replica_of(&self, id: HostId) -> (&str, u16) {
        let name = self.host_name(id);
        let replica = name.rsplit_once('#').and_then(|(all, number)| Some((all, number.parse().ok()?)));
        replica.unwrap_or((name, 1))
    }

    /// Every host that a call comes to only when somebody else fails: those that take over, and whom they call.
    #[must_use]
    pub fn standbys(&self) -> Vec<HostId> {
        let first: Vec<HostId> =
            self.senders().flat_map(|(_, targets)| targets).flat_map(|t| t.backups.concat()).collect();
        let hosts = (0_u16..).zip(&self.hosts).map(|(index, _)| HostId(index));
        hosts.filter(|host| first.contains(host) || first.iter().any(|f| self.leads(*f, &[*host]))).collect()
    }

    /// The name of hosts that a check or a pair speaks of: their common one, or the name of the only one.
    #[must_use]
    pub fn name_of_hosts(&self, hosts: &[HostId]) -> &str {
        match hosts {
            [only] => self.host_name(*only),
            [first, ..] => self.name_of_all(*first),
            [] => "?",
        }
    }

    /// The host of this name.
    #[must_use]
    pub fn host_named(&self, name: &str) -> Option<HostId> {
        let index = self.hosts.iter().position(|h| h.name == name)?;
        u16::try_from(index).ok().map(HostId)
    }

    /// The upstream plan of a host, with its index among the upstreams.
    #[must_use]
    pub fn upstream_of(&self, host: HostId) -> Option<(usize, &UpstreamPlan)> {
        self.upstreams.iter().enumerate().find(|(_, u)| u.host == host)
    }

    /// Whom a gateway or client sends to; nobody for an upstream.
    #[must_use]
    pub fn targets_of(&self, host: HostId) -> &[Target] {
        let gateway = self.gateways.iter().find(|g| g.host == host).map(|g| g.targets.as_slice());
        let client = || self.clients.iter().find(|c| c.host == host);
        gateway.or_else(|| client().map(|c| std::slice::from_ref(&c.target))).unwrap_or_default()
    }

    /// Every gateway and client with whom it sends to, gateways first.
    pub fn senders(&self) -> impl Iterator<Item = (HostId, &[Target])> {
        let gateways = self.gateways.iter().map(|g| (g.host, g.targets.as_slice()));
        gateways.chain(self.clients.iter().map(|c| (c.host, std::slice::from_ref(&c.target))))
    }

    /// Whether one host sends to another without anybody between them.
    #[must_use]
    pub fn sends(&self, from: HostId, to: HostId) -> bool {
        self.targets_of(from).iter().any(|target| target.everybody().any(|host| host == to))
    }

    /// Whether calls of one host come to any of these, straight or over gateways.
    #[must_use]
    pub fn leads(&self, from: HostId, to: &[HostId]) -> bool {
        self.reached_from(from).iter().skip(1).any(|host| to.contains(host))
    }

    /// The policy settings of a reference gateway or client.
    #[must_use]
    pub fn policy_of(&self, host: HostId) -> Option<&PolicySettings> {
        let gateway = self.gateways.iter().find(|g| g.host == host).map(|g| &g.policy);
        gateway.or_else(|| self.clients.iter().find(|c| c.host == host).map(|c| &c.policy))
    }

    /// The first cache that answers to a client's calls pass: the client's own, or that of a gateway on its way.
    #[must_use]
    pub fn cache_before(&self, client: HostId) -> Option<&Cache> {
        let mut caches = self.policies_on_the_way(client).into_iter().map(|policy| &policy.cache);
        caches.find(|cache| cache.kind != CacheKind::Off)
    }

    /// Whether this status may be an answer that a host on the way of this client's calls gives when all else failed.
    #[must_use]
    pub fn may_fall_back_to(&self, client: HostId, status: u16) -> bool {
        let mut fallbacks = self.policies_on_the_way(client).into_iter().map(|policy| &policy.fallback);
        fallbacks.any(|fallback| fallback.kind != FallbackKind::Off && fallback.status == status)
    }

    /// Whether a call of this client may be answered within this time though the upstream that it first comes to takes
    /// longer: by a hedge, by what is kept or made up on the way, or by another attempt after the first was cut.
    #[must_use]
    pub fn may_outrun(&self, client: HostId, within: TimeSpan) -> bool {
        self.policies_on_the_way(client).into_iter().any(|policy| {
            let others = policy.retry.max_attempts > 1 || !policy.failover.to.is_empty();
            let cut = policy.deadline.per_try.is_some_and(|per_try| per_try < within);
            (others && cut)
                || policy.hedge.kind != HedgeKind::Off
                || policy.cache.kind != CacheKind::Off
                || policy.fallback.kind != FallbackKind::Off
        })
    }

    /// The policies that the calls of this client pass, its own first.
    fn policies_on_the_way(&self, client: HostId) -> Vec<&PolicySettings> {
        self.reached_from(client).into_iter().filter_map(|host| self.policy_of(host)).collect()
    }

    /// A host, and whomever its calls come to, straight or over gateways.
    fn reached_from(&self, from: HostId) -> Vec<HostId> {
        let mut seen = vec![from];
        let mut next = 0;
        while let Some(host) = seen.get(next).copied() {
            for further in self.targets_of(host).iter().flat_map(Target::everybody) {
                if !seen.contains(&further) {
                    seen.push(further);
                }
            }
            next += 1;
        }
        seen
    }

    /// Whether anything is declared to go wrong after warm-up.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let after = |index: usize| self.segments.get(index).is_some_and(|s| s.phase.is_some());
        let upstreams = self.upstreams.iter().flat_map(|u| u.timeline.iter().enumerate());
        self.segments.iter().any(|s| s.phase.is_some() && !s.partitions.is_empty())
            || upstreams.into_iter().any(|(index, segment)| after(index) && segment.is_troubled())
    }

    /// The phase of this name.
    #[must_use]
    pub fn phase_named(&self, name: &str) -> Option<&PhaseSpan> {
        self.phases.iter().find(|p| p.name == name)
    }
}
