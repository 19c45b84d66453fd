//! What the checks are tried on: for each a scenario that it must hold on, whose story names the settings (`--set …`)
//! that it must fail on. A check that was never seen to fail proves nothing.

use super::BuiltIn;
use super::entry::embedded;

/// Every scenario of the table of sabotage, by check.
pub const SABOTAGE: &[BuiltIn] = embedded![Sabotage:
    "sabotage/slo",
    "sabotage/jitter",
    "sabotage/jitter-cohort",
    "sabotage/breaker",
    "sabotage/breaker-in-a-row",
    "sabotage/breaker-closed",
    "sabotage/breaker-probes",
    "sabotage/breaker-late-results",
    "sabotage/recovery",
    "sabotage/recovery-slow",
    "sabotage/recovery-stuck",
    "sabotage/recovery-metastable",
    "sabotage/retry-budget",
    "sabotage/retry-after",
    "sabotage/amplification",
    "sabotage/backoff",
    "sabotage/herd",
    "sabotage/herd-waves",
    "sabotage/failover",
    "sabotage/limit",
    "sabotage/fresh",
    "sabotage/alert",
    "sabotage/alert-silent",
    "sabotage/alert-burn",
    "sabotage/retry-safety",
    "sabotage/timeout",
    "sabotage/tally",
    "sabotage/harness",
];
