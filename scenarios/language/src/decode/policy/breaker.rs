//! `breaker`: the circuit breaker.

use upstorm_model::policy::{Breaker, Window};

use crate::decode::table::TableReader;
use crate::decode::unit::{share, some_time, unit};
use crate::decode::value::{count, list, truth};
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.breaker]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn breaker(breaker: &mut Breaker, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`breaker`", reading) else { return };
    table.lay("kind", &mut breaker.kind, word);
    table.lay("window", &mut breaker.window, window);
    table.lay("window_buckets", &mut breaker.window_buckets, count(1..=1000));
    table.lay("window_slides", &mut breaker.window_slides, truth);
    table.lay("on_close", &mut breaker.on_close, word);
    table.lay("rejected", &mut breaker.rejected, word);
    table.lay("evaluate", &mut breaker.evaluate, word);
    table.lay("min_calls", &mut breaker.min_calls, count(0..=1_000_000));
    table.lay("failure_rate", &mut breaker.failure_rate, share);
    table.lay("compare", &mut breaker.compare, word);
    table.lay_some("slow_call", &mut breaker.slow_call, some_time);
    table.lay("slow_rate", &mut breaker.slow_rate, share);
    table.lay("failures", &mut breaker.failures, count(1..=1_000_000));
    table.lay("open_for", &mut breaker.open_for, some_time);
    table.lay("half_opens", &mut breaker.half_opens, word);
    table.lay("half_open_permits", &mut breaker.half_open_permits, count(1..=1_000_000));
    table.lay("half_open_decides", &mut breaker.half_open_decides, word);
    table.lay("half_open_unlimited", &mut breaker.half_open_unlimited, truth);
    table.lay("half_open_max_wait", &mut breaker.half_open_max_wait, unit);
    table.lay("half_open_leak", &mut breaker.half_open_leak, truth);
    table.lay("late_results", &mut breaker.late_results, word);
    table.lay("failure", &mut breaker.failure, list("what counts as a failure", word));
    table.finish();
}

/// `window = { time = "10s" }` or `{ calls = 100 }`.
pub(in crate::decode) fn window(node: &Node, reading: &Reading<'_>) -> Option<Window> {
    let mut table = TableReader::open(node, "`window`", reading)?;
    let chosen = table.one_of(&["time", "calls"]);
    table.finish();
    match chosen? {
        ("time", node) => some_time(node, reading).map(Window::Time),
        (_, node) => count(1..=1_000_000)(node, reading).map(Window::Calls),
    }
}
