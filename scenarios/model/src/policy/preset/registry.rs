//! The registry of presets.
//!
//! Help, schema, docs and the completeness tests go through one list, so that a preset cannot be in one of them only.

use super::{breakers, budgets, guides, twins};
use crate::policy::PolicySettings;

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

const fn sound(name: &'static str, summary: &'static str, settings: fn() -> PolicySettings) -> PresetInfo {
    PresetInfo { name, summary, twin_of: None, settings }
}

const fn twin(name: &'static str, summary: &'static str, settings: fn() -> PolicySettings) -> PresetInfo {
    PresetInfo { name, summary, twin_of: Some("standard"), settings }
}

/// Every preset. Help, schema, docs and the completeness tests go through this list.
pub const PRESETS: &[PresetInfo] = &[
    sound("none", "one attempt, no breaker, no limits", PolicySettings::default),
    twin("naive", "4 attempts at once, no jitter, no budget, no breaker", guides::naive),
    sound("retry", "4 attempts, 200 ms doubling to 2 s, full jitter; no budget, no breaker", guides::retry),
    sound(
        "standard",
        "retry with Retry-After and a 20 % + 10/s budget, a breaker at 50 %, 200/s and 50 in flight",
        guides::standard,
    ),
    sound(
        "resilience4j",
        "3 attempts 500 ms apart; a breaker at 50 % of 100 calls, open 60 s, 10 probes without a longest wait",
        breakers::resilience4j,
    ),
    sound("polly", "4 attempts 2 s apart; a breaker at 10 % of 30 s, open 5 s, 1 probe", breakers::polly),
    sound(
        "opossum",
        "one attempt of 10 s; a breaker above 50 % of 10 s, open 30 s, 1 probe, its window kept",
        breakers::opossum,
    ),
    sound(
        "envoy",
        "2 attempts, 25 ms doubling to 250 ms; 3 retries at once, limits of 1024, no breaker",
        budgets::envoy,
    ),
    sound(
        "envoy-budget",
        "envoy with retries for 20 % of the attempts in flight, at least 3",
        budgets::envoy_budget,
    ),
    sound("finagle", "retries at once while a budget of 20 % + 10/s lasts, no breaker", budgets::finagle),
    sound(
        "grpc",
        "4 attempts, 100 ms doubling to 1 s, pushback; a bucket of 10 tokens, no breaker",
        budgets::grpc,
    ),
    sound(
        "aws-2026",
        "3 attempts, 50 ms (1 s after a 429) doubling to 20 s; a quota of 500 tokens, no breaker",
        budgets::aws_2026,
    ),
    sound(
        "sre",
        "3 attempts, retries under 10 % of all attempts, adaptive throttle at K = 2, no breaker",
        budgets::sre,
    ),
    twin("no-jitter", "standard without jitter: what failed together comes back together", twins::no_jitter),
    twin(
        "shared-jitter",
        "standard with one sequence of jitter for all calls: they wait differently each time, and all alike",
        twins::shared_jitter,
    ),
    twin(
        "no-budget",
        "standard without a retry budget: retries multiply the load on what is failing",
        twins::no_budget,
    ),
    twin("ignores-retry-after", "standard, deaf to Retry-After", twins::ignores_retry_after),
    twin(
        "ignores-retry-after-dates",
        "standard, deaf to a Retry-After that is a date",
        twins::ignores_retry_after_dates,
    ),
    twin(
        "retries-unkeyed-posts",
        "standard, but it repeats requests that have effects and no key",
        twins::retries_unkeyed_posts,
    ),
    twin(
        "new-key-each-attempt",
        "standard, but each retry has a new Idempotency-Key: one order becomes several",
        twins::new_key_each_attempt,
    ),
    twin(
        "no-breaker",
        "standard without a breaker: a dead upstream holds every caller for a whole timeout",
        twins::no_breaker,
    ),
    twin(
        "stuck-half-open",
        "standard, but a probe that ends without an answer never gives its permit back",
        twins::stuck_half_open,
    ),
    twin(
        "unlimited-half-open",
        "standard, but half open it lets everything through",
        twins::unlimited_half_open,
    ),
    twin(
        "window-never-slides",
        "standard, but nothing leaves the breaker's window: a long good time hides a bad one",
        twins::window_never_slides,
    ),
    twin(
        "abandons-attempts",
        "standard, but an attempt that took too long goes on unheard",
        twins::abandons_attempts,
    ),
    twin("no-limits", "standard without limits: it takes and passes on whatever comes", twins::no_limits),
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
    fn what_is_written_reads_back() {
        for preset in PRESETS {
            let settings = (preset.settings)();
            let written = serde_json::to_string(&settings).unwrap();
            assert_eq!(
                serde_json::from_str::<PolicySettings>(&written).unwrap(),
                settings,
                "{}",
                preset.name
            );
        }
    }
}
