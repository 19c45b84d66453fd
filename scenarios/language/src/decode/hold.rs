//! `hold`: so many requests that are answered at one instant.

use upstorm_model::scenario::Hold;

use super::ending::ending;
use super::table::TableReader;
use super::unit::some_time;
use super::value::{count, truth};
use crate::reading::Reading;
use crate::tree::Node;

/// The largest cohort: more requests at once than one machine has connections.
const MOST: u32 = 1_000_000;

/// `hold = { calls = 200, within = "5s", then = { status = 503 } }`.
pub(super) fn hold(node: &Node, reading: &Reading<'_>) -> Option<Hold> {
    let mut table = TableReader::open(node, "a hold", reading)?;
    // One alone is answered as soon as it comes: that would hold nothing.
    let calls = table.required("calls", count(2..=MOST));
    let within = table.required("within", some_time);
    let again = table.optional("again", truth).unwrap_or_default();
    let retries = table.optional("retries", truth).unwrap_or_default();
    let (has_then, then) = (table.has("then"), table.optional("then", ending));
    table.finish();
    (has_then == then.is_some()).then_some(())?;
    Some(Hold { calls: calls?, within: within?, again, retries, then })
}
