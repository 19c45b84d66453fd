//! A world for tests: one thread, a clock that jumps to the next wake-up when nobody has anything to do, and
//! a network in memory without delay.
//!
//! Tests that wait in real time are slow, and fail when the machine is busy. Here ten minutes pass in an
//! instant, in the same order each time. Links cost no time and lose nothing; what networks do to time is
//! left to the simulated world.
//!
//! ```
//! use std::time::Duration;
//! use upstorm_model::{HostId, Offset, plan::Role};
//! use upstorm_world::{World, testing::ManualWorld};
//!
//! let world = ManualWorld::new();
//! let env = world.env(HostId(0), Role::Client);
//! let woke = world.run(async move {
//!     env.clock.sleep(Duration::from_secs(600)).await;
//!     env.clock.now()
//! });
//! assert_eq!(woke, Some(Offset::from_millis(600_000)));
//! ```
//!
//! Tasks are started with `env.spawn`; there is no tokio runtime, so `tokio::spawn` and tokio's time do not
//! work here (channels, locks and `select!` do). A story that waits for something that can never come is
//! given up: `run` gives `None`.

mod clock;
mod executor;
mod net;
mod pipe;
mod world;

pub use clock::ManualClock;
pub use world::ManualWorld;
