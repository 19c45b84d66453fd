//! Phases: the upstreams, routes and clients they lay something over, and the hosts they part.

use super::cast::{Cast, Kind, Wanted, elements, entries};
use super::links::ends;
use super::targets::replicas;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::{Entry, Node};

/// Checks every phase and every step.
pub(super) fn check(root: &Node, cast: &Cast<'_>, reading: &Reading<'_>) {
    for phase in elements(root, "phase") {
        overlay(phase, cast, reading);
        for step in elements(phase, "steps") {
            overlay(step, cast, reading);
        }
    }
}

fn overlay(node: &Node, cast: &Cast<'_>, reading: &Reading<'_>) {
    for (name, entry) in entries(node, "upstream") {
        let wanted = Wanted::Only(Kind::Upstream);
        let Some(host) = cast.host((name, entry.key_at), wanted, reading) else {
            continue;
        };
        for (route, over) in entries(&entry.node, "route") {
            cast.route((name, host), (route, over.key_at), reading);
        }
        replicas((name, host), &entry.node, cast, reading);
    }
    for (name, entry) in entries(node, "client") {
        if let Some(host) = cast.host((name, entry.key_at), Wanted::Only(Kind::Client), reading) {
            load(host.node, entry, reading);
        }
    }
    for pair in elements(node, "partition") {
        ends(pair, "cannot be parted from itself", cast, reading);
    }
}

/// What belongs to the other loop than the client's has no meaning.
fn load(base: &Node, over: &Entry, reading: &Reading<'_>) {
    let (Some(base), Some(table)) = (base.as_table(), over.node.as_table()) else { return };
    for (key, needs, other) in [("arrivals", "rate", "users"), ("think", "users", "rate")] {
        let has = |key: &str| table.get(key).is_some();
        let stays_other = !has(needs) && (has(other) || base.get(needs).is_none());
        if let Some(entry) = table.0.get(key).filter(|_| stays_other) {
            let message =
                format!("`{key}` has a meaning only beside `{needs}`, and this client has `{other}`");
            reading.report(Diagnostic::new(&codes::CONFLICT, message).at(entry.key_at, ""));
        }
    }
}
