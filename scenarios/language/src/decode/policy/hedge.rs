//! `hedge`: extra attempts beside a slow one.

use upstorm_model::Ratio;
use upstorm_model::policy::Hedge;

use crate::decode::table::TableReader;
use crate::decode::unit::{ratio, some_time};
use crate::decode::value::{count, truth, wrong};
use crate::decode::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.hedge]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn hedge(hedge: &mut Hedge, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`hedge`", reading) else { return };
    table.lay("kind", &mut hedge.kind, word);
    table.lay("after", &mut hedge.after, some_time);
    table.lay("percentile", &mut hedge.percentile, percentile);
    table.lay("window", &mut hedge.window, some_time);
    // The machine looks back on a thousand answers: it would wait for ever for more.
    table.lay("min_samples", &mut hedge.min_samples, count(1..=1000));
    table.lay("max", &mut hedge.max, count(1..=10));
    table.lay("methods", &mut hedge.methods, word);
    table.lay("cancel", &mut hedge.cancel, truth);
    table.lay("budget", &mut hedge.budget, word);
    table.finish();
}

/// From a half to just below the whole: below, most calls would be sent twice; at the whole, none would.
fn percentile(node: &Node, reading: &Reading<'_>) -> Option<Ratio> {
    let share = ratio(node, reading)?;
    if !(0.5..=0.9999).contains(&share.get()) {
        let message = format!("{share} is no percentile to hedge at: it must be from 50% to 99.99%");
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(share)
}
