//! Kept: an answer that could be sent, and is held until it may.
//!
//! By a cohort, until it is complete; as a probe's, until its time. Whoever holds it here is known in the recording from
//! the moment that the request is met, for how long when it is let go.

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::recording::{Held, Holder};
use upstorm_model::{Offset, TimeSpan};
use upstorm_world::Clock;

use crate::gathering::Place;
use crate::stage::Probe;

/// What an answer waits for.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The others of its cohort.
    Cohort(Place),
    /// Its time, or nothing, as it was a probe.
    Probe(Probe),
}

impl Kept {
    /// What the recording says of it before it is let go.
    pub(crate) const fn held(&self) -> Held {
        match self {
            Self::Cohort(place) => Held { by: Holder::Cohort, group: place.cohort(), lasted: None },
            Self::Probe(probe) => Held { by: Holder::Probe, group: probe.silence, lasted: None },
        }
    }

    /// The answer to a request whose head came then could be sent now: waits until it may be, and tells for how long it
    /// was held; none where it will never be sent.
    pub(crate) async fn let_go(self, head: Offset, clock: &Arc<dyn Clock>) -> Option<TimeSpan> {
        let ready = clock.now();
        match self {
            Self::Cohort(place) => place.let_go(clock).await,
            Self::Probe(Probe { never: true, .. }) => return None,
            Self::Probe(Probe { late, .. }) => {
                let due = head + late.unwrap_or(Duration::ZERO);
                if due > ready {
                    clock.sleep_until(due).await;
                }
            }
        }
        Some(TimeSpan::from(clock.now().since(ready)))
    }
}
