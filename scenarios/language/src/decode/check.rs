//! `[[check]]`: what must hold.

use upstorm_model::scenario::{
    Amplification, BreakerCheck, Check, CheckKind, JitterCheck, Recovery, RetryAfterCheck, RetryBudgetCheck,
    Slo,
};

use super::table::TableReader;
use super::unit::{ratio, share, some_time};
use super::value::{count, list, name, number, owned_text, truth};
use super::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// Kinds of the language that this version does not have.
const NOT_YET: &[&str] =
    &["alert", "backoff", "herd", "retry_safety", "timeout", "failover", "limit", "auth", "traces"];
const KINDS: &[&str] =
    &["slo", "breaker", "jitter", "retry_budget", "retry_after", "amplification", "recovery"];

/// `[[check]]`.
pub(super) fn check(node: &Node, reading: &Reading<'_>) -> Option<Check> {
    let what = node.name().map_or_else(|| "a check".to_owned(), |name| format!("the check `{name}`"));
    let mut table = TableReader::open(node, what, reading)?;
    table.refuse(NOT_YET);
    let name = table.required("name", name);
    let during = table.optional("during", list("phase names", owned_text)).unwrap_or_default();
    let severity = table.optional("severity", word).unwrap_or_default();
    let min_samples = table.optional("min_samples", count(0..=u64::MAX));
    let chosen = table.one_of(KINDS);
    table.finish();
    let (key, inner) = chosen?;
    let mut table = TableReader::open(inner, format!("the `{key}` check"), reading)?;
    let kind = kind(key, &mut table);
    table.finish();
    Some(Check { name: name?, during, severity, min_samples, kind: kind? })
}

fn kind(key: &str, table: &mut TableReader<'_>) -> Option<CheckKind> {
    let of = table.required("of", name);
    match key {
        "slo" => Some(CheckKind::Slo(slo(of?, table))),
        "breaker" => Some(CheckKind::Breaker(breaker(of?, table))),
        "jitter" => {
            let width = table.optional("width", some_time);
            Some(CheckKind::Jitter(JitterCheck { of: of?, width }))
        }
        "retry_budget" => {
            let ratio = table.optional("ratio", ratio);
            let min_per_sec = table.optional("min_per_sec", number(0.0..=1e9));
            let ttl = table.optional("ttl", some_time);
            Some(CheckKind::RetryBudget(RetryBudgetCheck { of: of?, ratio, min_per_sec, ttl }))
        }
        "retry_after" => Some(CheckKind::RetryAfter(RetryAfterCheck { of: of? })),
        "amplification" => {
            let max = table.required("max", number(1.0..=1e6));
            Some(CheckKind::Amplification(Amplification { of: of?, max: max? }))
        }
        _ => {
            let after = table.required("after", owned_text);
            let within = table.required("within", some_time);
            Some(CheckKind::Recovery(Recovery { of: of?, after: after?, within: within? }))
        }
    }
}

fn slo(of: String, table: &mut TableReader<'_>) -> Slo {
    let slo = Slo {
        of,
        p50: table.optional("p50", some_time),
        p90: table.optional("p90", some_time),
        p95: table.optional("p95", some_time),
        p99: table.optional("p99", some_time),
        p999: table.optional("p999", some_time),
        errors: table.optional("errors", share),
        throttled: table.optional("throttled", share),
        availability: table.optional("availability", share),
    };
    let bounds = ["p50", "p90", "p95", "p99", "p999", "errors", "throttled", "availability"];
    if !bounds.iter().any(|key| table.has(key)) {
        table.missing("at least one bound, such as `p99 = \"800ms\"` or `errors = \"0.1%\"`");
    }
    slo
}

fn breaker(of: String, table: &mut TableReader<'_>) -> BreakerCheck {
    let check = BreakerCheck {
        of,
        opens_within: table.optional("opens_within", some_time),
        closes_within: table.optional("closes_within", some_time),
        stays_closed: table.optional("stays_closed", truth).unwrap_or_default(),
    };
    for key in ["opens_within", "closes_within"] {
        if check.stays_closed && table.has(key) {
            table.conflict(("stays_closed", key), format!("a breaker that stays closed has no `{key}`"));
        }
    }
    check
}
