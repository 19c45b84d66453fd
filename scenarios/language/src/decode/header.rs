//! Headers: names and values that HTTP allows (RFC 9110 section 5), and whose they are.
//!
//! Some headers say where a message ends or belong to one connection. Written by hand they would contradict the ones
//! that are really sent, which is how requests are smuggled; a fault that breaks framing says so by its own name.

use std::collections::BTreeMap;

use upstorm_model::recording::CallId;

use super::http::bad_form;
use super::value::{text, wrong_type};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Headers of one message or one connection: server and client write them themselves.
const OWN: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Headers by which attempts are told apart: a client writes them anew for each call.
const IDENTITY: [&str; 2] = [CallId::HEADER, "traceparent"];
/// The longest name, in bytes.
const LONGEST_NAME: usize = 100;
/// The longest value, in bytes: with a few of them a request still fits the buffers of common servers.
const LONGEST_VALUE: usize = 8192;
/// The most headers: servers take a hundred (hyper, Apache), and others are added on the way.
const MOST: usize = 50;

/// The name of a header, in small letters.
pub(super) fn header_name(name: &str, at: Spot, reading: &Reading<'_>) -> Option<String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(token) {
        let message = format!("`{}` is no name of a header", name.escape_debug());
        let help = format!("write one such as `x-tenant`, of at most {LONGEST_NAME} bytes");
        return bad_form(at, message, &help, reading);
    }
    Some(name.to_ascii_lowercase())
}

/// The value of a header: visible ASCII, with blanks only inside.
pub(super) fn header_value<'a>(node: &'a Node, reading: &'a Reading<'a>) -> Option<&'a str> {
    let value = text(node, reading)?;
    if value.len() > LONGEST_VALUE {
        let message = format!("{} bytes are too many for the value of a header", value.len());
        return bad_form(node.at, message, &format!("keep it within {LONGEST_VALUE}"), reading);
    }
    if value.bytes().any(|b| !(b == b'\t' || (b' '..=b'~').contains(&b))) {
        let message = format!("{value:?} cannot be the value of a header");
        return bad_form(node.at, message, "use visible ASCII", reading);
    }
    if value.trim() != value {
        let message = format!("{value:?} cannot be the value of a header: blanks around it are not sent");
        return bad_form(node.at, message, &format!("write {:?}", value.trim()), reading);
    }
    Some(value)
}

/// A table of headers to look for, names in small letters.
pub(super) fn matched_headers(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, String>> {
    headers(node, &[], reading)
}

/// A table of headers that a response carries.
pub(super) fn response_headers(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, String>> {
    headers(node, &[(&OWN, "the server")], reading)
}

/// A table of headers that a request carries.
pub(super) fn request_headers(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, String>> {
    headers(node, &[(&OWN, "the client"), (&IDENTITY, "the client")], reading)
}

fn headers(
    node: &Node,
    taken: &[(&[&str], &str)],
    reading: &Reading<'_>,
) -> Option<BTreeMap<String, String>> {
    let Some(table) = node.as_table() else { return wrong_type(node, "a table of headers", reading) };
    let mut out = BTreeMap::new();
    for (name, entry) in &table.0 {
        let value = header_value(&entry.node, reading);
        let Some(name) = header_name(name, entry.key_at, reading) else { continue };
        if let Some((_, owner)) = taken.iter().find(|(names, _)| names.contains(&name.as_str())) {
            let message = format!("`{name}` is written by {owner} itself");
            let _: Option<()> = bad_form(entry.key_at, message, "leave it out", reading);
            continue;
        }
        let Some(value) = value else { continue };
        out.insert(name, value.to_owned());
    }
    if table.0.len() > MOST {
        let message = format!("{} headers are more than servers take", table.0.len());
        return bad_form(node.at, message, &format!("write at most {MOST}"), reading);
    }
    Some(out)
}
