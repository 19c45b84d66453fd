//! `retry.budget`: the retry budget of one of five kinds.

use upstorm_model::policy::{Budget, BudgetKind};

use crate::decode::table::TableReader;
use crate::decode::unit::{ratio, share, some_time};
use crate::decode::value::{count, number};
use crate::decode::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.retry.budget]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn budget(budget: &mut Budget, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`budget`", reading) else { return };
    table.lay("kind", &mut budget.kind, word);
    table.lay("ratio", &mut budget.ratio, ratio);
    table.lay("min_per_sec", &mut budget.min_per_sec, number(0.0..=1e9));
    table.lay("ttl", &mut budget.ttl, some_time);
    table.lay("deposit_on", &mut budget.deposit_on, word);
    concurrency(budget, &mut table);
    buckets(budget, &mut table);
    if budget.kind == BudgetKind::ClientRatio && budget.ratio.get() >= 1.0 {
        let message = "retries are always less than all attempts: a client-ratio of 1 or more is no budget";
        table.conflict(("kind", "ratio"), message);
    }
    table.finish();
}

/// The fixed number takes the place of the share and its minimum, and the other way round.
fn concurrency(budget: &mut Budget, table: &mut TableReader<'_>) {
    let by_share = ["budget_percent", "min_retry_concurrency"].into_iter().find(|key| table.has(key));
    if let Some(key) = by_share {
        if table.has("max_retries") {
            let message = format!("`max_retries` is there in place of a share: `{key}` would do nothing");
            table.conflict(("max_retries", key), message);
        }
        budget.max_retries = None;
    }
    table.lay_some("max_retries", &mut budget.max_retries, count(0..=1_000_000));
    table.lay("budget_percent", &mut budget.budget_percent, share);
    table.lay("min_retry_concurrency", &mut budget.min_retry_concurrency, count(0..=1_000_000));
}

fn buckets(budget: &mut Budget, table: &mut TableReader<'_>) {
    table.lay("capacity", &mut budget.capacity, count(1..=1_000_000));
    // A retry that costs nothing would be no budget.
    table.lay("retry_cost", &mut budget.retry_cost, count(1..=1_000_000));
    table.lay("timeout_cost", &mut budget.timeout_cost, count(1..=1_000_000));
    table.lay("throttled_cost", &mut budget.throttled_cost, count(1..=1_000_000));
    table.lay("max_tokens", &mut budget.max_tokens, count(1..=1000));
    table.lay("token_ratio", &mut budget.token_ratio, number(0.001..=1000.0));
}
