//! The whole scenario, from the root of the tree.

use std::collections::BTreeMap;

use upstorm_model::scenario::Scenario;

use super::check::check;
use super::client::client;
use super::gateway::gateway;
use super::http::is_plain_name;
use super::names::check_names;
use super::phase::phase;
use super::run::run;
use super::table::TableReader;
use super::upstream::upstream;
use super::value::{list, name, owned_text, wrong, wrong_type};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// The scenario; none if anything in it is wrong, which has then been reported, together with all the rest.
pub(crate) fn decode_scenario(root: &Node, reading: &Reading<'_>) -> Option<Scenario> {
    let mut table = TableReader::open(root, "a scenario", reading)?;
    table.refuse_unless("fate_header", |value| *value == Value::Bool(false));
    let version = version(&mut table);
    let name = table.required("name", name);
    let summary = table.optional("summary", owned_text).unwrap_or_default();
    let run = table.optional("run", run).unwrap_or_default();
    let upstreams = table.required("upstream", |node, reading| hosts(node, upstream, reading));
    let gateways =
        table.optional("gateway", |node, reading| hosts(node, gateway, reading)).unwrap_or_default();
    let clients = table.required("client", |node, reading| hosts(node, client, reading));
    let phases = table.required("phase", list("phases: write `[[phase]]`", phase));
    let checks = table.optional("check", list("checks: write `[[check]]`", check)).unwrap_or_default();
    if phases.as_ref().is_some_and(Vec::is_empty) {
        table.missing("at least one `[[phase]]`");
    }
    table.finish();
    check_names(root, reading);
    Some(Scenario {
        version: version?,
        name: name?,
        summary,
        run,
        upstream: upstreams?,
        gateway: gateways,
        client: clients?,
        phase: phases?,
        check: checks,
    })
}

fn version(table: &mut TableReader<'_>) -> Option<u32> {
    let node = table.take("version");
    match node.map(|node| &node.value) {
        Some(Value::Integer(1)) => return Some(1),
        Some(Value::Integer(other)) => {
            let message = format!("version {other} of the language is not known; this is version 1");
            let at = node.map_or(table.at(), |node| node.at);
            let _: Option<()> = wrong(&codes::BAD_VERSION, at, message, table.reading());
        }
        Some(_) => return node.and_then(|node| wrong_type(node, "the number 1", table.reading())),
        None => table.reading().report(
            Diagnostic::new(
                &codes::BAD_VERSION,
                "the scenario does not say which version of the language it is in",
            )
            .at(table.at(), "")
            .help("begin the file with `version = 1`"),
        ),
    }
    None
}

/// `[KIND.NAME]`: a table of hosts.
fn hosts<T>(
    node: &Node,
    decode: impl Fn(&str, &Node, &Reading<'_>) -> Option<T>,
    reading: &Reading<'_>,
) -> Option<BTreeMap<String, T>> {
    let Some(table) = node.as_table() else { return wrong_type(node, "a table by name", reading) };
    if table.0.is_empty() {
        return wrong(&codes::MISSING_KEY, node.at, "at least one is needed here", reading);
    }
    let mut out = BTreeMap::new();
    for (name, entry) in &table.0 {
        is_plain_name(name, entry.key_at, reading);
        if let Some(host) = decode(name, &entry.node, reading) {
            out.insert(name.clone(), host);
        }
    }
    Some(out)
}
