//! The hold stage: which requests are gathered, and how they end.
//!
//! By arrival, like limit and capacity: who belongs to a cohort is decided as its head arrives, so that a fate is whole
//! from then on; only when it is let go depends on the others. Retries are not gathered unless they are asked for: those
//! of a cohort would be caught in the next one, and their delays, which are what it is for, with them.

use std::sync::Arc;

use upstorm_model::Offset;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Holder, Origin};

use super::{BodyStage, Draw};
use crate::cohort::Wanted;
use crate::gathering::{Gathering, Place};
use crate::given::Given;

/// The cohort of one route in one segment.
#[derive(Debug)]
pub(crate) struct HoldStage {
    wanted: Wanted,
    retries: bool,
    gathering: Arc<Gathering>,
    /// How all of it end; none where each does as the route has it.
    pub(crate) given: Option<Given>,
}

/// The holds of one route of an upstream, by their names, across the segments. All gather in one place, so that no two
/// cohorts of a route have the same number.
///
/// # Errors
/// When what comes of it cannot be sent: what was wrong.
pub(crate) fn holds(
    path: [&str; 2],
    behaviours: &[&RouteBehaviour],
) -> Result<Vec<Option<HoldStage>>, String> {
    let gathering = Arc::default();
    let stage = |behaviour: &&RouteBehaviour| {
        let Some(hold) = &behaviour.hold else { return Ok(None) };
        let body = BodyStage::compile(&behaviour.body);
        let then = hold
            .then
            .as_ref()
            .map(|ending| Given::compile(path, (&ending.step(), Origin::Held(Holder::Cohort)), &body));
        Ok(Some(HoldStage {
            wanted: Wanted { calls: hold.calls, within: hold.within.get(), again: hold.again },
            retries: hold.retries,
            gathering: Arc::clone(&gathering),
            given: then.transpose()?,
        }))
    };
    behaviours.iter().map(stage).collect()
}

impl HoldStage {
    /// Takes a place in the cohort that is being gathered, for a request that meets a behaviour that began `since`; none
    /// where it is not to be held.
    pub(crate) fn join(&self, draw: &Draw, head: Offset, since: Offset) -> Option<Place> {
        let wanted = self.retries || draw.ordinal == 1;
        wanted.then(|| self.gathering.join(head, since, self.wanted)).flatten()
    }

    /// Gathers from now on where this other one does.
    pub(crate) fn share(&mut self, other: &Self) {
        self.gathering = Arc::clone(&other.gathering);
    }

    /// How many wait, and how many are gathered.
    pub(crate) fn load(&self) -> (u64, u32) {
        (self.gathering.load(), self.wanted.calls)
    }
}
