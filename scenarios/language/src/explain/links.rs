//! Links: how long packets are under way between hosts that call each other, in the simulated world.

use std::collections::BTreeSet;

use upstorm_model::plan::Target;
use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Plan, TimeSpan};

use super::table::{Table, section};
use super::wording::law;

/// A line for each link that calls take; nothing in the real world, which has the links it has.
pub(super) fn links(plan: &Plan) -> String {
    if plan.world == WorldKind::Real {
        return String::new();
    }
    let mut table = Table::new(&["between", "delay", "jitter", "bandwidth", "round trip"]);
    let gateways = plan.gateways.iter().map(|g| g.host);
    for from in plan.clients.iter().map(|c| c.host).chain(gateways) {
        let mut seen = BTreeSet::new();
        for to in plan.targets_of(from).iter().flat_map(Target::everybody).filter(|to| seen.insert(*to)) {
            table.row(row(plan, from, to));
        }
    }
    section("Links of the simulated network, each way", &table.lines())
}

fn row(plan: &Plan, from: HostId, to: HostId) -> [String; 5] {
    let link = plan.network.link(from, to);
    let (least, most) = (link.shortest() * 2, link.longest() * 2);
    let span = |duration| TimeSpan::from(duration).to_string();
    let round_trip = if least == most { span(least) } else { format!("{} to {}", span(least), span(most)) };
    [
        format!("{} and {}", plan.host_name(from), plan.host_name(to)),
        law(&link.delay),
        link.jitter.to_string(),
        link.bandwidth.to_string(),
        round_trip,
    ]
}
