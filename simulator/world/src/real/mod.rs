//! The real world: sockets on loopback, and time from the operating system's monotonic clock.
//!
//! Each host has a loopback address of its own (127.1.0.1, 127.1.0.2, …), so that links are told apart by
//! the peer's address and a partition can name two hosts. No privilege is needed, and nothing outside this
//! process is changed.

mod alarms;
mod blackhole;
mod clock;
mod descriptors;
mod link;
mod net;
mod registry;
mod socket;
mod stopwatch;
mod stream;
mod world;

pub use stopwatch::Stopwatch;
pub use world::{RealOptions, RealWorld, workers_a_role};
