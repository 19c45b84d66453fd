//! Hosts: everybody who takes part, in an order that does not depend on the order of the file.
//!
//! Call ids and keyed draws contain host indices, so that moving a table in the file must not move an index.

use upstorm_model::HostId;
use upstorm_model::plan::{Host, Role};
use upstorm_model::scenario::Scenario;

/// Clients, then gateways, then upstreams, each by name.
pub(crate) fn hosts_of(scenario: &Scenario) -> Vec<Host> {
    let host = |role| move |name: &String| Host { name: name.clone(), role };
    let clients = scenario.client.keys().map(host(Role::Client));
    let gateways = scenario.gateway.keys().map(host(Role::Gateway));
    clients.chain(gateways).chain(scenario.upstream.keys().map(host(Role::Upstream))).collect()
}

/// The host of this name, whatever it does.
pub(crate) fn any_host(hosts: &[Host], name: &str) -> Option<HostId> {
    find(hosts, |h| h.name == name)
}

/// The host of this name and role.
pub(crate) fn host_as(hosts: &[Host], role: Role, name: &str) -> Option<HostId> {
    find(hosts, |h| h.role == role && h.name == name)
}

/// Who can be called under this name: a gateway or an upstream.
pub(crate) fn callee(hosts: &[Host], name: &str) -> Option<HostId> {
    find(hosts, |h| h.role != Role::Client && h.name == name)
}

fn find(hosts: &[Host], fits: impl Fn(&Host) -> bool) -> Option<HostId> {
    hosts.iter().position(fits).and_then(|index| u16::try_from(index).ok()).map(HostId)
}
