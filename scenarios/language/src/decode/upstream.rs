//! `[upstream.NAME]`, its routes, and what a phase lays over them.

use std::collections::BTreeMap;

use upstorm_model::scenario::{Behaviour, Route, RouteMatch, Upstream, UpstreamOverlay};

use super::body::body;
use super::capacity::capacity;
use super::connect::connect;
use super::fault::faults;
use super::header::matched_headers;
use super::hold::hold;
use super::http::{address, method, plain_name, route_path};
use super::law::law;
use super::limit::limit;
use super::probes::probes;
use super::replica::{replica_overlays, replicas};
use super::row::row;
use super::script::script;
use super::status::status_mix;
use super::table::TableReader;
use super::unit::share;
use super::value::{list, truth, wrong_type};
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// `[upstream.NAME]`.
pub(super) fn upstream(name: &str, node: &Node, reading: &Reading<'_>) -> Option<Upstream> {
    let mut table = TableReader::open(node, format!("the upstream `{name}`"), reading)?;
    refuse_listeners(&mut table);
    let upstream = Upstream {
        listen: table.optional("listen", address),
        fate_header: table.optional("fate_header", truth).unwrap_or_default(),
        connect: table.optional("connect", connect),
        behaviour: behaviour(&mut table),
        route: table
            .optional("route", list("routes: write `[[upstream.NAME.route]]`", route))
            .unwrap_or_default(),
        replicas: table.optional("replicas", replicas),
        replica: table.optional("replica", replica_overlays).unwrap_or_default(),
    };
    table.finish();
    Some(upstream)
}

/// What the language knows of listeners beyond plain HTTP/1.1; saying outright what is the case anyway is fine.
fn refuse_listeners(table: &mut TableReader<'_>) {
    let is_http1 = |value: &Value| match value {
        Value::List(list) => matches!(list.as_slice(), [only] if only.as_text() == Some("http1")),
        _ => false,
    };
    table.refuse_unless("protocols", is_http1);
    for key in ["tls", "mtls"] {
        table.refuse_unless(key, |value| *value == Value::Bool(false));
    }
}

/// The keys that an upstream, a route and an overlay have in common.
pub(super) fn behaviour(table: &mut TableReader<'_>) -> Behaviour {
    Behaviour {
        limit: table.optional("limit", limit),
        capacity: table.optional("capacity", capacity),
        latency: table.optional("latency", law),
        status: table.optional("status", status_mix),
        body: table.optional("body", body),
        faults: table.optional("faults", faults),
        script: table.optional("script", script),
        hold: table.optional("hold", hold),
        probes: table.optional("probes", probes),
        ledger: table.optional("ledger", truth),
    }
}

/// The same, standing alone.
pub(crate) fn lone_behaviour(node: &Node, reading: &Reading<'_>) -> Option<Behaviour> {
    let mut table = TableReader::open(node, "the behaviour of a route", reading)?;
    let behaviour = behaviour(&mut table);
    table.finish();
    Some(behaviour)
}

fn route(node: &Node, reading: &Reading<'_>) -> Option<Route> {
    let what = node.name().map_or_else(|| "a route".to_owned(), |name| format!("the route `{name}`"));
    let mut table = TableReader::open(node, what, reading)?;
    let name = table.required("name", plain_name);
    let r#match = table.optional("match", route_match).unwrap_or_default();
    let row = table.optional("row", row);
    let behaviour = behaviour(&mut table);
    table.finish();
    Some(Route { name: name?, r#match, row, behaviour })
}

fn route_match(node: &Node, reading: &Reading<'_>) -> Option<RouteMatch> {
    let mut table = TableReader::open(node, "`match`", reading)?;
    let fits = RouteMatch {
        method: table.optional("method", method),
        path: table.optional("path", route_path),
        header: table.optional("header", matched_headers).unwrap_or_default(),
        share: table.optional("share", share),
    };
    table.finish();
    Some(fits)
}

/// What a phase lays over an upstream.
pub(super) fn upstream_overlay(name: &str, node: &Node, reading: &Reading<'_>) -> Option<UpstreamOverlay> {
    let mut table =
        TableReader::open(node, format!("what a phase lays over the upstream `{name}`"), reading)?;
    let overlay = UpstreamOverlay {
        connect: table.optional("connect", connect),
        behaviour: behaviour(&mut table),
        route: table.optional("route", route_overlays).unwrap_or_default(),
        replica: table.optional("replica", replica_overlays).unwrap_or_default(),
    };
    table.finish();
    Some(overlay)
}

/// What lies over routes, by their names.
pub(super) fn route_overlays(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, Behaviour>> {
    let Some(routes) = node.as_table() else {
        return wrong_type(
            node,
            "a table of routes by name, such as `[phase.upstream.payments.route.charge]`",
            reading,
        );
    };
    let overlay = |(name, entry): (&String, &crate::tree::Entry)| {
        let what = format!("what a phase lays over the route `{name}`");
        let mut table = TableReader::open(&entry.node, what, reading)?;
        let behaviour = behaviour(&mut table);
        table.finish();
        Some((name.clone(), behaviour))
    };
    Some(routes.0.iter().filter_map(overlay).collect())
}
