//! `[[check]]`: what must hold.

use upstorm_model::scenario::{
    Amplification, BackoffCheck, Check, CheckKind, FailoverCheck, Fresh, Herd, JitterCheck, LimitCheck,
    RetryAfterCheck, RetryBudgetCheck, RetrySafetyCheck, Slo, TimeoutCheck,
};

use super::table::TableReader;
use super::unit::{ratio, share, some_rate, some_time, unit};
use super::value::{count, list, name, number, owned_text, truth};
use super::word::word;
use crate::reading::Reading;
use crate::tree::Node;

/// Kinds of the language that this version does not have.
const NOT_YET: &[&str] = &["auth", "traces"];
const KINDS: &[&str] = &[
    "slo",
    "breaker",
    "jitter",
    "retry_budget",
    "retry_after",
    "amplification",
    "recovery",
    "herd",
    "backoff",
    "failover",
    "limit",
    "fresh",
    "tally",
    "alert",
    "retry_safety",
    "timeout",
];

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
        "recovery" => super::check_of_recovery::recovery(of, table).map(CheckKind::Recovery),
        "fresh" => {
            let fresh = table.optional("fresh", unit);
            let stale_if_error = table.optional("stale_if_error", unit);
            Some(CheckKind::Fresh(Fresh { of: of?, fresh, stale_if_error }))
        }
        "breaker" => Some(CheckKind::Breaker(super::check_of_breaker::breaker(of?, table))),
        "failover" => failover(of, table).map(CheckKind::Failover),
        "limit" => {
            let rate = table.optional("rate", some_rate);
            let burst = table.optional("burst", count(1..=u32::MAX));
            let concurrent = table.optional("concurrent", count(1..=u32::MAX));
            Some(CheckKind::Limit(LimitCheck { of: of?, rate, burst, concurrent }))
        }
        "tally" => super::tally::tally(of, table).map(CheckKind::Tally),
        "alert" => super::check_of_alert::alert(of, table).map(CheckKind::Alert),
        "retry_safety" => Some(CheckKind::RetrySafety(RetrySafetyCheck { of: of? })),
        "timeout" => {
            let per_try = table.optional("per_try", some_time);
            Some(CheckKind::Timeout(TimeoutCheck { of: of?, per_try }))
        }
        _ => of_retries(key, of, table),
    }
}

/// The kinds that are about what is tried again at an edge.
fn of_retries(key: &str, of: Option<String>, table: &mut TableReader<'_>) -> Option<CheckKind> {
    match key {
        "jitter" => {
            let width = table.optional("width", some_time);
            Some(CheckKind::Jitter(JitterCheck { of: of?, width }))
        }
        "herd" => {
            let within = table.optional("within", some_time);
            // Twenty parts cannot have one of more than twenty times the mean.
            let max_peak = table.optional("max_peak", number(1.0..=19.0));
            Some(CheckKind::Herd(Herd { of: of?, within, max_peak }))
        }
        "backoff" => {
            let asked = BackoffCheck {
                curve: table.optional("curve", word),
                base: table.optional("base", unit),
                multiplier: table.optional("multiplier", number(1.0..=1000.0)),
                max: table.optional("max", some_time),
                jitter: table.optional("jitter", word),
                jitter_factor: table.optional("jitter_factor", number(0.0..=10.0)),
                recognise: table.optional("recognise", truth).unwrap_or_default(),
                ..BackoffCheck::default()
            };
            Some(CheckKind::Backoff(BackoffCheck { of: of?, ..asked }))
        }
        "retry_budget" => {
            let ratio = table.optional("ratio", ratio);
            let min_per_sec = table.optional("min_per_sec", number(0.0..=1e9));
            let ttl = table.optional("ttl", some_time);
            Some(CheckKind::RetryBudget(RetryBudgetCheck { of: of?, ratio, min_per_sec, ttl }))
        }
        "retry_after" => Some(CheckKind::RetryAfter(RetryAfterCheck { of: of? })),
        _ => {
            let max = table.required("max", number(1.0..=1e6));
            Some(CheckKind::Amplification(Amplification { of: of?, max: max? }))
        }
    }
}

fn failover(of: Option<String>, table: &mut TableReader<'_>) -> Option<FailoverCheck> {
    let to = table.required("to", name);
    let within = table.required("within", some_time);
    let back_within = table.required("back_within", some_time);
    let served = table.optional("served", share);
    Some(FailoverCheck { of: of?, to: to?, within: within?, back_within: back_within?, served })
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
