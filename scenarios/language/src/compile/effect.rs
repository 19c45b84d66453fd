//! Effect: whether a phase changes anything against the base.

use upstorm_model::plan::Plan;
use upstorm_model::scenario::{LoadShape, Scenario};
use upstorm_model::{HostId, Offset};

use super::load::load;
use super::timeline::Stretch;
use super::upstream::upstream_plan;

/// True if in every segment of this phase every upstream behaves, every client calls and every link works as without
/// any overlay.
pub(crate) fn same_as_base(scenario: &Scenario, plan: &Plan, phase: usize) -> bool {
    let segments = plan.segments.iter().enumerate().filter(|(_, s)| s.phase.map(usize::from) == Some(phase));
    let segments: Vec<usize> = segments.map(|(index, _)| index).collect();
    let base = Stretch { phase: None, start: Offset::ZERO, end: Offset::MAX, overlays: Vec::new() };
    let base = std::slice::from_ref(&base);
    let linked = segments.iter().all(|s| plan.segments[*s].partitions.is_empty());
    let behaves = plan.upstreams.iter().all(|upstream| {
        let replica = plan.replica_of(upstream.host);
        let written = scenario.upstream.get(replica.0);
        let without = written.map(|u| upstream_plan(replica, u, (HostId(0), None), base));
        let without = without.and_then(|plan| plan.timeline.into_iter().next());
        segments.iter().all(|s| upstream.timeline.get(*s) == without.as_ref())
    });
    let calls = plan.clients.iter().all(|client| {
        let shape = scenario.client.get(plan.host_name(client.host)).map(|c| &c.load);
        let without = load(shape.unwrap_or(&LoadShape::default()));
        segments.iter().all(|s| client.timeline.get(*s) == Some(&without))
    });
    linked && behaves && calls
}
