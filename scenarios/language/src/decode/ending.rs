//! `then`: how held attempts end.

use upstorm_model::scenario::Ending;

use super::body::body;
use super::fault::certain_fault;
use super::header::response_headers;
use super::http::status;
use super::limit::drawn_retry_after;
use super::table::TableReader;
use crate::reading::Reading;
use crate::tree::Node;

/// `then = { status = 503, retry_after = { seconds = 2 } }` or `then = { fault = { reset = { at = "before-headers" } } }`.
pub(super) fn ending(node: &Node, reading: &Reading<'_>) -> Option<Ending> {
    let mut table = TableReader::open(node, "a `then`", reading)?;
    let ending = Ending {
        status: table.optional("status", status),
        retry_after: table.optional("retry_after", drawn_retry_after),
        headers: table.optional("headers", response_headers).unwrap_or_default(),
        body: table.optional("body", body),
        fault: table.optional("fault", certain_fault),
    };
    let lonely = ["retry_after", "headers", "body"].into_iter().any(|key| table.has(key));
    let says = ["status", "fault"].map(|key| table.has(key));
    if says == [false, false] && !lonely {
        table.missing("a `status` or a `fault`");
    } else if !says[0] && lonely {
        table.missing("a `status`, which its Retry-After, headers or body go with");
    }
    table.finish();
    // What was written and could not be read was reported, and must not count as left out.
    let read = [ending.status.is_some(), ending.fault.is_some()];
    (read == says && (says[0] || (says[1] && !lonely))).then_some(ending)
}
