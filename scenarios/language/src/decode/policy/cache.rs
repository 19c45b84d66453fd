//! `cache`: answers that are kept.

use upstorm_model::policy::Cache;

use crate::decode::table::TableReader;
use crate::decode::unit::{some_time, unit};
use crate::decode::value::{count, truth};
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.cache]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn cache(cache: &mut Cache, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`cache`", reading) else { return };
    table.lay("kind", &mut cache.kind, word);
    table.lay("fresh", &mut cache.fresh, some_time);
    table.lay("stale_if_error", &mut cache.stale_if_error, unit);
    table.lay("max_entries", &mut cache.max_entries, count(1..=1_000_000));
    table.lay("max_body", &mut cache.max_body, unit);
    table.lay("coalesce", &mut cache.coalesce, truth);
    table.lay("serve_stale", &mut cache.serve_stale, word);
    table.finish();
}
