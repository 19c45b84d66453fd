//! What a hold makes of the odds: the share of attempts that are of a cohort.
//!
//! The first so many of a segment, or all where one cohort follows another. Who comes after a silence is left out: that
//! there will be one is what a run is to find out.

use upstorm_model::plan::{RouteBehaviour, Segment};
use upstorm_model::scenario::{Ending, Hold};

use super::traffic::seconds;

/// The share of the attempts that come so often in a second which a hold ends, and how; none where it ends nothing.
pub(super) fn gathered<'a>(
    route: &'a RouteBehaviour,
    offered: f64,
    stretch: &Segment,
) -> Option<(f64, &'a Ending)> {
    let Hold { calls, again, then, .. } = route.hold.as_ref()?;
    let share = f64::from(*calls) / (offered * seconds(stretch)).max(1e-9);
    then.as_ref().map(|ending| (if *again { 1.0 } else { share.min(1.0) }, ending))
}
