//! `row`: a route whose paths have a version.

use upstorm_model::scenario::Row;

use super::table::TableReader;
use super::value::{count, wrong_type};
use super::word::word;
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// More paths than this would take more memory than a run has for them.
const MOST: u32 = 1_000_000;

/// `row = true`, or a table.
pub(super) fn row(node: &Node, reading: &Reading<'_>) -> Option<Row> {
    match &node.value {
        Value::Bool(true) => return Some(Row::default()),
        Value::Bool(false) => {
            return wrong_type(node, "`true` or a table; leave `row` out where there is none", reading);
        }
        _ => {}
    }
    let mut table = TableReader::open(node, "`row`", reading)?;
    let mut row = Row::default();
    table.lay("unconditional", &mut row.unconditional, word);
    table.lay("most", &mut row.most, count(1..=MOST));
    table.finish();
    Some(row)
}
