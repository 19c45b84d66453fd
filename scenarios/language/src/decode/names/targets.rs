//! Targets: whom clients call and gateways stand before, and the addresses they listen on.

use std::collections::BTreeMap;

use super::cast::{Cast, Kind, Wanted, twice};
use crate::decode::table::not_supported;
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Checks the target of every client and gateway, and that no two hosts want the same port.
pub(super) fn check(cast: &Cast<'_>, reading: &Reading<'_>) {
    let mut listening: BTreeMap<&str, Spot> = BTreeMap::new();
    for host in cast.hosts.values() {
        let own = |key| host.node.as_table().and_then(|table| table.get(key));
        if let Some(node) = own("target") {
            target(host.kind, node, cast, reading);
        }
        let listen = own("listen").and_then(|node| Some((node.as_text()?, node.at)));
        // Port 0 is a free port, which two hosts can both have.
        if let Some((address, at)) = listen.filter(|(address, _)| !address.ends_with(":0")) {
            match listening.get(address) {
                Some(first) => reading.report(twice(format!("two hosts listen on `{address}`"), at, *first)),
                None => {
                    listening.insert(address, at);
                }
            }
        }
    }
}

fn target(kind: Kind, node: &Node, cast: &Cast<'_>, reading: &Reading<'_>) {
    let Some(name) = node.as_text() else { return };
    match kind {
        Kind::Client => {
            cast.host((name, node.at), Wanted::Receiver, reading);
        }
        Kind::Gateway if cast.hosts.get(name).is_some_and(|host| host.kind == Kind::Gateway) => {
            reading.report(not_supported("a gateway that stands before another gateway", node.at));
        }
        Kind::Gateway => {
            cast.host((name, node.at), Wanted::Only(Kind::Upstream), reading);
        }
        Kind::Upstream => {}
    }
}
