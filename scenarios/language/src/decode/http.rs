//! The forms of HTTP: methods, paths, statuses, addresses (RFC 9110).
//!
//! What HTTP does not allow is refused here, where it was written, and not at the first request of a run.

use std::net::SocketAddr;

use super::value::{LONGEST_NAME, count, text};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// The longest path that may be sent: what RFC 9110 section 4.1 asks every recipient to take.
const LONGEST_PATH: usize = 8000;

pub(super) fn bad_form<T>(at: Spot, message: String, help: &str, reading: &Reading<'_>) -> Option<T> {
    reading.report(Diagnostic::new(&codes::BAD_FORM, message).at(at, "").help(help));
    None
}

/// A method, in capitals.
pub(super) fn method(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let method = text(node, reading)?;
    let is_method = |text: &str| {
        (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
    };
    if is_method(method) {
        return Some(method.to_owned());
    }
    let upper = method.to_ascii_uppercase();
    let help = if is_method(&upper) {
        format!("write {upper:?}")
    } else {
        "use at most 20 of the letters A to Z and `-`".to_owned()
    };
    bad_form(node.at, format!("{method:?} is no method: methods are in capitals"), &help, reading)
}

/// The method of a request that is sent.
pub(super) fn request_method(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let method = method(node, reading)?;
    if method == "CONNECT" {
        let message = "CONNECT asks for a tunnel to an address, and requests here have a path";
        return bad_form(node.at, message.to_owned(), "use another method", reading);
    }
    Some(method)
}

/// A path prefix: whole segments, which a `/` at its end does not change.
pub(super) fn prefix(written: &str, at: Spot, reading: &Reading<'_>) -> Option<String> {
    let path = plain_path(written, at, reading)?;
    if let Some(odd) = path.chars().find(|c| "{}?".contains(*c)) {
        let message = format!("{odd:?} cannot stand in a path prefix: `{path}` is taken as it is written");
        return bad_form(at, message, "write whole segments, such as \"/v1\"", reading);
    }
    let whole = path.trim_end_matches('/');
    Some(if whole.is_empty() { "/".to_owned() } else { whole.to_owned() })
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
    plain_path(text(node, reading)?, node.at, reading)
}

fn plain_path<'a>(path: &'a str, at: Spot, reading: &Reading<'_>) -> Option<&'a str> {
    if !path.starts_with('/') {
        return bad_form(
            at,
            format!("`{path}` is no path"),
            &format!("write {:?}", format!("/{path}")),
            reading,
        );
    }
    let odd = |c: &char| !c.is_ascii_graphic() || "#\"<>\\^`|".contains(*c);
    if let Some(odd) = path.chars().find(odd) {
        let help = "percent-encode it (RFC 3986 section 2.1)";
        return bad_form(at, format!("{odd:?} cannot stand in a path"), help, reading);
    }
    let hex = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if path.split('%').skip(1).any(|rest| !hex(rest)) {
        let message = "`%` in a path begins two hexadecimal digits".to_owned();
        return bad_form(at, message, "write `%25` for the character itself", reading);
    }
    if path.len() > LONGEST_PATH {
        let message = format!("a path of {} bytes is longer than servers must take", path.len());
        let help = format!("keep it within {LONGEST_PATH} (RFC 9110 section 4.1)");
        return bad_form(at, message, &help, reading);
    }
    Some(path)
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
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && name.chars().all(plain) {
        return true;
    }
    let message = format!("`{}` cannot be a name", name.escape_debug());
    let help = format!("use letters, digits, `-` and `_`, at most {LONGEST_NAME}");
    let _: Option<()> = bad_form(at, message, &help, reading);
    false
}

/// A name of a route.
pub(super) fn plain_name(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let name = text(node, reading)?;
    is_plain_name(name, node.at, reading).then(|| name.to_owned())
}
