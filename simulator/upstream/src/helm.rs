//! The helm: what somebody changed by hand, over what the plan says.
//!
//! A person who looks for the setting that breaks a gateway wants to turn one knob and see, not to write a scenario for
//! each position of it. What they turn is laid over the plan here and nowhere else, so that what stands in the plan stays
//! what the scenario says. As long as nobody touched it, a request pays one load of a flag for it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use upstorm_model::scenario::Behaviour;
use upstorm_model::{Offset, RouteId};
use upstorm_world::Clock;

use crate::course::Course;
use crate::plan_clock::PlanClock;
use crate::turn::Pool;

/// What can be turned, and what has been.
#[derive(Debug, Default)]
pub(crate) struct Helm {
    touched: AtomicBool,
    wheel: RwLock<Wheel>,
    turned: Notify,
}

/// What is in force instead of the plan.
#[derive(Debug, Default)]
pub(crate) struct Wheel {
    /// Which moment of the plan is in force.
    pub(crate) clock: PlanClock,
    /// The routes that were rewritten.
    pub(crate) routes: BTreeMap<RouteId, Rewritten>,
}

/// A route that behaves otherwise than planned.
#[derive(Debug)]
pub(crate) struct Rewritten {
    /// What was laid over its behaviour, in all segments.
    pub(crate) over: Behaviour,
    /// Since when.
    pub(crate) since: Offset,
    /// What it does in each segment of the plan.
    pub(crate) column: Vec<Course>,
    /// Its workers, where these were changed too.
    pub(crate) pool: Option<Arc<Pool>>,
}

impl Wheel {
    fn is_as_planned(&self) -> bool {
        self.routes.is_empty() && self.clock == PlanClock::default()
    }
}

impl Helm {
    /// What is in force instead of the plan, kept as it is while this is held; none where all is as planned.
    pub(crate) fn wheel(&self) -> Option<RwLockReadGuard<'_, Wheel>> {
        self.touched
            .load(Ordering::Acquire)
            .then(|| self.wheel.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plan's clock as it stands.
    pub(crate) fn clock(&self) -> PlanClock {
        self.wheel().map(|wheel| wheel.clock).unwrap_or_default()
    }

    /// Turns the wheel, and tells since when that is in force: whatever has a later time met it, whatever has an earlier
    /// one did not.
    pub(crate) fn turn(&self, clock: &dyn Clock, change: impl FnOnce(&mut Wheel, Offset)) -> Offset {
        let mut wheel = self.wheel.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever finds the flag set waits for the lock, and reads the time again when it has it.
        self.touched.store(true, Ordering::Release);
        let at = clock.now();
        change(&mut wheel, at);
        self.touched.store(!wheel.is_as_planned(), Ordering::Release);
        drop(wheel);
        self.turned.notify_waiters();
        at
    }

    /// Completes when the wheel is turned after this was called.
    pub(crate) fn turned(&self) -> Notified<'_> {
        self.turned.notified()
    }
}
