//! Mazes: gateways that call each other in so many ways that nobody could follow a call.
//!
//! Routes and failovers multiply along a chain: forty gateways with three routes each to the next are 3⁴⁰ ways, and what
//! a forecast or a check does for every way would never end. A chain that is longer than they follow would silently be
//! cut off. Circles are found before.

use std::collections::BTreeMap;

use upstorm_model::plan::Target;
use upstorm_model::{HostId, Plan};

use super::trouble::{Trouble, limits};
use crate::Spans;

/// How many ways lead on from a host, and how many hosts the longest passes.
type Extent = (u64, usize);

/// The first client whose calls may go more ways, or over more hosts, than can be followed.
pub(crate) fn maze(plan: &Plan) -> Option<Trouble> {
    let mut known = BTreeMap::new();
    plan.clients.iter().find_map(|client| {
        let (ways, hosts) = extent(plan, client.host, &mut known);
        let path = format!("client.{}.target", Spans::quoted(plan.host_name(client.host)));
        (ways > limits::WAYS || hosts > limits::CHAIN).then_some(Trouble::Maze { path, ways, hosts })
    })
}

/// Each host is looked at once, however many ways lead to it.
fn extent(plan: &Plan, host: HostId, known: &mut BTreeMap<HostId, Extent>) -> Extent {
    if let Some(extent) = known.get(&host) {
        return *extent;
    }
    let mut all: Extent = (0, 0);
    for next in plan.targets_of(host).iter().flat_map(Target::everybody) {
        let (ways, hosts) = extent(plan, next, known);
        all = (all.0.saturating_add(ways.max(1)), all.1.max(hosts + 1));
    }
    known.insert(host, all);
    all
}
