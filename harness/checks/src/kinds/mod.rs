//! The checks, one file each.
//!
//! Each file ends with its entry in the registry and begins with what it measures, by which rule, and what it cannot see.

pub mod amplification;
pub mod attempts_accounted;
pub mod backoff;
mod backoff_waits;
pub mod breaker;
mod breaker_episodes;
pub mod failover;
mod faults_apart;
mod faults_comers;
mod faults_declared;
pub mod faults_injected;
mod faults_limited;
mod faults_scripted;
pub mod fresh;
pub mod herd;
pub mod jitter;
pub mod latency_law;
pub mod limit;
pub mod load_delivered;
pub mod recovery;
pub mod retry_after;
pub mod retry_budget;
mod retry_budget_replay;
pub mod slo;
