//! The cast: every host, route and phase of a scenario, by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::table::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::{Entry, Node};

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
    pub(super) target: Option<&'a str>,
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
        let found = self.hosts.get(name);
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
    pub(super) fn route(&self, upstream: (&str, &HostEntry<'a>), route: (&str, Spot), reading: &Reading<'_>) {
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
    let target = table.and_then(|table| table.get("target")).and_then(Node::as_text);
    let routes = match kind {
        Kind::Upstream => unique(elements(&entry.node, "route"), "route", reading),
        Kind::Gateway | Kind::Client => BTreeSet::new(),
    };
    HostEntry { kind, node: &entry.node, target, routes, key_at: entry.key_at }
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
