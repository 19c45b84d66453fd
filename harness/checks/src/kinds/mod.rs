//! The checks, one file each.
//!
//! Each file ends with its entry in the registry and begins with what it measures, by which rule, and what it cannot see.

pub mod alert;
mod alert_windows;
pub mod amplification;
pub mod attempts_accounted;
pub mod backoff;
mod backoff_named;
mod backoff_waits;
pub mod breaker;
mod breaker_episodes;
mod breaker_manners;
mod breaker_probes;
mod breaker_results;
mod breaker_terms;
mod breaker_trips;
pub mod failover;
mod faults_apart;
mod faults_comers;
mod faults_declared;
mod faults_held;
pub mod faults_injected;
mod faults_limited;
mod faults_scripted;
pub mod fresh;
mod giving_up_slack;
pub mod herd;
pub mod jitter;
pub mod latency_law;
pub mod limit;
pub mod load_delivered;
pub mod recovery;
mod recovery_windows;
pub mod retry_after;
pub mod retry_budget;
mod retry_budget_replay;
pub mod retry_safety;
pub mod slo;
pub mod tally;
pub mod timeout;
