//! Who comes to a door: the clients whose calls would be stopped by a refusal or a partition, and not by one before it.
//!
//! Two partitions may lie behind each other. Calls that the first one stops say nothing of the second, and a partition
//! that nobody comes to was not met.

use upstorm_model::plan::Target;
use upstorm_model::{HostId, Plan};

use super::faults_declared::ShutDoor;
use crate::Case;

/// The clients whose calls come as far as this door.
pub(super) fn comers(case: &Case<'_>, door: &ShutDoor<'_>) -> Vec<HostId> {
    let plan = case.plan();
    let cut =
        plan.segments.get(usize::from(door.segment)).map(|s| s.partitions.as_slice()).unwrap_or_default();
    let knocks = |host: HostId| match door.from {
        Some(from) => host == from && plan.sends(from, door.upstream.host),
        None => plan.sends(host, door.upstream.host),
    };
    let comes = |client: &HostId| reached(plan, *client, cut).into_iter().any(knocks);
    plan.clients.iter().map(|c| c.host).filter(comes).collect()
}

/// A host, and whomever its calls come to, straight or over gateways, while these pairs are cut.
pub(super) fn reached(plan: &Plan, from: HostId, cut: &[[HostId; 2]]) -> Vec<HostId> {
    let passes = |from: HostId, to: HostId| {
        !cut.iter().any(|pair| HostId::pair(pair[0], pair[1]) == HostId::pair(from, to))
    };
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(here) = reached.get(next).copied() {
        for to in plan.targets_of(here).iter().flat_map(Target::everybody) {
            if passes(here, to) && !reached.contains(&to) {
                reached.push(to);
            }
        }
        next += 1;
    }
    reached
}
