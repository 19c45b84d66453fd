//! The cast: every host, route and phase of a scenario, by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::replica::replica_number;
use crate::decode::table::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Entry, Node, Value};

/// What a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Upstream,
    Gateway,
    Client,
}

impl Kind {
    /// With an article, for a sentence.
    pub(super) const fn a(self) -> &'static str {
        match self {
            Self::Upstream => "an upstream",
            Self::Gateway => "a gateway",
            Self::Client => "a client",
        }
    }
}

/// What belongs at a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    Any,
    Only(Kind),
    /// Whom a client may call, or a check may name as the receiver.
    Receiver,
    /// Who calls somebody.
    Sender,
}

impl Wanted {
    const fn a(self) -> &'static str {
        match self {
            Self::Any => "a host",
            Self::Only(kind) => kind.a(),
            Self::Receiver => "a gateway or an upstream",
            Self::Sender => "a gateway or a client",
        }
    }

    fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Only(wanted) => kind == wanted,
            Self::Receiver => kind != Kind::Client,
            Self::Sender => kind != Kind::Upstream,
        }
    }
}

/// A host and what others may say of it.
pub(super) struct HostEntry<'a> {
    pub(super) kind: Kind,
    pub(super) node: &'a Node,
    pub(super) targets: Vec<&'a str>,
    /// How many hosts it is.
    pub(super) replicas: u16,
    pub(super) routes: BTreeSet<&'a str>,
    key_at: Spot,
}

/// Everybody a scenario speaks of.
pub(super) struct Cast<'a> {
    pub(super) hosts: BTreeMap<&'a str, HostEntry<'a>>,
    pub(super) phases: BTreeSet<&'a str>,
}

impl<'a> Cast<'a> {
    /// Gathers the names, and reports those that are used twice.
    pub(super) fn of(root: &'a Node, reading: &Reading<'_>) -> Self {
        let mut hosts: BTreeMap<&str, HostEntry<'_>> = BTreeMap::new();
        for (key, kind) in
            [("upstream", Kind::Upstream), ("gateway", Kind::Gateway), ("client", Kind::Client)]
        {
            for (name, entry) in entries(root, key) {
                let host = host(entry, kind, reading);
                if let Some(first) = hosts.get(name.as_str()) {
                    let message = format!("`{name}` is already the name of {}", first.kind.a());
                    reading.report(twice(message, entry.key_at, first.key_at));
                } else {
                    hosts.insert(name, host);
                }
            }
        }
        unique(elements(root, "check"), "check", reading);
        let phases = unique(elements(root, "phase"), "phase", reading);
        Self { hosts, phases }
    }

    /// The host of this name, if it is of a kind that belongs at this place; else it is reported.
    pub(super) fn host(
        &self,
        (name, at): (&str, Spot),
        wanted: Wanted,
        reading: &Reading<'_>,
    ) -> Option<&HostEntry<'a>> {
        let found = self.hosts.get(name).or_else(|| self.replica(name));
        if let Some(host) = found.filter(|host| wanted.fits(host.kind)) {
            return Some(host);
        }
        let needed = wanted.a();
        let message = match found {
            Some(other) => format!("`{name}` is {}, and {needed} is needed here", other.kind.a()),
            None => format!("there is no `{name}` in this scenario, and {needed} is needed here"),
        };
        let fitting = self.hosts.iter().filter(|(_, host)| wanted.fits(host.kind));
        let there: Vec<&str> = fitting.map(|(name, _)| *name).collect();
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_HOST, message).at(at, "");
        if !there.is_empty() {
            diagnostic = diagnostic.note(format!("the scenario has {}", quoted_list(&there)));
        }
        reading.report(diagnostic.help_if(did_you_mean(name, there)));
        None
    }

    /// The upstream of which `payments#2` names a replica that it has.
    fn replica(&self, name: &str) -> Option<&HostEntry<'a>> {
        let (all, number) = name.split_once('#')?;
        let number = replica_number(number)?;
        self.hosts.get(all).filter(|host| host.replicas > 1 && number <= host.replicas)
    }

    /// Whether calls of one host come to another, straight or over gateways.
    pub(super) fn leads(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut next) = (vec![from], 0);
        while let Some(host) = seen.get(next).copied() {
            for further in self.hosts.get(host).into_iter().flat_map(|host| &host.targets) {
                if !seen.contains(further) {
                    seen.push(further);
                }
            }
            next += 1;
        }
        seen.iter().skip(1).any(|name| is_same(name, to))
    }

    /// Reports a phase that does not exist.
    pub(super) fn phase(&self, node: &Node, reading: &Reading<'_>) {
        let Some(name) = node.as_text() else { return };
        if self.phases.contains(name) {
            return;
        }
        let there: Vec<&str> = self.phases.iter().copied().collect();
        reading.report(
            Diagnostic::new(&codes::UNKNOWN_PHASE, format!("there is no phase `{name}`"))
                .at(node.at, "")
                .note(format!("the scenario has {}", quoted_list(&there)))
                .help_if(did_you_mean(name, there)),
        );
    }

    /// Reports a route that an upstream does not have.
    pub(super) fn route(&self, upstream: (&str, &HostEntry<'_>), route: (&str, Spot), reading: &Reading<'_>) {
        let ((name, host), (route, at)) = (upstream, route);
        if host.routes.contains(route) {
            return;
        }
        let there: Vec<&str> = host.routes.iter().copied().collect();
        reading.report(
            Diagnostic::new(&codes::UNKNOWN_ROUTE, format!("the upstream `{name}` has no route `{route}`"))
                .at(at, "")
                .note(format!("it has {}", quoted_list(&there)))
                .help_if(did_you_mean(route, there)),
        );
    }
}

fn host<'a>(entry: &'a Entry, kind: Kind, reading: &Reading<'_>) -> HostEntry<'a> {
    let table = entry.node.as_table();
    let targets = spoken_targets(&entry.node).into_iter().map(|(name, _)| name).collect();
    let replicas = table.and_then(|table| table.get("replicas")).map(|node| &node.value);
    let replicas = match (kind, replicas) {
        (Kind::Upstream, Some(Value::Integer(count))) => u16::try_from(*count).unwrap_or(1).max(1),
        _ => 1,
    };
    let routes = match kind {
        Kind::Upstream => unique(elements(&entry.node, "route"), "route", reading),
        Kind::Gateway | Kind::Client => BTreeSet::new(),
    };
    HostEntry { kind, node: &entry.node, targets, replicas, routes, key_at: entry.key_at }
}

/// Whether two names mean the same host, or the one is a replica of the other.
fn is_same(one: &str, other: &str) -> bool {
    let all = |name: &str| name.split_once('#').map(|(all, _)| all.to_owned());
    one == other || all(one).is_some_and(|all| all == other) || all(other).is_some_and(|all| all == one)
}

/// Everybody a gateway or client speaks of as its target, where its routes go, or who takes over.
pub(super) fn spoken_targets(node: &Node) -> Vec<(&str, Spot)> {
    let table = node.as_table();
    let text = |node: &'_ Node| node.as_text().is_some();
    let target = table.and_then(|table| table.get("target")).into_iter();
    let routes = entries(node, "routes").map(|(_, entry)| &entry.node);
    let failover = table.and_then(|table| table.get("failover"));
    let backups = failover.map_or(&[][..], |failover| elements(failover, "to"));
    let nodes = target.chain(routes).chain(backups).filter(|node| text(node));
    nodes.filter_map(|node| Some((node.as_text()?, node.at))).collect()
}

/// The entries of a table under a key of the node; none where there is no such table.
pub(super) fn entries<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (&'a String, &'a Entry)> {
    let inner = node.as_table().and_then(|table| table.get(key)).and_then(Node::as_table);
    inner.into_iter().flat_map(|table| table.0.iter())
}

/// The elements of a list under a key of the node; none where there is no such list.
pub(super) fn elements<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.as_table().and_then(|table| table.get(key)).and_then(Node::as_list).unwrap_or_default()
}

/// The names of the elements of an array of tables; those used twice are reported.
fn unique<'a>(list: &'a [Node], what: &str, reading: &Reading<'_>) -> BTreeSet<&'a str> {
    let mut seen: BTreeMap<&str, Spot> = BTreeMap::new();
    for element in list {
        let name = element.as_table().and_then(|table| table.get("name"));
        let Some((name, at)) = name.and_then(|node| Some((node.as_text()?, node.at))) else { continue };
        match seen.get(name) {
            Some(first) => reading.report(twice(format!("there are two {what}s named `{name}`"), at, *first)),
            None => {
                seen.insert(name, at);
            }
        }
    }
    seen.into_keys().collect()
}

/// Two things of one name.
pub(super) fn twice(message: String, second: Spot, first: Spot) -> Diagnostic {
    Diagnostic::new(&codes::DUPLICATE_NAME, message).at(second, "").at(first, "first here")
}
