//! `[client.NAME]`: who calls.

use upstorm_model::scenario::{Client, LoadShape, Request, RequestBody};
use upstorm_model::{ByteSize, TimeSpan};

use super::header::request_headers;
use super::http::{request_method, request_path};
use super::law::law;
use super::policy::{overlaid, preset};
use super::table::TableReader;
use super::unit::{some_time, unit, varying, varying_of};
use super::value::{count, list, name, number, truth, wrong};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// How long a client waits unless it says otherwise.
const TIMEOUT: TimeSpan = TimeSpan::from_secs(10);
/// Calls at once unless a client says otherwise.
const MAX_IN_FLIGHT: u32 = 10_000;

/// The largest body of a request, in bytes.
const LARGEST_BODY: u64 = 64 << 20;

/// `[client.NAME]`.
pub(super) fn client(own: &str, node: &Node, reading: &Reading<'_>) -> Option<Client> {
    let mut table = TableReader::open(node, format!("the client `{own}`"), reading)?;
    table.refuse(&["command"]);
    let target = table.required("target", name);
    let load = load(&mut table);
    if !table.has("rate") && !table.has("users") && !table.has("command") {
        table.missing("`rate` (an open loop) or `users` (a closed one)");
    }
    for (key, beside) in [("arrivals", "rate"), ("think", "users"), ("calls", "users")] {
        if table.has(key) && !table.has(beside) {
            let message = format!("`{key}` has a meaning only beside `{beside}`");
            let _: Option<()> = wrong(&codes::CONFLICT, table.key_at(key), message, reading);
        }
    }
    let requests = table.optional("requests", requests).unwrap_or_else(|| vec![Request::default()]);
    let timeout = table.optional("timeout", some_time).unwrap_or(TIMEOUT);
    let max_in_flight = table.optional("max_in_flight", count(1..=1_000_000)).unwrap_or(MAX_IN_FLIGHT);
    let connections = table.optional("connections", count(1..=1_000_000));
    let (preset, settings) = preset(&mut table);
    let settings = overlaid(settings, &mut table);
    table.finish();
    Some(Client { target: target?, load, requests, timeout, max_in_flight, connections, preset, settings })
}

/// What a phase lays over a client.
pub(super) fn load_overlay(own: &str, node: &Node, reading: &Reading<'_>) -> Option<LoadShape> {
    let mut table = TableReader::open(node, format!("what a phase lays over the client `{own}`"), reading)?;
    let load = load(&mut table);
    table.finish();
    Some(load)
}

fn load(table: &mut TableReader<'_>) -> LoadShape {
    let load = LoadShape {
        rate: table.optional("rate", varying),
        arrivals: table.optional("arrivals", word),
        users: table.optional("users", |node, reading| varying_of(node, reading, count(0..=1_000_000))),
        think: table.optional("think", law),
        calls: table.optional("calls", count(1..=1_000_000_000)),
    };
    if table.has("rate") && table.has("users") {
        table.conflict(
            ("rate", "users"),
            "a client is an open loop (`rate`) or a closed one (`users`), not both",
        );
    }
    load
}

fn requests(node: &Node, reading: &Reading<'_>) -> Option<Vec<Request>> {
    let requests = list("requests, such as [{ path = \"/v1/quota\" }]", request)(node, reading)?;
    if requests.iter().map(|request| request.weight).sum::<f64>() <= 0.0 {
        return wrong(
            &codes::OUT_OF_RANGE,
            node.at,
            "at least one request must have a weight above zero",
            reading,
        );
    }
    Some(requests)
}

fn request(node: &Node, reading: &Reading<'_>) -> Option<Request> {
    let mut table = TableReader::open(node, "a request", reading)?;
    let mut request = Request::default();
    table.lay("weight", &mut request.weight, number(0.0..=1e9));
    table.lay("method", &mut request.method, request_method);
    let path = table.required("path", request_path);
    table.lay_some("body", &mut request.body, request_body);
    table.lay("headers", &mut request.headers, request_headers);
    table.lay("update", &mut request.update, truth);
    table.lay_some("keyed", &mut request.keyed, truth);
    if request.update && !writes(&request.method) {
        let message = format!("an update writes what it has read, and {} writes nothing", request.method);
        let _: Option<()> = wrong(&codes::CONFLICT, table.key_at("update"), message, reading);
    }
    table.finish();
    request.path = path?;
    Some(request)
}

/// Whether a method changes what it is sent to (RFC 9110 section 9.2.1: the others are safe).
fn writes(method: &str) -> bool {
    matches!(method, "PUT" | "PATCH" | "POST" | "DELETE")
}

fn request_body(node: &Node, reading: &Reading<'_>) -> Option<RequestBody> {
    let mut table = TableReader::open(node, "the body of a request", reading)?;
    table.refuse(&["text", "json", "file", "rate", "chunk"]);
    let size = table.required("size", held_size);
    table.finish();
    Some(RequestBody { size: size? })
}

/// A size that fits into memory: each call in flight holds its body for the attempts to come.
fn held_size(node: &Node, reading: &Reading<'_>) -> Option<ByteSize> {
    let size: ByteSize = unit(node, reading)?;
    if size.get() > LARGEST_BODY {
        let message = format!("{size} is out of range: the body of a request may have at most 64MiB");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(size)
}
