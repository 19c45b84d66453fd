//! Links: the pairs of hosts whose link in the simulated world is unlike the usual one.

use std::collections::BTreeMap;

use super::cast::{Cast, Wanted, elements};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Checks every link of `run.network.between`: two hosts that exist, are not one, and are named once.
pub(super) fn check(root: &Node, cast: &Cast<'_>, reading: &Reading<'_>) {
    let Some(network) = within(root, "run").and_then(|run| within(run, "network")) else { return };
    let mut seen: BTreeMap<[&str; 2], Spot> = BTreeMap::new();
    for link in elements(network, "between") {
        let Some(hosts) = within(link, "hosts") else { continue };
        let Some([one, other]) = ends(hosts, "has no link to itself", cast, reading) else { continue };
        let (low, high) = (one.min(other), one.max(other));
        match seen.get(&[low, high]) {
            Some(first) => {
                let message = format!("the link between `{one}` and `{other}` is described twice");
                let diagnostic = Diagnostic::new(&codes::CONFLICT, message).at(hosts.at, "");
                reading.report(diagnostic.at(*first, "first here"));
            }
            None => {
                seen.insert([low, high], hosts.at);
            }
        }
    }
}

fn within<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.as_table().and_then(|table| table.get(key))
}

/// The two ends of a link, if they are two; `not_one` says what a host cannot be to itself. Names that nobody has are
/// reported.
pub(super) fn ends<'a>(
    pair: &'a Node,
    not_one: &str,
    cast: &Cast<'_>,
    reading: &Reading<'_>,
) -> Option<[&'a str; 2]> {
    let [first, second] = pair.as_list()? else { return None };
    for side in [first, second] {
        if let Some(name) = side.as_text() {
            cast.host((name, side.at), Wanted::Any, reading);
        }
    }
    let (one, other) = (first.as_text()?, second.as_text()?);
    if one == other {
        reading.report(Diagnostic::new(&codes::CONFLICT, format!("`{one}` {not_one}")).at(pair.at, ""));
        return None;
    }
    Some([one, other])
}
