//! `stall`: a response that falls silent for a while.

use upstorm_model::scenario::Stall;

use super::fault::place;
use super::table::TableReader;
use super::unit::{some_time, varying_of};
use crate::reading::Reading;
use crate::tree::Node;

/// `stall = { at = "mid-body", for = "2s" }` or `{ after = "1500B", for = "2s" }`.
pub(super) fn stall(node: &Node, reading: &Reading<'_>) -> Option<Stall> {
    let mut table = TableReader::open(node, "`stall`", reading)?;
    let place = place(&mut table);
    let silence = table.required("for", |node, reading| varying_of(node, reading, some_time));
    table.finish();
    Some(Stall { place: place?, r#for: silence? })
}
