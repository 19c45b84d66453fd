//! Names: whether each leads to something, and to one thing only.
//!
//! This works on the tree and not on the decoded scenario, so that an upstream with a wrong latency still counts as
//! there and is not reported as missing by everybody who speaks of it.

mod cast;
mod checks;
mod phases;
mod targets;

use crate::reading::Reading;
use crate::tree::Node;
use cast::Cast;

/// Reports every name of the scenario that leads nowhere or to two things.
pub(super) fn check_names(root: &Node, reading: &Reading<'_>) {
    let cast = Cast::of(root, reading);
    targets::check(&cast, reading);
    phases::check(root, &cast, reading);
    checks::check(root, &cast, reading);
}
