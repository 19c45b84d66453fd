//! Checks of what a client saw: its calls.
//!
//! In the end only callers count: an upstream that is spared by turning them all away protects nobody.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// `slo`: of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Slo {
    /// The client, such as `"shoppers"`.
    pub of: String,
    /// Half of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<TimeSpan>,
    /// 90 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<TimeSpan>,
    /// 95 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<TimeSpan>,
    /// 99 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<TimeSpan>,
    /// 99.9 % of the successful calls are at most this slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p999: Option<TimeSpan>,
    /// At most this share of the calls fails (5xx, transport error, timeout, shed, censored).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Ratio>,
    /// At most this share of the calls is throttled (429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<Ratio>,
    /// At least this share of the calls succeeds (2xx, 3xx, and 4xx other than 429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Ratio>,
}

impl Slo {
    /// The quantiles that are asked, as (p, limit).
    pub fn quantiles(&self) -> impl Iterator<Item = (f64, TimeSpan)> {
        [(0.5, self.p50), (0.9, self.p90), (0.95, self.p95), (0.99, self.p99), (0.999, self.p999)]
            .into_iter()
            .filter_map(|(p, limit)| limit.map(|limit| (p, limit)))
    }
}

/// `fresh`: of a client. What is left out comes from the cache before its upstream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Fresh {
    /// The client.
    pub of: String,
    /// So old an answer may always be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh: Option<TimeSpan>,
    /// So much older it may be while the upstream fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_if_error: Option<TimeSpan>,
}
