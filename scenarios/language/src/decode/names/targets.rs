//! Targets: whom clients call, gateways stand before and who takes over, and the addresses they all listen on.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::cast::{Cast, HostEntry, Kind, Wanted, entries, spoken_targets, twice};
use crate::decode::replica::replica_number;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Checks the targets of every client and gateway, the replicas of every upstream, and that no two hosts want the same
/// port.
pub(super) fn check(cast: &Cast<'_>, reading: &Reading<'_>) {
    let mut listening: BTreeMap<SocketAddr, Spot> = BTreeMap::new();
    for (name, host) in &cast.hosts {
        for (name, at) in spoken_targets(host.node) {
            if matches!(host.kind, Kind::Client | Kind::Gateway) {
                cast.host((name, at), Wanted::Receiver, reading);
            }
        }
        takes_over_once(host.node, reading);
        if host.kind == Kind::Upstream {
            replicas((name, host), host.node, cast, reading);
        }
        for (address, at) in addresses(host) {
            match listening.get(&address) {
                Some(first) if *first != at => {
                    reading.report(twice(format!("two hosts listen on `{address}`"), at, *first));
                }
                _ => {
                    listening.insert(address, at);
                }
            }
        }
    }
}

/// Every address a host wants: of replicas, ports that follow each other. Port 0 is a free port, which all can have.
fn addresses<'a>(host: &HostEntry<'a>) -> impl Iterator<Item = (SocketAddr, Spot)> + use<'a> {
    let listen = host.node.as_table().and_then(|table| table.get("listen"));
    let first = listen.and_then(|node| Some((node.as_text()?.parse::<SocketAddr>().ok()?, node.at)));
    let replicas = host.replicas;
    first.into_iter().filter(|(address, _)| address.port() != 0).flat_map(move |(first, at)| {
        let ports = (0..replicas).map_while(move |offset| first.port().checked_add(offset));
        ports.map(move |port| (SocketAddr::new(first.ip(), port), at))
    })
}

/// Nobody takes over from himself, or twice.
fn takes_over_once(node: &Node, reading: &Reading<'_>) {
    let inner = |node: &'_ Node, key: &str| node.as_table().and_then(|table| table.get(key)).cloned();
    let Some(to) = inner(node, "failover").and_then(|failover| inner(&failover, "to")) else { return };
    let mut seen: Vec<String> = Vec::new();
    let straight = inner(node, "target").into_iter();
    let routed = entries(node, "routes").map(|(_, entry)| entry.node.clone());
    seen.extend(straight.chain(routed).filter_map(|node| node.as_text().map(str::to_owned)));
    for one in to.as_list().unwrap_or_default() {
        let Some(name) = one.as_text() else { continue };
        if seen.iter().any(|seen| seen == name) {
            let message = format!("`{name}` is there twice: nobody takes over from himself");
            reading.report(
                Diagnostic::new(&codes::CONFLICT, message).at(one.at, "").help("name others, each once"),
            );
        }
        seen.push(name.to_owned());
    }
}

/// What is said of single replicas and their routes, in the upstream itself or in an overlay of it.
pub(super) fn replicas(
    upstream: (&str, &HostEntry<'_>),
    node: &Node,
    cast: &Cast<'_>,
    reading: &Reading<'_>,
) {
    let (name, host) = upstream;
    for (number, entry) in entries(node, "replica") {
        for (route, over) in entries(&entry.node, "route") {
            cast.route(upstream, (route, over.key_at), reading);
        }
        if replica_number(number).is_some_and(|index| index > host.replicas) {
            let message = format!("the upstream `{name}` has no replica {number}");
            let has = match host.replicas {
                1 => "it has one host: `replicas = 3` would make it three".to_owned(),
                several => format!("it has {several}"),
            };
            reading.report(Diagnostic::new(&codes::UNKNOWN_HOST, message).at(entry.key_at, "").note(has));
        }
    }
}
