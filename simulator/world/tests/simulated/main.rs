//! The simulated world keeps the worlds' common promises, in virtual time; and some of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../conformance/mod.rs"]
mod conformance;
mod ends;
mod network;
mod outages;
mod time;

use std::sync::Arc;

use upstorm_model::plan::Network;
use upstorm_model::{ByteRate, Offset, Seed, TimeSpan, scenario};
use upstorm_world::World;
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};

fn world() -> Arc<dyn World> {
    Arc::new(SimulatedWorld::new(SimulatedOptions::default()).unwrap())
}

conformance::conforms!();

/// Every link alike: so many milliseconds there and as many back, without jitter and as fast as one likes.
fn delayed(millis: u64) -> scenario::Link {
    let delay = TimeSpan::from_millis(millis).into();
    scenario::Link { delay, jitter: TimeSpan::default(), bandwidth: ByteRate::default() }
}

fn options(usual: scenario::Link) -> SimulatedOptions {
    let hosts = ["app", "payments", "edge"].map(str::to_owned).to_vec();
    let network = Network { usual, between: Vec::new() };
    SimulatedOptions { seed: Seed(1), network, hosts, ..SimulatedOptions::default() }
}

fn with_links(usual: scenario::Link) -> Arc<dyn World> {
    Arc::new(SimulatedWorld::new(options(usual)).unwrap())
}

fn at(millis: u64) -> Offset {
    Offset::from_millis(millis)
}
