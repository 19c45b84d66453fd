//! `throttle`: the adaptive throttle.

use upstorm_model::policy::Throttle;

use crate::decode::table::TableReader;
use crate::decode::unit::some_time;
use crate::decode::value::number;
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `throttle = { kind, k, window }`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn throttle(throttle: &mut Throttle, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`throttle`", reading) else { return };
    table.lay("kind", &mut throttle.kind, word);
    // Below 1 it would hold calls back from an upstream that accepts them all.
    table.lay("k", &mut throttle.k, number(1.0..=1000.0));
    table.lay("window", &mut throttle.window, some_time);
    table.finish();
}
