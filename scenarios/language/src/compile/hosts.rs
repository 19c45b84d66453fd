//! Hosts: everybody who takes part, in an order that does not depend on the order of the file.
//!
//! Call ids and keyed draws contain host indices, so that moving a table in the file must not move an index.

use upstorm_model::HostId;
use upstorm_model::plan::{Host, Role};
use upstorm_model::scenario::{Scenario, Upstream};

/// Clients, then gateways, then upstreams, each by name.
pub(crate) fn hosts_of(scenario: &Scenario) -> Vec<Host> {
    let host = |role| move |name: &String| Host { name: name.clone(), role };
    let clients = scenario.client.keys().map(host(Role::Client));
    let gateways = scenario.gateway.keys().map(host(Role::Gateway));
    let upstreams = scenario.upstream.iter().flat_map(|(name, upstream)| replica_names(name, upstream));
    clients.chain(gateways).chain(upstreams.map(|name| Host { name, role: Role::Upstream })).collect()
}

/// The names of the hosts of an upstream: its own, or with several replicas `NAME#1`, `NAME#2` and so on.
pub(crate) fn replica_names(name: &str, upstream: &Upstream) -> Vec<String> {
    match upstream.replicas {
        None | Some(0 | 1) => vec![name.to_owned()],
        Some(count) => (1..=count).map(|number| format!("{name}#{number}")).collect(),
    }
}

/// The host of this name, whatever it does.
pub(crate) fn any_host(hosts: &[Host], name: &str) -> Option<HostId> {
    find(hosts, |h| h.name == name)
}

/// The host of this name and role.
pub(crate) fn host_as(hosts: &[Host], role: Role, name: &str) -> Option<HostId> {
    find(hosts, |h| h.role == role && h.name == name)
}

/// Every host that this name means: all replicas of a name, one of them (`payments#2`), or one host; none where nobody
/// has it.
pub(crate) fn named(hosts: &[Host], name: &str) -> Vec<HostId> {
    let fits = |host: &Host| {
        let of_all = host.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('#'));
        host.name == name || (host.role == Role::Upstream && of_all)
    };
    (0_u16..).zip(hosts).filter(|(_, host)| fits(host)).map(|(index, _)| HostId(index)).collect()
}

/// Who can be called under this name: a gateway, or an upstream with all its replicas. None where nobody can.
pub(crate) fn callees(hosts: &[Host], name: &str) -> Option<Vec<HostId>> {
    let callable = |id: &HostId| hosts.get(usize::from(id.0)).is_some_and(|h| h.role != Role::Client);
    let found: Vec<HostId> = named(hosts, name).into_iter().filter(callable).collect();
    (!found.is_empty()).then_some(found)
}

fn find(hosts: &[Host], fits: impl Fn(&Host) -> bool) -> Option<HostId> {
    hosts.iter().position(fits).and_then(|index| u16::try_from(index).ok()).map(HostId)
}
