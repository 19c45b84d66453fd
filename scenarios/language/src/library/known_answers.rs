//! The known answers: results of the literature that must come out right, each within its published range.
//!
//! A harness that measures nothing wrong on its own examples may still be wrong throughout. What others computed,
//! simulated or measured before it stands outside of it, and a mistake in load, policy, upstream or check shows here.

use super::BuiltIn;
use super::entry::embedded;

/// Every known answer, by experiment.
pub const KNOWN_ANSWERS: &[BuiltIn] = embedded![KnownAnswer:
    "known-answers/aws-none",
    "known-answers/aws-exponential",
    "known-answers/aws-equal",
    "known-answers/aws-full",
    "known-answers/aws-decorrelated",
    "known-answers/nested-retries-64",
    "known-answers/nested-retries-243",
    "known-answers/sre-retry-budget",
    "known-answers/finagle-retry-budget",
    "known-answers/grpc-retry-throttle",
    "known-answers/aws-retry-quota",
    "known-answers/sre-adaptive-throttle",
    "known-answers/breaker-defaults",
    "known-answers/metastable-100",
    "known-answers/metastable-140",
    "known-answers/metastable-160",
    "known-answers/metastable-280",
    "known-answers/metastable-280-no-retry",
    "known-answers/metastable-280-budget",
    "known-answers/metastable-280-jitter",
    "known-answers/metastable-280-bounded-queue",
    "known-answers/metastable-280-cancel",
    "known-answers/metastable-280-deadline",
    "known-answers/metastable-small-30",
    "known-answers/metastable-small-80",
    "known-answers/integration-guide",
];
