//! Round trips: how long packets are under way, beside what the upstream takes.

use std::time::Duration;

use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Plan};

/// How long a packet takes along this way and back, beside the jitter: nothing in the real world, where all links are loopback.
pub(crate) fn round_trip(plan: &Plan, from: HostId, way: &[HostId]) -> Duration {
    if plan.world == WorldKind::Real {
        return Duration::ZERO;
    }
    let hosts: Vec<HostId> = std::iter::once(from).chain(way.iter().copied()).collect();
    let there: Duration = hosts.windows(2).map(|ends| plan.network.link(ends[0], ends[1]).typical()).sum();
    there * 2
}
