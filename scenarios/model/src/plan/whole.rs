//! The plan as a whole, and what can be looked up in it.

use serde::{Deserialize, Serialize};

use super::{ClientPlan, GatewayPlan, Host, HostId, Network, PhaseSpan, PlannedCheck, Segment, UpstreamPlan};
use crate::policy::PolicySettings;
use crate::scenario::WorldKind;
use crate::{Offset, Seed, TimeSpan};

/// The version of the plan file.
pub const PLAN_VERSION: u32 = 1;

/// One run, fully decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this form, [`PLAN_VERSION`].
    pub version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What it shows.
    pub summary: String,
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

    /// The policy settings of a reference gateway or client.
    #[must_use]
    pub fn policy_of(&self, host: HostId) -> Option<&PolicySettings> {
        let gateway = self.gateways.iter().find(|g| g.host == host).map(|g| &g.policy);
        gateway.or_else(|| self.clients.iter().find(|c| c.host == host).map(|c| &c.policy))
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
