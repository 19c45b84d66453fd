//! Broken twins: `standard` with one defect each.
//!
//! A check that was never seen to fail proves nothing; these are what it is seen to fail on. Each defect is a setting of
//! its own, so that a scenario can give it to any other policy too.

use super::guides::standard;
use crate::TimeSpan;
use crate::policy::{
    AttemptKey, BreakerKind, BudgetKind, HintHeader, Jitter, Limits, Methods, OnPerTryTimeout,
    PolicySettings, Sequence,
};

fn with(defect: impl FnOnce(&mut PolicySettings)) -> PolicySettings {
    let mut settings = standard();
    defect(&mut settings);
    settings
}

pub(super) fn no_jitter() -> PolicySettings {
    with(|s| {
        s.retry.backoff.jitter = Jitter::None;
        s.retry.hint.jitter_factor = 0.0;
    })
}

pub(super) fn shared_jitter() -> PolicySettings {
    with(|s| s.retry.backoff.sequence = Sequence::Shared)
}

pub(super) fn no_budget() -> PolicySettings {
    with(|s| s.retry.budget.kind = BudgetKind::None)
}

pub(super) fn ignores_retry_after() -> PolicySettings {
    with(|s| s.retry.hint.honor.clear())
}

pub(super) fn ignores_retry_after_dates() -> PolicySettings {
    with(|s| s.retry.hint.honor = vec![HintHeader::RetryAfterSeconds])
}

pub(super) fn retries_unkeyed_posts() -> PolicySettings {
    with(|s| s.retry.methods = Methods::All)
}

pub(super) fn new_key_each_attempt() -> PolicySettings {
    with(|s| s.retry.key = AttemptKey::PerAttempt)
}

pub(super) fn no_breaker() -> PolicySettings {
    with(|s| s.breaker.kind = BreakerKind::Off)
}

pub(super) fn stuck_half_open() -> PolicySettings {
    with(|s| {
        s.breaker.half_open_leak = true;
        s.breaker.half_open_max_wait = TimeSpan::ZERO;
    })
}

pub(super) fn unlimited_half_open() -> PolicySettings {
    with(|s| s.breaker.half_open_unlimited = true)
}

pub(super) fn window_never_slides() -> PolicySettings {
    with(|s| s.breaker.window_slides = false)
}

pub(super) fn abandons_attempts() -> PolicySettings {
    with(|s| s.deadline.on_per_try_timeout = OnPerTryTimeout::Abandon)
}

pub(super) fn no_limits() -> PolicySettings {
    with(|s| s.limits = Limits::default())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The paths in which two settings differ.
    fn differing(path: &str, a: &Value, b: &Value, into: &mut Vec<String>) {
        match (a, b) {
            _ if a == b => {}
            (Value::Object(left), Value::Object(right)) => {
                let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let none = &Value::Null;
                    let (a, b) = (left.get(key).unwrap_or(none), right.get(key).unwrap_or(none));
                    differing(&format!("{path}.{key}"), a, b, into);
                }
            }
            _ => into.push(path.trim_start_matches('.').to_owned()),
        }
    }

    #[test]
    fn each_has_its_one_defect_and_is_standard_in_all_else() {
        type Row = (fn() -> PolicySettings, &'static [&'static str]);
        let rows: [Row; 13] = [
            (no_jitter, &["retry.backoff.jitter", "retry.hint.jitter_factor"]),
            (shared_jitter, &["retry.backoff.sequence"]),
            (no_budget, &["retry.budget.kind"]),
            (ignores_retry_after, &["retry.hint.honor"]),
            (ignores_retry_after_dates, &["retry.hint.honor"]),
            (retries_unkeyed_posts, &["retry.methods"]),
            (new_key_each_attempt, &["retry.key"]),
            (no_breaker, &["breaker.kind"]),
            (stuck_half_open, &["breaker.half_open_leak", "breaker.half_open_max_wait"]),
            (unlimited_half_open, &["breaker.half_open_unlimited"]),
            (window_never_slides, &["breaker.window_slides"]),
            (abandons_attempts, &["deadline.on_per_try_timeout"]),
            (no_limits, &["limits.burst", "limits.max_requests", "limits.rate"]),
        ];
        let sound = serde_json::to_value(standard()).unwrap();
        for (twin, expected) in rows {
            let mut found = Vec::new();
            differing("", &sound, &serde_json::to_value(twin()).unwrap(), &mut found);
            assert_eq!(found, expected);
        }
    }
}
