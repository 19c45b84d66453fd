//! What the benches share: a bare hyper server to measure against, a caller that costs nothing, sleepers on any clock, a
//! simulated run over two hops, a recording of any length to judge, and what each of them took.
//!
//! Speed belongs here and never in timed tests: machines are shared and noisy, so only ratios of the same run
//! are quoted.

pub mod bare_server;
pub mod caller;
pub mod memory;
pub mod recorded;
pub mod serving;
pub mod sleepers;
pub mod spent;
pub mod two_hops;
