//! `retry`: backoff, hint and budget.

use upstorm_model::policy::{Backoff, BudgetKind, Hint, Jitter, Retry, RetryOn};

use super::budget::budget;
use crate::decode::table::TableReader;
use crate::decode::unit::{some_time, unit};
use crate::decode::value::{count, list, number, text};
use crate::decode::word::{unknown_word, word};
use crate::reading::Reading;
use crate::tree::Node;

/// `[gateway.NAME.retry]`.
pub(super) fn retry(retry: &mut Retry, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`retry`", reading) else { return };
    table.lay("max_attempts", &mut retry.max_attempts, attempts);
    table.lay("retry_on", &mut retry.retry_on, list("reasons to retry", retry_on));
    table.lay("methods", &mut retry.methods, word);
    table.lay("key", &mut retry.key, word);
    table.lay("position", &mut retry.position, word);
    if let Some(node) = table.take("backoff") {
        backoff(&mut retry.backoff, node, reading);
    }
    if let Some(node) = table.take("hint") {
        hint(&mut retry.hint, node, reading);
    }
    if let Some(node) = table.take("budget") {
        budget(&mut retry.budget, node, reading);
    }
    let endless = matches!(retry.budget.kind, BudgetKind::None | BudgetKind::Concurrency);
    if retry.max_attempts == Retry::UNLIMITED && endless {
        let message = "a call of unlimited attempts is tried for ever: no retry budget ends it";
        table.conflict(("max_attempts", "budget"), message);
    }
    table.finish();
}

/// `"unlimited"`, or how many.
fn attempts(node: &Node, reading: &Reading<'_>) -> Option<u32> {
    let unlimited = node.as_text() == Some(Retry::UNLIMITED_WORD);
    if unlimited { Some(Retry::UNLIMITED) } else { count(1..=1000)(node, reading) }
}

fn retry_on(node: &Node, reading: &Reading<'_>) -> Option<RetryOn> {
    let word = text(node, reading)?;
    let found = RetryOn::from_word(word);
    if found.is_none() {
        let mut words: Vec<&str> = RetryOn::WORDS.iter().map(|(name, _)| *name).collect();
        words.extend(["429", "502", "503", "504"]);
        reading
            .report(unknown_word(word, &words, node).note("any status from 400 to 599 can stand here too"));
    }
    found
}

fn backoff(backoff: &mut Backoff, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`backoff`", reading) else { return };
    table.lay("curve", &mut backoff.curve, word);
    table.lay("base", &mut backoff.base, unit);
    table.lay("multiplier", &mut backoff.multiplier, number(1.0..=1000.0));
    table.lay("max", &mut backoff.max, some_time);
    table.lay("jitter", &mut backoff.jitter, word);
    // A proportional spread wider than the wait itself would reach below zero.
    let widest = if backoff.jitter == Jitter::Proportional { 1.0 } else { 100.0 };
    table.lay("jitter_factor", &mut backoff.jitter_factor, number(0.0..=widest));
    table.lay("cap", &mut backoff.cap, word);
    table.lay_some("throttled_base", &mut backoff.throttled_base, some_time);
    table.lay("sequence", &mut backoff.sequence, word);
    table.finish();
}

fn hint(hint: &mut Hint, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`hint`", reading) else { return };
    table.lay("honor", &mut hint.honor, list("headers to obey", word));
    table.lay("max", &mut hint.max, some_time);
    table.lay("on_exceed", &mut hint.on_exceed, word);
    table.lay("jitter_factor", &mut hint.jitter_factor, number(0.0..=100.0));
    table.finish();
}
