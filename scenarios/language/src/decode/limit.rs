//! `limit` and `retry_after`: the upstream's rate limit, and when it says to come back.

use upstorm_model::scenario::{Limit, Reject, RetryAfter};

use super::header::{header_name, header_value};
use super::http::status;
use super::table::TableReader;
use super::unit::{some_rate, unit, varying_of};
use super::value::{count, text, wrong};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::Node;

/// `limit = { rate, burst, key, reject }`.
pub(super) fn limit(node: &Node, reading: &Reading<'_>) -> Option<Limit> {
    let mut table = TableReader::open(node, "a rate limit", reading)?;
    let rate = table.required("rate", |node, reading| varying_of(node, reading, some_rate));
    let burst = table.optional("burst", count(1..=u32::MAX));
    let key = table.optional("key", key);
    let reject = table.optional("reject", reject).unwrap_or_default();
    table.finish();
    Some(Limit { rate: rate?, burst, key, reject })
}

fn key(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let written = text(node, reading)?;
    let Some(name) = written.strip_prefix("header:") else {
        let diagnostic =
            Diagnostic::new(&codes::BAD_FORM, format!("`{written}` is nothing to tell callers apart by"));
        reading.report(diagnostic.at(node.at, "").help("write `key = \"header:x-tenant\"`"));
        return None;
    };
    header_name(name, node.at, reading).map(|name| format!("header:{name}"))
}

fn reject(node: &Node, reading: &Reading<'_>) -> Option<Reject> {
    let mut table = TableReader::open(node, "the rejection of a rate limit", reading)?;
    let mut reject = Reject::default();
    table.lay("status", &mut reject.status, status);
    reject.retry_after = table.optional("retry_after", retry_after);
    table.finish();
    Some(reject)
}

/// All forms of `retry_after`.
pub(super) fn retry_after(node: &Node, reading: &Reading<'_>) -> Option<RetryAfter> {
    if let Some(word) = node.as_text() {
        if word == "exact" {
            return Some(RetryAfter::Exact);
        }
        let message = format!("`{word}` is no form of `retry_after`");
        let help = "write \"exact\", { seconds = 2 }, { date = \"2s\" } or, malformed on purpose, { text = \"soon\" }";
        reading.report(Diagnostic::new(&codes::UNKNOWN_WORD, message).at(node.at, "").help(help));
        return None;
    }
    let mut table = TableReader::open(node, "a `retry_after`", reading)?;
    let chosen = table.one_of(&["seconds", "date", "text"]);
    table.finish();
    match chosen? {
        ("seconds", node) => count(0..=u32::MAX)(node, reading).map(RetryAfter::Seconds),
        ("date", node) => unit(node, reading).map(RetryAfter::Date),
        (_, node) => header_value(node, reading).map(|text| RetryAfter::Text(text.to_owned())),
    }
}

/// A `retry_after` where there is no token bucket that could tell the exact time.
pub(super) fn drawn_retry_after(node: &Node, reading: &Reading<'_>) -> Option<RetryAfter> {
    match retry_after(node, reading)? {
        RetryAfter::Exact => wrong(
            &codes::CONFLICT,
            node.at,
            "\"exact\" is the time until a token is free, and only a `limit` has tokens",
            reading,
        ),
        form => Some(form),
    }
}
