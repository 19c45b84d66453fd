//! All that is to be said of names, in one go.

use super::cast::Cast;
use super::{checks, links, phases, targets};
use crate::reading::Reading;
use crate::tree::Node;

/// Reports every name of the scenario that leads nowhere or to two things.
pub(in crate::decode) fn check_names(root: &Node, reading: &Reading<'_>) {
    let cast = Cast::of(root, reading);
    targets::check(&cast, reading);
    links::check(root, &cast, reading);
    phases::check(root, &cast, reading);
    checks::check(root, &cast, reading);
}
