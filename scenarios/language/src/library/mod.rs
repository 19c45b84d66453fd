//! The built-in library: scenarios that come with the binary, so that there is something to run before there is
//! something to write.
//!
//! They are the files of `scenarios/library`, embedded as they are: their comments tell the story, and
//! `upstorm scenarios copy` gives them away as a beginning. Each group has a folder and a list of its own.

mod entry;
mod known_answers;
mod sabotage;
mod scenarios;

pub use entry::{BuiltIn, Group, all, find};
pub use known_answers::KNOWN_ANSWERS;
pub use sabotage::SABOTAGE;
pub use scenarios::BUILT_IN;
