//! The stories: outages to run, to learn from and to copy.

use super::BuiltIn;
use super::entry::embedded;

/// Every story, the easier to understand first.
pub const BUILT_IN: &[BuiltIn] = embedded![Scenario:
    "steady",
    "retry-storm",
    "brownout",
    "hard-outage",
    "rate-limited",
    "connection-resets",
    "partition",
    "flapping",
    "retry-after",
    "slow-body",
    "malformed-response",
    "truncated-body",
    "thundering-herd",
    "metastable",
    "cold-start",
    "nested-retries",
    "one-slow-replica",
    "region-failover",
    "stale-cache",
    "noisy-neighbour",
    "llm-provider",
    "integration-guide",
];
