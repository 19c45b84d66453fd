//! Presets: named settings, and the broken twins that sabotage tests run.
//!
//! A twin differs from its sound preset in one defect, so a check that fails on it failed for that reason.

use super::{
    Backoff, Breaker, BreakerKind, Budget, BudgetKind, Deadline, Hint, HintHeader, Jitter, Limits,
    PolicySettings, Pool, Retry,
};
use crate::{Rate, TimeSpan};

/// A named set of policy settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preset(&'static PresetInfo);

/// What the registry knows of a preset.
#[derive(Debug)]
pub struct PresetInfo {
    /// As a scenario writes it.
    pub name: &'static str,
    /// One line for help and docs.
    pub summary: &'static str,
    /// For a broken twin, the sound preset it was made from.
    pub twin_of: Option<&'static str>,
    settings: fn() -> PolicySettings,
}

impl PartialEq for PresetInfo {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for PresetInfo {}
impl PartialOrd for PresetInfo {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for PresetInfo {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}

/// Every preset. Help, schema, docs and the completeness tests go through this list.
pub const PRESETS: &[PresetInfo] = &[
    PresetInfo {
        name: "none",
        summary: "one attempt, no breaker, no limits",
        twin_of: None,
        settings: PolicySettings::default,
    },
    PresetInfo {
        name: "naive",
        summary: "4 attempts at once, no jitter, no budget, no breaker",
        twin_of: Some("standard"),
        settings: naive,
    },
    PresetInfo {
        name: "retry",
        summary: "4 attempts, 200 ms doubling to 2 s, full jitter; no budget, no breaker",
        twin_of: None,
        settings: retry,
    },
    PresetInfo {
        name: "standard",
        summary: "retry with Retry-After and a 20 % + 10/s budget, a breaker at 50 %, 200/s and 50 in flight",
        twin_of: None,
        settings: standard,
    },
    PresetInfo {
        name: "no-jitter",
        summary: "standard without jitter: what failed together comes back together",
        twin_of: Some("standard"),
        settings: no_jitter,
    },
    PresetInfo {
        name: "no-budget",
        summary: "standard without a retry budget: retries multiply the load on what is failing",
        twin_of: Some("standard"),
        settings: no_budget,
    },
    PresetInfo {
        name: "ignores-retry-after",
        summary: "standard, deaf to Retry-After",
        twin_of: Some("standard"),
        settings: ignores_retry_after,
    },
    PresetInfo {
        name: "stuck-half-open",
        summary: "standard, but a probe that ends without an answer never gives its permit back",
        twin_of: Some("standard"),
        settings: stuck_half_open,
    },
];

impl Preset {
    /// The preset of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PRESETS.iter().find(|p| p.name == name).map(Self)
    }

    /// What the registry knows of it.
    #[must_use]
    pub const fn info(self) -> &'static PresetInfo {
        self.0
    }

    /// Its settings.
    #[must_use]
    pub fn settings(self) -> PolicySettings {
        (self.0.settings)()
    }
}

/// The timeouts, pool and error set that the integration guides agree on.
fn guides() -> PolicySettings {
    PolicySettings {
        deadline: Deadline {
            total: Some(TimeSpan::from_secs(5)),
            per_try: Some(TimeSpan::from_secs(3)),
            connect: Some(TimeSpan::from_secs(1)),
            ..Deadline::default()
        },
        pool: Pool { max_connections: 100, ..Pool::default() },
        ..PolicySettings::default()
    }
}

fn naive() -> PolicySettings {
    let backoff = Backoff { base: TimeSpan::ZERO, jitter: Jitter::None, ..Backoff::default() };
    PolicySettings { retry: Retry { max_attempts: 4, backoff, ..Retry::default() }, ..guides() }
}

fn retry() -> PolicySettings {
    PolicySettings { retry: Retry { max_attempts: 4, ..Retry::default() }, ..guides() }
}

fn standard() -> PolicySettings {
    let base = retry();
    PolicySettings {
        limits: Limits {
            max_requests: Some(50),
            max_pending: None,
            rate: Some(Rate::per_second(200.0)),
            burst: Some(50),
        },
        retry: Retry {
            hint: Hint { honor: vec![HintHeader::RetryAfter], ..Hint::default() },
            budget: Budget { kind: BudgetKind::RatioWindow, ..Budget::default() },
            ..base.retry
        },
        breaker: Breaker { kind: BreakerKind::Rate, ..Breaker::default() },
        ..base
    }
}

fn no_jitter() -> PolicySettings {
    let mut settings = standard();
    settings.retry.backoff.jitter = Jitter::None;
    settings.retry.hint.jitter_factor = 0.0;
    settings
}

fn no_budget() -> PolicySettings {
    let mut settings = standard();
    settings.retry.budget.kind = BudgetKind::None;
    settings
}

fn ignores_retry_after() -> PolicySettings {
    let mut settings = standard();
    settings.retry.hint.honor.clear();
    settings
}

fn stuck_half_open() -> PolicySettings {
    let mut settings = standard();
    settings.breaker.half_open_leak = true;
    settings.breaker.half_open_max_wait = TimeSpan::ZERO;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_twins_have_a_sound_original() {
        for preset in PRESETS {
            assert_eq!(PRESETS.iter().filter(|p| p.name == preset.name).count(), 1);
            if let Some(original) = preset.twin_of {
                let original = Preset::named(original).expect("the original exists");
                assert!(original.info().twin_of.is_none());
                assert_ne!(
                    original.settings(),
                    (preset.settings)(),
                    "{} differs from its original",
                    preset.name
                );
            }
        }
    }

    #[test]
    fn standard_is_what_the_guides_say() {
        let s = Preset::named("standard").unwrap().settings();
        assert_eq!(s.retry.max_attempts, 4);
        assert_eq!(s.retry.backoff.base, TimeSpan::from_millis(200));
        assert_eq!(s.retry.backoff.max, TimeSpan::from_secs(2));
        assert_eq!(s.limits.max_requests, Some(50));
        assert_eq!(s.breaker.open_for, TimeSpan::from_secs(10));
        assert_eq!(s.pool.max_connections, 100);
    }
}
