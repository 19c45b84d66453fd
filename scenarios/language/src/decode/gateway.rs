//! `[gateway.NAME]`: what stands between.

use std::collections::BTreeMap;

use upstorm_model::scenario::Gateway;

use super::http::{address, prefix};
use super::policy::{overlaid, preset};
use super::table::TableReader;
use super::value::{name, wrong, wrong_type};
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Entry, Node};

/// `[gateway.NAME]`.
pub(super) fn gateway(own: &str, node: &Node, reading: &Reading<'_>) -> Option<Gateway> {
    let mut table = TableReader::open(node, format!("the gateway `{own}`"), reading)?;
    table.refuse(&["command", "url", "files", "env", "ready"]);
    let elsewhere = table.has("command") || table.has("url");
    if !table.has("target") && !table.has("routes") && !elsewhere {
        table.missing("`target`, or `routes` by path prefix");
    }
    let target = table.optional("target", name);
    let routes = table.optional("routes", routes);
    let listen = table.optional("listen", address);
    let (preset, settings) = preset(&mut table);
    let settings = overlaid(settings, &mut table);
    table.finish();
    Some(Gateway { target, routes: routes.unwrap_or_default(), listen, preset, settings })
}

/// `routes = { "/v1" = "payments", "/auth" = "auth" }`.
fn routes(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, String>> {
    let Some(table) = node.as_table() else {
        return wrong_type(node, "a table by path prefix, such as { \"/v1\" = \"payments\" }", reading);
    };
    if table.0.is_empty() {
        return wrong(&codes::MISSING_KEY, node.at, "at least one path prefix is needed here", reading);
    }
    let mut routes = BTreeMap::new();
    for (written, Entry { key_at, node }) in &table.0 {
        let (prefix, target) = (prefix(written, *key_at, reading), name(node, reading));
        let Some((prefix, target)) = prefix.zip(target) else { continue };
        if routes.insert(prefix.clone(), target).is_some() {
            let message = format!("`{prefix}` is there twice: a `/` at the end says nothing");
            let _: Option<()> = wrong(&codes::DUPLICATE_NAME, *key_at, message, reading);
        }
    }
    Some(routes)
}
