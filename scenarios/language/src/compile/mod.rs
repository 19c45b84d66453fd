//! Compiling: a scenario becomes a plan, in which every choice is made.
//!
//! A scenario says "the base with this over it, for ten seconds, four times"; a world must not have to work that
//! out while it runs, and two worlds must not work it out differently. So names become indices, durations become
//! offsets, overlays become effective behaviour, presets become settings, here and nowhere else. The result is a
//! function of the scenario alone: the same text gives the same plan, byte for byte.
//!
//! What a reader could have meant but would not want is left to `warn`.

mod effect;
mod hosts;
mod judge;
mod load;
mod maze;
mod network;
mod parties;
mod planning;
mod replicas;
mod targets;
mod timeline;
mod trouble;
mod upstream;

pub(crate) use effect::same_as_base;
pub use planning::{PlanOptions, plan};
