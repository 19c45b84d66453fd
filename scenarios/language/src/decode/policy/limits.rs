//! `deadline`, `pool` and `limits`.

use upstorm_model::policy::{Deadline, Limits, Pool};

use crate::decode::table::TableReader;
use crate::decode::unit::{some_rate, some_time, unit};
use crate::decode::value::count;
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `deadline = { total, per_try, connect, on_per_try_timeout }`.
pub(super) fn deadline(deadline: &mut Deadline, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`deadline`", reading) else { return };
    table.lay_some("total", &mut deadline.total, some_time);
    table.lay_some("per_try", &mut deadline.per_try, some_time);
    table.lay_some("connect", &mut deadline.connect, some_time);
    table.lay("on_per_try_timeout", &mut deadline.on_per_try_timeout, word);
    table.finish();
}

/// `pool = { max_connections, idle }`.
pub(super) fn pool(pool: &mut Pool, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`pool`", reading) else { return };
    table.lay("max_connections", &mut pool.max_connections, count(1..=1_000_000));
    table.lay("idle", &mut pool.idle, unit);
    table.finish();
}

/// `limits = { max_requests, max_pending, rate, burst }`.
pub(super) fn limits(limits: &mut Limits, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`limits`", reading) else { return };
    table.lay_some("max_requests", &mut limits.max_requests, count(1..=1_000_000));
    table.lay_some("max_pending", &mut limits.max_pending, count(0..=1_000_000));
    table.lay_some("rate", &mut limits.rate, some_rate);
    table.lay_some("burst", &mut limits.burst, count(1..=u32::MAX));
    table.finish();
}
