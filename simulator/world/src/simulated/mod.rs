//! The simulated world: the same hosts on one thread, over a network in memory, in virtual time.
//!
//! Tests of timing are unsure on a real clock, for every other process on the machine has its say in them, and
//! an incident takes as long to replay as it took to happen. Here ten minutes pass in seconds, a nanosecond is
//! kept exactly, and the same seed gives the same bytes on any machine. The hosts are the same code: hyper,
//! tower and tokio run unchanged, and time moves only when none of them has anything left to do.
//!
//! What the network does follows TCP as Linux has it (RFC 9293; RFC 6298 for what is sent again), as far as a
//! program can tell: when bytes arrive, what ends a connection, and with which error. Congestion control, TIME_WAIT
//! and lost packets outside partitions are left out.
//!
//! ```
//! use std::time::Duration;
//! use upstorm_model::{HostId, Offset, plan::Role};
//! use upstorm_world::{World, simulated::{SimulatedOptions, SimulatedWorld}};
//!
//! let world = SimulatedWorld::new(SimulatedOptions::default())?;
//! let env = world.env(HostId(0), Role::Client);
//! let woke = world.run(async move {
//!     tokio::time::sleep(Duration::from_secs(60)).await;
//!     env.clock.sleep(Duration::from_nanos(1)).await;
//!     env.clock.now()
//! });
//! assert_eq!(woke, Some(Offset::from_nanos(60_000_000_001)));
//! # std::io::Result::Ok(())
//! ```
//!
//! Code that runs here must not block, must not start threads or use real sockets, and must draw and order nothing
//! by chance: no unbiased `select!`, no map without an order in what it records.

mod connection;
mod drive;
mod given_up;
mod link;
mod listen;
mod net;
mod stream;
mod timeline;
mod way;
mod wires;
mod world;

pub use given_up::{GivenUp, Wait};
pub use world::{SimulatedOptions, SimulatedWorld};
