//! The nouns that cross rooms: units, seed, scenario, policy settings, plan, recording, findings.
//!
//! Every other room speaks in these words, so that data can go one way, from the scenario file to the report,
//! without a room knowing the one before it. Nothing here waits, reads a clock, opens a file or asks the
//! operating system for randomness. Decoding TOML is left to the language, performing to the worlds.

pub mod dice;
pub mod law;
pub mod plan;
pub mod policy;
pub mod recording;
pub mod scenario;
pub mod units;
pub mod verdict;

pub use dice::{Dice, Seed, Stream};
pub use law::{DrawnLaw, Law, Weighted};
pub use plan::{HostId, Plan, RouteId};
pub use units::{ByteRate, ByteSize, Offset, Ramp, Rate, Ratio, Shape, TimeSpan, UnitError, Varying};
