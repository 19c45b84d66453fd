//! The story of one run: raise who takes part, perform the plan in its world, judge what was recorded; the same for
//! several seeds, and again for a replay.
//!
//! Knows a plan, not a scenario file; knows findings, not how they are shown.

mod beside;
mod caller;
mod cast;
mod conductor;
mod crew;
mod digest;
mod earlier;
mod exit;
mod folder;
mod header;
mod judgement;
mod perform;
#[cfg(test)]
mod plans_test;
pub mod replay;
mod seeds;
mod topology;
mod trials;
mod worlds;

pub use beside::{LetIn, perform_beside};
pub use cast::{Cast, NoSuchClient};
pub use crew::workers;
pub use digest::{Digest, digest};
pub use exit::ExitCode;
pub use folder::{FolderError, RunFolder, write_whole};
pub use header::header_of;
pub use judgement::{Judgement, judge};
pub use perform::{PerformError, Performance, perform};
pub use seeds::{KeptSeed, Seeds, perform_seeds, perform_variants};
pub use topology::{RaiseError, Topology};
pub use trials::{Trial, perform_trials};
pub use upstorm_load::{CallResult, Caller, OutgoingCall, Stop};
pub use worlds::{Performed, WorldError, perform_cast, perform_in_world, real_world};
