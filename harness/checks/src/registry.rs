//! The registry: every check there is, those of a scenario and those always on.
//!
//! Help, docs and the completeness test go through this list, so a check that is not here does not exist.

use upstorm_model::verdict::{Measure, Observation};

use crate::Case;
use crate::kinds;

/// What the registry knows of a check.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo {
    /// As a scenario writes it; for an always-on check, its name.
    pub key: &'static str,
    /// A few words, for headings.
    pub title: &'static str,
    /// One sentence, for help.
    pub summary: &'static str,
    /// What it may measure.
    pub measures: &'static [Measure],
    /// True for one that need not be asked for.
    pub always_on: bool,
    /// Measures and judges.
    pub observe: fn(&Case<'_>) -> Vec<Observation>,
}

/// Every check.
pub const CHECKS: &[CheckInfo] = &[
    kinds::slo::INFO,
    kinds::breaker::INFO,
    kinds::jitter::INFO,
    kinds::retry_budget::INFO,
    kinds::retry_after::INFO,
    kinds::amplification::INFO,
    kinds::recovery::INFO,
    kinds::herd::INFO,
    kinds::backoff::INFO,
    kinds::failover::INFO,
    kinds::limit::INFO,
    kinds::fresh::INFO,
    kinds::tally::INFO,
    kinds::alert::INFO,
    kinds::retry_safety::INFO,
    kinds::timeout::INFO,
    kinds::faults_injected::INFO,
    kinds::load_delivered::INFO,
    kinds::latency_law::INFO,
    kinds::attempts_accounted::INFO,
];
