//! Outlier ejection: replicas that fail where others do not are left out for a while, under Envoy's names and with its
//! defaults (envoy.config.cluster.v3.OutlierDetection).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// Outlier ejection, off unless `kind` says what is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outlier {
    /// What a replica is ejected for.
    pub kind: OutlierKind,
    /// This many answers of 500 and above, or failures to get one, in a row; 0 for never.
    pub consecutive_5xx: u32,
    /// This many of 502, 503, 504 or failures to get an answer in a row; 0 for never.
    pub consecutive_gateway_failure: u32,
    /// How often success rates are compared and replicas let back in.
    pub interval: TimeSpan,
    /// How long an ejection lasts, times how often the replica was ejected lately.
    pub base_ejection_time: TimeSpan,
    /// The longest ejection.
    pub max_ejection_time: TimeSpan,
    /// The largest share of the replicas that may be out at a time; one may always be.
    pub max_ejection_percent: Ratio,
    /// With fewer replicas that had enough requests, success rates are not compared.
    pub success_rate_minimum_hosts: u32,
    /// Requests in an interval without which a replica's success rate says nothing.
    pub success_rate_request_volume: u32,
    /// Thousandths of the standard deviation that a success rate may lie below the mean of all.
    pub success_rate_stdev_factor: u32,
    /// With a smaller share of the replicas in, those that are out are used too: they may not be worse than the rest
    /// under all the load.
    pub panic_threshold: Ratio,
}

impl Default for Outlier {
    fn default() -> Self {
        Self {
            kind: OutlierKind::Off,
            consecutive_5xx: 5,
            consecutive_gateway_failure: 0,
            interval: TimeSpan::from_secs(10),
            base_ejection_time: TimeSpan::from_secs(30),
            max_ejection_time: TimeSpan::from_secs(300),
            max_ejection_percent: Ratio::new(0.1),
            success_rate_minimum_hosts: 5,
            success_rate_request_volume: 100,
            success_rate_stdev_factor: 1900,
            panic_threshold: Ratio::new(0.5),
        }
    }
}

/// What a replica is ejected for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutlierKind {
    /// Nothing.
    #[default]
    Off,
    /// Failures in a row.
    Consecutive,
    /// A success rate far below that of the others.
    SuccessRate,
    /// Either.
    Both,
}

impl OutlierKind {
    /// Whether failures in a row eject.
    #[must_use]
    pub const fn counts_rows(self) -> bool {
        matches!(self, Self::Consecutive | Self::Both)
    }

    /// Whether success rates are compared.
    #[must_use]
    pub const fn compares_rates(self) -> bool {
        matches!(self, Self::SuccessRate | Self::Both)
    }
}
