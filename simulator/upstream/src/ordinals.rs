//! Ordinals: which attempt of its call this is at this route, counted by arrival.
//!
//! Fate is keyed by (call, ordinal), so a retry meets a draw of its own. What is remembered is bounded: a call that
//! has not been seen for a minute is forgotten, and the oldest go first when too many are remembered. A caller that
//! reuses an id after that begins at 1 again.

use std::collections::{BTreeMap, VecDeque};

use upstorm_model::{Offset, RouteId};

/// A call that has not been seen for this long is forgotten; in milliseconds.
const IDLE: u32 = 60_000;
/// More calls are not remembered at a route: some 6 MB, and 26 s of calls at 5,000 a second.
const CALLS: usize = 131_072;

/// How many attempts of each call each route has seen.
#[derive(Debug)]
pub(crate) struct Ordinals {
    routes: BTreeMap<RouteId, Calls>,
    most: usize,
}

/// The calls that one route remembers.
#[derive(Debug, Default)]
struct Calls {
    seen: BTreeMap<u64, Seen>,
    /// Every remembered call once; one that was seen again after it was queued goes to the back when its turn comes.
    queue: VecDeque<u64>,
}

/// A call. There are many, so this is small: the time is in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Seen {
    count: u32,
    last: u32,
    /// Since it was queued.
    again: bool,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self { routes: BTreeMap::new(), most: CALLS }
    }
}

impl Ordinals {
    /// Counts an attempt: its ordinal, from 1.
    pub(crate) fn count(&mut self, route: RouteId, call: u64, now: Offset) -> u32 {
        let now = u32::try_from(now.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.routes.entry(route).or_default().count(call, now, self.most)
    }
}

impl Calls {
    fn count(&mut self, call: u64, now: u32, most: usize) -> u32 {
        let idle = |seen: Seen| now.saturating_sub(seen.last) > IDLE;
        // Two at a time, so that the queue shrinks faster than it grows.
        let _ = self.turn(idle) && self.turn(idle);
        if let Some(seen) = self.seen.get_mut(&call) {
            *seen = Seen { count: seen.count.saturating_add(1), last: seen.last.max(now), again: true };
            return seen.count;
        }
        // Each turn forgets one or takes one's mark away, so this ends within two rounds.
        while self.seen.len() >= most && self.turn(|seen| !seen.again) {}
        self.seen.insert(call, Seen { count: 1, last: now, again: false });
        self.queue.push_back(call);
        1
    }

    /// Takes the front of the queue: it is forgotten if it may be, and goes to the back if it was seen again since it
    /// was queued. False when it stays.
    fn turn(&mut self, forget: impl FnOnce(Seen) -> bool) -> bool {
        let Some(front) = self.queue.front().copied() else { return false };
        let Some(seen) = self.seen.get_mut(&front) else { return false };
        let (forgotten, again) = (forget(*seen), std::mem::take(&mut seen.again));
        if forgotten {
            self.seen.remove(&front);
        }
        if forgotten || again {
            self.queue.pop_front();
        }
        if again && !forgotten {
            self.queue.push_back(front);
        }
        forgotten || again
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        let seen = &ordinals.routes[&R].seen;
        assert!(seen.len() < 1000 && !seen.contains_key(&2));
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

    proptest! {
        #[test]
        fn memory_is_bounded_and_counts_agree_with_a_plain_map(calls in prop::collection::vec(0_u64..40, 1..400)) {
            let mut small = Ordinals { most: 8, ..Ordinals::default() };
            let mut large = Ordinals::default();
            let mut model: BTreeMap<u64, u32> = BTreeMap::new();
            for (step, call) in calls.into_iter().enumerate() {
                small.count(R, call, at(step as u64 / 20));
                let expected = *model.entry(call).and_modify(|n| *n += 1).or_insert(1);
                prop_assert_eq!(large.count(R, call, at(step as u64 / 20)), expected);
                let calls = &small.routes[&R];
                prop_assert!(calls.seen.len() <= 8 && calls.queue.len() == calls.seen.len());
            }
        }
    }
}
