//! Names: whether each leads to something, and to one thing only.
//!
//! This works on the tree and not on the decoded scenario, so that an upstream with a wrong latency still counts as
//! there and is not reported as missing by everybody who speaks of it.

mod cast;
mod checks;
mod links;
mod phases;
mod targets;
mod verify;

pub(super) use verify::check_names;
