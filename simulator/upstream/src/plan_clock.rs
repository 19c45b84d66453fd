//! The plan's clock: which moment of the plan is in force at a time of the run.
//!
//! It shows the time of the run itself until somebody jumps to another phase by hand. From then on it runs on from
//! there, as fast as before, or stands still at the last moment of the phase that it is to be held in. Pure, so that
//! whoever follows the plan (routes, connects, workers) reads one and the same hand.

use std::time::Duration;

use upstorm_model::Offset;

/// How the time of the run is turned into time of the plan, from `since` on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanClock {
    since: Offset,
    shows: Offset,
    end: Option<Offset>,
}

impl PlanClock {
    /// One that shows `shows` at `since` and runs on; where it has an end, it stands still just before that.
    #[must_use]
    pub const fn set(since: Offset, shows: Offset, end: Option<Offset>) -> Self {
        Self { since, shows, end }
    }

    /// The time of the plan at this time of the run.
    #[must_use]
    pub fn plan_at(self, run: Offset) -> Offset {
        let shown = self.shows + run.since(self.since);
        self.end.map_or(shown, |end| shown.min(end - Duration::from_nanos(1)))
    }

    /// The time of the run at which this time of the plan comes; none where it never does, or is over already when the
    /// clock is set.
    #[must_use]
    pub fn run_at(self, plan: Offset) -> Option<Offset> {
        let comes = plan >= self.shows && self.end.is_none_or(|end| plan < end);
        comes.then(|| self.since + plan.since(self.shows))
    }

    /// True where it will stand still, or does.
    #[must_use]
    pub const fn is_held(self) -> bool {
        self.end.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Offset {
        Offset::from_millis(ms)
    }

    #[test]
    fn untouched_it_shows_the_time_of_the_run() {
        let clock = PlanClock::default();
        assert_eq!((clock.plan_at(at(7)), clock.run_at(at(7))), (at(7), Some(at(7))));
        assert!(!clock.is_held());
    }

    #[test]
    fn after_a_jump_it_runs_on_from_there() {
        let ahead = PlanClock::set(at(100), at(5000), None);
        assert_eq!((ahead.plan_at(at(100)), ahead.plan_at(at(350))), (at(5000), at(5250)));
        assert_eq!((ahead.run_at(at(5250)), ahead.run_at(at(4999))), (Some(at(350)), None));
        let back = PlanClock::set(at(9000), at(1000), None);
        assert_eq!((back.plan_at(at(9500)), back.run_at(at(2000))), (at(1500), Some(at(10_000))));
    }

    #[test]
    fn held_it_never_leaves_its_phase() {
        let held = PlanClock::set(at(100), at(5000), Some(at(6000)));
        assert_eq!(held.plan_at(at(600)), at(5500));
        assert!(held.plan_at(at(100_000)) < at(6000) && held.is_held());
        assert_eq!((held.run_at(at(5900)), held.run_at(at(6000))), (Some(at(1000)), None));
    }
}
