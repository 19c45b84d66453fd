//! Retry budget: how many retries all calls together may make.
//!
//! Without one, retries multiply the load on an upstream that fails because of load. Five kinds are in use, and each has
//! knobs of its own ([`BudgetKind::knobs`]); the others' are without effect:
//!
//! | kind | whose | a retry is made while |
//! |---|---|---|
//! | ratio-window | Finagle's RetryBudget | it withdraws less than `ratio` × first attempts + `min_per_sec` · `ttl`, over one `ttl` |
//! | concurrency | Envoy's circuit breaker and retry budget | fewer are under way, their waits included, than `max_retries`, or than `budget_percent` of the attempts in flight, at least `min_retry_concurrency` |
//! | token-bucket | the AWS SDKs' retry quota | a bucket of `capacity` holds its cost; a success gives back what its retry cost, or 1 |
//! | threshold-bucket | gRPC's retry throttling (A6) | a bucket of `max_tokens` is more than half full; a failure takes 1, a success gives `token_ratio` |
//! | client-ratio | Google SRE book, chapter 21 | retries are under `ratio` of all attempts of the last `ttl` |

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// The retry budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Which budget, if any.
    pub kind: BudgetKind,
    /// Ratio-window: retries per first attempt. Client-ratio: retries per attempt.
    pub ratio: Ratio,
    /// Ratio-window: retries per second that are allowed whatever the traffic.
    pub min_per_sec: f64,
    /// Ratio-window, client-ratio: how long what was made counts.
    pub ttl: TimeSpan,
    /// Ratio-window: what puts credit in.
    pub deposit_on: DepositOn,
    /// Concurrency: retries under way at once, whatever the traffic; in place of the share and the minimum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// Concurrency: retries under way, as a share of the attempts in flight.
    pub budget_percent: Ratio,
    /// Concurrency: retries under way that are always allowed.
    pub min_retry_concurrency: u32,
    /// Token-bucket: tokens in the full bucket, as which it begins.
    pub capacity: u32,
    /// Token-bucket: tokens that a retry costs, after all but a timeout or a 429.
    pub retry_cost: u32,
    /// Token-bucket: tokens that a retry after a timeout costs.
    pub timeout_cost: u32,
    /// Token-bucket: tokens that a retry after a 429 costs.
    pub throttled_cost: u32,
    /// Threshold-bucket: tokens in the full bucket, as which it begins.
    pub max_tokens: u32,
    /// Threshold-bucket: what a success gives, in tokens; three decimals count.
    pub token_ratio: f64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            kind: BudgetKind::None,
            ratio: Ratio::new(0.2),
            min_per_sec: 10.0,
            ttl: TimeSpan::from_secs(10),
            deposit_on: DepositOn::Request,
            max_retries: None,
            budget_percent: Ratio::new(0.2),
            min_retry_concurrency: 3,
            capacity: 500,
            retry_cost: 14,
            timeout_cost: 14,
            throttled_cost: 5,
            max_tokens: 10,
            token_ratio: 0.1,
        }
    }
}

/// Which budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetKind {
    /// No limit.
    None,
    /// Finagle's: a share of the first attempts, and a few per second.
    RatioWindow,
    /// Envoy's: so many under way at once.
    Concurrency,
    /// The AWS SDKs': tokens that retries cost and successes give back.
    TokenBucket,
    /// GRPC's: none while the bucket is half empty.
    ThresholdBucket,
    /// Google's: a share of all attempts.
    ClientRatio,
}

impl BudgetKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::RatioWindow,
        Self::Concurrency,
        Self::TokenBucket,
        Self::ThresholdBucket,
        Self::ClientRatio,
    ];

    /// As a scenario writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::RatioWindow => "ratio-window",
            Self::Concurrency => "concurrency",
            Self::TokenBucket => "token-bucket",
            Self::ThresholdBucket => "threshold-bucket",
            Self::ClientRatio => "client-ratio",
        }
    }

    /// The keys that a budget of this kind goes by, beside `kind`.
    #[must_use]
    pub const fn knobs(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::RatioWindow => &["ratio", "min_per_sec", "ttl", "deposit_on"],
            Self::Concurrency => &["max_retries", "budget_percent", "min_retry_concurrency"],
            Self::TokenBucket => &["capacity", "retry_cost", "timeout_cost", "throttled_cost"],
            Self::ThresholdBucket => &["max_tokens", "token_ratio"],
            Self::ClientRatio => &["ratio", "ttl"],
        }
    }
}

/// What puts credit into the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DepositOn {
    /// Each first attempt (Finagle).
    Request,
    /// Each success (Brooker).
    Success,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_knob_is_a_key_and_each_key_some_kind_s_knob() {
        let settings = Budget { max_retries: Some(3), ..Budget::default() };
        let written = serde_json::to_value(settings).unwrap();
        let keys: Vec<&String> = written.as_object().unwrap().keys().filter(|key| *key != "kind").collect();
        let knobs = || BudgetKind::ALL.iter().flat_map(|kind| kind.knobs());
        assert!(knobs().all(|knob| keys.iter().any(|key| key == knob)));
        assert!(keys.iter().all(|key| knobs().any(|knob| key == knob)));
    }

    #[test]
    fn each_kind_is_written_as_its_word() {
        for kind in BudgetKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
