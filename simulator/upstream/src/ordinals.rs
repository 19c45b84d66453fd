//! Ordinals: which attempt of its call this is at this route, counted by arrival.
//!
//! Fate is keyed by (call, ordinal), so a retry meets a draw of its own. What is remembered is bounded: a caller that
//! reuses an id after it was forgotten begins at 1 again.

use std::collections::BTreeMap;

use upstorm_model::{Offset, RouteId};

use crate::remembered::{CALLS, Remembered};

/// How many attempts of each call each route has seen.
#[derive(Debug)]
pub(crate) struct Ordinals {
    routes: BTreeMap<RouteId, Remembered<u32>>,
    most: usize,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self { routes: BTreeMap::new(), most: CALLS }
    }
}

impl Ordinals {
    /// Counts an attempt: its ordinal, from 1.
    pub(crate) fn count(&mut self, route: RouteId, call: u64, now: Offset) -> u32 {
        let count = self.routes.entry(route).or_insert_with(|| Remembered::new(self.most)).of(call, now);
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const R: RouteId = RouteId(0);

    fn at(secs: u64) -> Offset {
        Offset::from_millis(secs * 1000)
    }

    #[test]
    fn attempts_of_a_call_are_counted_by_route() {
        let mut ordinals = Ordinals::default();
        let counted: Vec<u32> = [7, 8, 7, 7].iter().map(|call| ordinals.count(R, *call, at(0))).collect();
        assert_eq!(counted, [1, 1, 2, 3]);
        assert_eq!(ordinals.count(RouteId(1), 7, at(0)), 1);
    }

    #[test]
    fn an_idle_call_is_forgotten_and_a_busy_one_is_not() {
        let mut ordinals = Ordinals::default();
        ordinals.count(R, 1, at(0));
        ordinals.count(R, 2, at(0));
        ordinals.count(R, 2, at(50));
        assert_eq!(ordinals.count(R, 2, at(100)), 3);
        assert_eq!(ordinals.count(R, 1, at(100)), 1);
        (3..1000).for_each(|call| assert_eq!(ordinals.count(R, call, at(200)), 1));
        let calls = &ordinals.routes[&R];
        assert!(calls.sizes().0 < 1000 && !calls.knows(2));
    }

    #[test]
    fn the_oldest_go_first_when_there_are_too_many() {
        let mut ordinals = Ordinals { most: 3, ..Ordinals::default() };
        (1..=3).for_each(|call| assert_eq!(ordinals.count(R, call, at(call)), 1));
        ordinals.count(R, 1, at(4));
        ordinals.count(R, 9, at(5));
        assert_eq!(ordinals.count(R, 1, at(6)), 3, "seen lately");
        assert_eq!(ordinals.count(R, 2, at(6)), 1, "the oldest was forgotten");
    }
}
