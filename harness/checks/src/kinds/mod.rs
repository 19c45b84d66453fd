//! The checks, one file each.
//!
//! Each file ends with its entry in the registry and begins with what it measures, by which rule, and what it cannot see.

pub mod amplification;
pub mod attempts_accounted;
pub mod breaker;
mod breaker_episodes;
mod faults_declared;
pub mod faults_injected;
mod faults_limited;
pub mod jitter;
pub mod latency_law;
pub mod load_delivered;
pub mod recovery;
pub mod retry_after;
pub mod retry_budget;
pub mod slo;
