//! Cohorts: requests that are gathered until there are enough of them, as a pure machine that is told the time.
//!
//! What a caller does after a failure shows only where many callers fail at one instant; the model's `hold` says why.
//! This decides who belongs together and when all of them are let go; who waits for that, and how, is told by those
//! who come, are ready and leave.
//!
//! | state of a cohort | event | next |
//! |---|---|---|
//! | none, or the last one is full or gone, and another may be | join | gathering, until `within` after this |
//! | gathering | join | one more; with the last that is asked for: full |
//! | gathering | one leaves | one fewer; without anybody left it is as if it had never begun |
//! | full | one leaves | one fewer, and nobody takes its place |
//! | full | all who are there are ready | let go |
//! | gathering, full | its time is over | let go |
//! | any | the behaviour changes | those who are held go on; who comes now begins anew |

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::Offset;

/// What is asked of a cohort.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// How many belong to it.
    pub(crate) calls: u32,
    /// How long the first of them waits at most.
    pub(crate) within: Duration,
    /// True where another follows each.
    pub(crate) again: bool,
}

/// The cohorts of one route.
#[derive(Debug, Default)]
pub(crate) struct Cohorts {
    /// When the behaviour began that the newest one was gathered for.
    since: Option<Offset>,
    /// The one that is being gathered.
    gathering: Option<u32>,
    /// True where one was full, or its time was over, since then.
    had: bool,
    /// Those who wait, by the number of their cohort.
    there: BTreeMap<u32, Cohort>,
    next: u32,
}

#[derive(Debug, Default)]
struct Cohort {
    members: u32,
    ready: u32,
    full: bool,
    due: Offset,
}

impl Cohorts {
    /// Somebody comes who meets a behaviour that began `since`: the number of its cohort, and when that is let go at the
    /// latest; none where nobody is gathered any more.
    pub(crate) fn join(&mut self, now: Offset, since: Offset, wanted: Wanted) -> Option<(u32, Offset)> {
        if self.since != Some(since) {
            (self.since, self.gathering, self.had) = (Some(since), None, false);
        }
        // A timer may be late. Who comes after the time is over is not of that cohort.
        let over = |number: &u32| self.there.get(number).is_none_or(|cohort| cohort.due <= now);
        if self.gathering.as_ref().is_some_and(over) {
            (self.gathering, self.had) = (None, true);
        }
        let number = match self.gathering {
            Some(number) => number,
            None if self.had && !wanted.again => return None,
            None => self.begin(now + wanted.within),
        };
        let cohort = self.there.get_mut(&number)?;
        cohort.members += 1;
        if cohort.members >= wanted.calls {
            cohort.full = true;
            (self.gathering, self.had) = (None, true);
        }
        Some((number, cohort.due))
    }

    fn begin(&mut self, due: Offset) -> u32 {
        let number = self.next;
        self.next = number.wrapping_add(1);
        self.there.insert(number, Cohort { due, ..Cohort::default() });
        self.gathering = Some(number);
        number
    }

    /// The answer to one of a cohort could be sent now. True where all are to be let go upon it.
    pub(crate) fn ready(&mut self, number: u32) -> bool {
        self.there.get_mut(&number).is_some_and(|cohort| {
            cohort.ready += 1;
            cohort.is_complete()
        })
    }

    /// One of a cohort leaves, who was ready or not. True where the others are to be let go upon it.
    pub(crate) fn leave(&mut self, number: u32, was_ready: bool) -> bool {
        let Some(cohort) = self.there.get_mut(&number) else { return false };
        cohort.members = cohort.members.saturating_sub(1);
        cohort.ready = cohort.ready.saturating_sub(u32::from(was_ready));
        if cohort.members > 0 {
            return cohort.is_complete();
        }
        self.there.remove(&number);
        if self.gathering == Some(number) {
            self.gathering = None;
        }
        false
    }

    /// A cohort is let go.
    pub(crate) fn let_go(&mut self, number: u32) {
        self.there.remove(&number);
        if self.gathering == Some(number) {
            (self.gathering, self.had) = (None, true);
        }
    }

    /// How many wait in all cohorts.
    pub(crate) fn load(&self) -> u64 {
        self.there.values().map(|cohort| u64::from(cohort.members)).sum()
    }
}

impl Cohort {
    const fn is_complete(&self) -> bool {
        self.full && self.ready >= self.members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Wanted = Wanted { calls: 3, within: Duration::from_millis(100), again: false };
    const AGAIN: Wanted = Wanted { again: true, ..THREE };

    fn at(ms: u64) -> Offset {
        Offset::from_millis(ms)
    }

    /// Joins at this millisecond, in a behaviour that has been there from the beginning.
    fn join(cohorts: &mut Cohorts, ms: u64, wanted: Wanted) -> Option<(u32, Offset)> {
        cohorts.join(at(ms), Offset::ZERO, wanted)
    }

    #[test]
    fn the_last_who_is_ready_lets_all_go_and_nobody_follows() {
        let mut cohorts = Cohorts::default();
        for ms in [0, 10, 20] {
            assert_eq!(join(&mut cohorts, ms, THREE), Some((0, at(100))));
        }
        assert_eq!(join(&mut cohorts, 21, THREE), None, "one cohort is enough");
        assert_eq!([0, 1, 2].map(|_| cohorts.ready(0)), [false, false, true]);
        cohorts.let_go(0);
        assert_eq!(join(&mut cohorts, 30, THREE), None);
        assert_eq!(cohorts.load(), 0);
    }

    #[test]
    fn another_follows_where_it_is_asked_for() {
        let mut cohorts = Cohorts::default();
        let numbers = [0, 1, 2, 3, 4, 5, 6].map(|ms| join(&mut cohorts, ms, AGAIN).unwrap());
        let due = [at(100), at(103), at(106)];
        assert_eq!(numbers.map(|(number, _)| number), [0, 0, 0, 1, 1, 1, 2]);
        assert!(numbers.iter().all(|(number, until)| *until == due[*number as usize]));
    }

    #[test]
    fn who_leaves_makes_room_until_it_is_full() {
        let mut cohorts = Cohorts::default();
        join(&mut cohorts, 0, THREE);
        join(&mut cohorts, 1, THREE);
        assert!(!cohorts.ready(0) && !cohorts.leave(0, true));
        join(&mut cohorts, 2, THREE);
        assert_eq!(cohorts.load(), 2);
        assert_eq!(join(&mut cohorts, 3, THREE), Some((0, at(100))));
        assert!(!cohorts.ready(0) && !cohorts.ready(0));
        assert!(cohorts.leave(0, false), "those who are left are ready");
    }

    #[test]
    fn whom_all_have_left_has_never_begun() {
        let mut cohorts = Cohorts::default();
        join(&mut cohorts, 0, THREE);
        assert!(!cohorts.leave(0, false));
        assert_eq!(join(&mut cohorts, 50, THREE), Some((1, at(150))));
    }

    #[test]
    fn time_ends_a_cohort_however_late_the_timer() {
        let mut cohorts = Cohorts::default();
        join(&mut cohorts, 0, AGAIN);
        assert_eq!(join(&mut cohorts, 100, AGAIN), Some((1, at(200))), "the timer has not rung yet");
        cohorts.let_go(0);
        assert_eq!(cohorts.load(), 1);
        let mut once = Cohorts::default();
        join(&mut once, 0, THREE);
        once.let_go(0);
        assert_eq!(join(&mut once, 5, THREE), None);
    }

    #[test]
    fn another_behaviour_begins_anew() {
        let mut cohorts = Cohorts::default();
        join(&mut cohorts, 0, THREE);
        assert_eq!(cohorts.join(at(50), at(40), THREE), Some((1, at(150))));
        assert_eq!(cohorts.load(), 2, "who is held goes on being held");
    }
}
