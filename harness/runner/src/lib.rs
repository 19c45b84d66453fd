//! The story of one run: raise who takes part, perform the plan, judge what was recorded.
//!
//! Knows a plan, not a scenario file; knows findings, not how they are shown.

mod caller;
mod conductor;
mod exit;
mod folder;
mod judgement;
mod perform;
mod topology;

pub use exit::ExitCode;
pub use folder::{FolderError, RunFolder, write_whole};
pub use judgement::{Judgement, judge};
pub use perform::{PerformError, Performance, perform};
pub use topology::{RaiseError, Topology};
pub use upstorm_load::Stop;
