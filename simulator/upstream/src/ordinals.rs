//! Ordinals: which attempt of its call this is at this route, counted by arrival.
//!
//! Fate is keyed by (call, ordinal), so a retry meets a draw of its own. What is remembered is bounded: a call that
//! has not been seen for a minute is forgotten, and the oldest go first when too many are remembered. A caller that
//! reuses an id after that begins at 1 again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use upstorm_model::{Offset, RouteId};

/// A call that has not been seen for this long is forgotten.
const IDLE: Duration = Duration::from_secs(60);
/// More calls are not remembered.
const CALLS: usize = 200_000;

type Key = (RouteId, u64);

/// How many attempts of each call each route has seen.
#[derive(Debug)]
pub(crate) struct Ordinals {
    seen: BTreeMap<Key, Seen>,
    /// Every remembered call once, roughly by when it was last seen: one that was seen again after it was queued
    /// goes to the back when its turn comes.
    queue: VecDeque<(Offset, Key)>,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    count: u32,
    last: Offset,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self { seen: BTreeMap::new(), queue: VecDeque::new(), most: CALLS }
    }
}

impl Ordinals {
    /// Counts an attempt: its ordinal, from 1.
    pub(crate) fn count(&mut self, route: RouteId, call: u64, now: Offset) -> u32 {
        let key = (route, call);
        self.forget_idle(now);
        if let Some(seen) = self.seen.get_mut(&key) {
            seen.count = seen.count.saturating_add(1);
            seen.last = seen.last.max(now);
            return seen.count;
        }
        while self.seen.len() >= self.most && self.forget_oldest() {}
        self.seen.insert(key, Seen { count: 1, last: now });
        self.queue.push_back((now, key));
        1
    }

    /// Forgets from the front of the queue what was last seen too long ago; looks at two, so that the queue shrinks
    /// faster than it grows.
    fn forget_idle(&mut self, now: Offset) {
        for _ in 0..2 {
            match self.queue.front() {
                Some((queued, _)) if now.since(*queued) > IDLE => self.turn(|last| now.since(last) > IDLE),
                _ => return,
            };
        }
    }

    /// Forgets the first in the queue that was not seen again since it was queued. False when nothing is left.
    fn forget_oldest(&mut self) -> bool {
        // Each turn either forgets one or queues it by a later time, so this ends within one round.
        for _ in 0..=self.queue.len() {
            let Some((queued, _)) = self.queue.front() else { return false };
            let queued = *queued;
            if self.turn(|last| last <= queued) {
                return true;
            }
        }
        self.turn(|_| true)
    }

    /// Takes the front of the queue, and forgets it or queues it again. True when it was forgotten.
    fn turn(&mut self, forget: impl FnOnce(Offset) -> bool) -> bool {
        let Some((_, key)) = self.queue.pop_front() else { return false };
        let Some(last) = self.seen.get(&key).map(|seen| seen.last) else { return false };
        if forget(last) {
            self.seen.remove(&key);
            return true;
        }
        self.queue.push_back((last, key));
        false
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
        assert!(ordinals.seen.len() < 1000 && !ordinals.seen.contains_key(&(R, 2)));
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
                prop_assert!(small.seen.len() <= 8 && small.queue.len() == small.seen.len());
            }
        }
    }
}
