//! `outlier`: which replicas are left out for a while.

use upstorm_model::policy::Outlier;

use crate::decode::table::TableReader;
use crate::decode::unit::{share, some_time};
use crate::decode::value::count;
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.outlier]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn outlier(outlier: &mut Outlier, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`outlier`", reading) else { return };
    table.lay("kind", &mut outlier.kind, word);
    table.lay("consecutive_5xx", &mut outlier.consecutive_5xx, count(0..=1_000_000));
    let gateway = &mut outlier.consecutive_gateway_failure;
    table.lay("consecutive_gateway_failure", gateway, count(0..=1_000_000));
    table.lay("interval", &mut outlier.interval, some_time);
    table.lay("base_ejection_time", &mut outlier.base_ejection_time, some_time);
    table.lay("max_ejection_time", &mut outlier.max_ejection_time, some_time);
    table.lay("max_ejection_percent", &mut outlier.max_ejection_percent, share);
    let hosts = &mut outlier.success_rate_minimum_hosts;
    table.lay("success_rate_minimum_hosts", hosts, count(1..=1000));
    let volume = &mut outlier.success_rate_request_volume;
    table.lay("success_rate_request_volume", volume, count(1..=1_000_000));
    let factor = &mut outlier.success_rate_stdev_factor;
    table.lay("success_rate_stdev_factor", factor, count(0..=1_000_000));
    table.lay("panic_threshold", &mut outlier.panic_threshold, share);
    table.finish();
}
