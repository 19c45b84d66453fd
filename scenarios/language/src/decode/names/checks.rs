//! Checks: whom they are about, and the phases they look at.

use super::cast::{Cast, Kind, Wanted, elements};
use crate::decode::table::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Kinds that are about what a client saw.
const OF_A_CLIENT: [&str; 4] = ["slo", "recovery", "fresh", "alert"];
/// Kinds that are about what one host sent to another.
const OF_AN_EDGE: [&str; 11] = [
    "breaker",
    "jitter",
    "retry_budget",
    "retry_after",
    "amplification",
    "herd",
    "backoff",
    "failover",
    "limit",
    "retry_safety",
    "timeout",
];

/// Checks every `[[check]]`.
pub(super) fn check(root: &Node, cast: &Cast<'_>, reading: &Reading<'_>) {
    for check in elements(root, "check") {
        elements(check, "during").iter().for_each(|phase| cast.phase(phase, reading));
        let Some(table) = check.as_table() else { continue };
        for kind in OF_A_CLIENT {
            if let Some((name, at)) = of(table.get(kind)) {
                client(name, at, cast, reading);
            }
        }
        for kind in OF_AN_EDGE {
            if let Some((text, at)) = of(table.get(kind)) {
                edge(text, at, cast, reading);
            }
        }
        if let Some((text, at)) = of(table.get("tally")) {
            let subject = if text.contains("->") { edge } else { client };
            subject(text, at, cast, reading);
        }
        let elsewhere = table.get("failover").and_then(Node::as_table).and_then(|kind| kind.get("to"));
        if let Some((name, at)) = elsewhere.and_then(|to| Some((to.as_text()?, to.at))) {
            cast.host((name.trim(), at), Wanted::Receiver, reading);
        }
        let recovery = table.get("recovery").and_then(Node::as_table);
        let named = ["after", "drop", "restore"].map(|key| recovery.and_then(|recovery| recovery.get(key)));
        named.into_iter().flatten().for_each(|phase| cast.phase(phase, reading));
    }
}

fn of(kind: Option<&Node>) -> Option<(&str, Spot)> {
    let node = kind?.as_table()?.get("of")?;
    node.as_text().filter(|text| !text.trim().is_empty()).map(|text| (text, node.at))
}

fn client(name: &str, at: Spot, cast: &Cast<'_>, reading: &Reading<'_>) {
    if name.contains("->") {
        let message = format!("`{name}` is an edge, and this check is about what a client saw");
        let help = "name the client, such as `of = \"shoppers\"`";
        reading.report(Diagnostic::new(&codes::UNKNOWN_HOST, message).at(at, "").help(help));
        return;
    }
    cast.host((name, at), Wanted::Only(Kind::Client), reading);
}

/// `from -> to` or `from -> to/route`.
fn edge(text: &str, at: Spot, cast: &Cast<'_>, reading: &Reading<'_>) {
    let Some((from, rest)) = text.split_once("->") else {
        let message = format!("`{text}` is no edge, and this check is about what one host sends to another");
        reading.report(Diagnostic::new(&codes::NO_SUCH_EDGE, message).at(at, "").help(example(text, cast)));
        return;
    };
    let (to, route) = match rest.split_once('/') {
        Some((to, route)) => (to.trim(), Some(route.trim())),
        None => (rest.trim(), None),
    };
    let from = from.trim();
    let sender = cast.host((from, at), Wanted::Sender, reading);
    let receiver = cast.host((to, at), Wanted::Receiver, reading);
    let (Some(sender), Some(receiver)) = (sender, receiver) else { return };
    if !cast.leads(from, to) {
        let goes = match sender.targets.as_slice() {
            [] => String::new(),
            targets => format!(": it sends to {}", quoted_list(targets)),
        };
        let message = format!("`{from}` sends nothing to `{to}`{goes}");
        reading.report(Diagnostic::new(&codes::NO_SUCH_EDGE, message).at(at, "").help(example(from, cast)));
    }
    match (route, receiver.kind) {
        (Some(route), Kind::Upstream) => cast.route((to, receiver), (route, at), reading),
        (Some(route), _) => {
            let message = format!("`{to}` is a gateway and has no route `{route}`");
            reading.report(Diagnostic::new(&codes::UNKNOWN_ROUTE, message).at(at, ""));
        }
        (None, _) => {}
    }
}

/// An edge that exists, best of the host that was spoken of.
fn example(name: &str, cast: &Cast<'_>) -> String {
    let edges =
        || cast.hosts.iter().filter_map(|(from, host)| Some((*from, *host.targets.first()?, host.kind)));
    let near = edges().find(|(from, to, _)| *from == name || *to == name);
    let best =
        near.or_else(|| edges().find(|(_, _, kind)| *kind == Kind::Gateway)).or_else(|| edges().next());
    best.map_or_else(
        || "write `of = \"edge -> payments\"`".to_owned(),
        |(from, to, _)| format!("write `of = \"{from} -> {to}\"`"),
    )
}
