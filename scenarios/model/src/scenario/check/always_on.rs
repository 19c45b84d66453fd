//! The checks that need not be asked for.
//!
//! They ask whether the run was the one that the scenario declares: without that no other verdict means anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The checks that need not be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlwaysOn {
    /// Every declared fault was really injected, as often as declared.
    FaultsInjected,
    /// The planned load was really delivered, on time.
    LoadDelivered,
    /// Injected latency matched its law and was kept.
    LatencyLaw,
    /// Every attempt belongs to a call, and every call came to an end.
    AttemptsAccounted,
}

/// Every always-on check.
pub const ALWAYS_ON: [AlwaysOn; 4] =
    [AlwaysOn::FaultsInjected, AlwaysOn::LoadDelivered, AlwaysOn::LatencyLaw, AlwaysOn::AttemptsAccounted];

impl AlwaysOn {
    /// Its name, as `off` in `[run]` lists it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::FaultsInjected => "faults-injected",
            Self::LoadDelivered => "load-delivered",
            Self::LatencyLaw => "latency-law",
            Self::AttemptsAccounted => "attempts-accounted",
        }
    }
}
