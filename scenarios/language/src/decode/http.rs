//! The forms of HTTP: methods, paths, headers, statuses, addresses (RFC 9110).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::value::{count, text, wrong_type};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Headers that frame the message: the server writes them, and two of them would contradict each other.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

fn bad_form<T>(at: Spot, message: String, help: &str, reading: &Reading<'_>) -> Option<T> {
    reading.report(Diagnostic::new(&codes::BAD_FORM, message).at(at, "").help(help));
    None
}

/// A method, in capitals.
pub(super) fn method(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let method = text(node, reading)?;
    let fits =
        (1..=20).contains(&method.len()) && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    if fits {
        return Some(method.to_owned());
    }
    let upper = method.to_ascii_uppercase();
    bad_form(
        node.at,
        format!("`{method}` is no method: methods are in capitals"),
        &format!("write {upper:?}"),
        reading,
    )
}

/// The path of a request; `{seq}` may stand in it.
pub(super) fn request_path(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let path = path(node, reading)?;
    if path.replace("{seq}", "").contains(['{', '}']) {
        let message =
            format!("`{path}` has braces in it, and the only placeholder of a request is `{{seq}}`");
        return bad_form(node.at, message, "write `{seq}` for the number of the call", reading);
    }
    Some(path.to_owned())
}

/// The path of a route: `{name}` stands for one segment, a final `**` for any rest.
pub(super) fn route_path(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let path = path(node, reading)?;
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len().saturating_sub(1);
    let fits = |(index, segment): (usize, &&str)| {
        let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let named = inner.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}', '*']));
        named || (*segment == "**" && index == last) || !segment.contains(['{', '}', '*', '?'])
    };
    if let Some((_, segment)) = segments.iter().enumerate().find(|(index, segment)| !fits((*index, segment)))
    {
        let message = format!("`{segment}` in `{path}` matches nothing");
        let help = "write `{name}` for one whole segment, or `**` at the end for any rest";
        return bad_form(node.at, message, help, reading);
    }
    Some(path.to_owned())
}

fn path<'a>(node: &'a Node, reading: &'a Reading<'_>) -> Option<&'a str> {
    let path = text(node, reading)?;
    if !path.starts_with('/') {
        return bad_form(
            node.at,
            format!("`{path}` is no path"),
            &format!("write {:?}", format!("/{path}")),
            reading,
        );
    }
    if let Some(odd) =
        path.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '#' | '"' | '<' | '>' | '\\'))
    {
        let help = "percent-encode it (RFC 3986 section 2.1)";
        return bad_form(node.at, format!("{odd:?} cannot stand in a path"), help, reading);
    }
    Some(path)
}

/// The name of a header, in small letters.
pub(super) fn header_name(name: &str, at: Spot, reading: &Reading<'_>) -> Option<String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        return bad_form(
            at,
            format!("`{name}` is no name of a header"),
            "write one such as `x-tenant`",
            reading,
        );
    }
    Some(name.to_ascii_lowercase())
}

/// A table of headers and their values, names in small letters.
pub(super) fn headers(node: &Node, reading: &Reading<'_>) -> Option<BTreeMap<String, String>> {
    let Some(table) = node.as_table() else { return wrong_type(node, "a table of headers", reading) };
    let mut out = BTreeMap::new();
    for (name, entry) in &table.0 {
        let value = text(&entry.node, reading);
        let Some(name) = header_name(name, entry.key_at, reading) else { continue };
        if FRAMING.contains(&name.as_str()) {
            let message = format!("`{name}` is written by the server itself");
            return bad_form(
                entry.key_at,
                message,
                "leave it out; `framing` of a body says how its length is told",
                reading,
            );
        }
        let Some(value) = value else { continue };
        if value.bytes().any(|b| !(b == b'\t' || (b' '..=b'~').contains(&b))) {
            return bad_form(
                entry.node.at,
                format!("{value:?} cannot be the value of a header"),
                "use visible ASCII",
                reading,
            );
        }
        out.insert(name, value.to_owned());
    }
    Some(out)
}

/// A status that ends a request.
pub(super) fn status(node: &Node, reading: &Reading<'_>) -> Option<u16> {
    count(200..=599)(node, reading)
}

/// An address with a port.
pub(super) fn address(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let address = text(node, reading)?;
    if address.parse::<SocketAddr>().is_ok() {
        return Some(address.to_owned());
    }
    let message = format!("`{address}` is no address with a port");
    bad_form(
        node.at,
        message,
        "write one such as \"127.0.0.1:9101\"; without `listen`, a free port is taken",
        reading,
    )
}

/// The name of a host or route: `->`, `/` and `.` part names elsewhere, so they cannot stand in one.
pub(super) fn is_plain_name(name: &str, at: Spot, reading: &Reading<'_>) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(plain) {
        return true;
    }
    let message = format!("`{name}` cannot be a name");
    let _: Option<()> = bad_form(at, message, "use letters, digits, `-` and `_`", reading);
    false
}

/// A name of a route.
pub(super) fn plain_name(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let name = text(node, reading)?;
    is_plain_name(name, node.at, reading).then(|| name.to_owned())
}
