//! Topologies, performed: chains, routes, replicas, failover, several populations and partitions between any two hosts.
//!
//! What may depend on a world's timing is asked in the simulated one; the rest of both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chains;
mod failover;
mod partitions;
mod performed;
mod replicas;
mod routes;
