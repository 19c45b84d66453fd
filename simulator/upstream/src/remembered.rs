//! A bounded memory of calls: something is kept for each that was seen lately.
//!
//! A caller may go on for days, and what an upstream keeps for each call must not. A call that has not been seen for a
//! minute is forgotten, and the oldest go first when too many are remembered. A caller that reuses an id after that is
//! met as if it were new.

use std::collections::{BTreeMap, VecDeque};

use upstorm_model::Offset;

/// A call that has not been seen for this long is forgotten; in milliseconds.
const IDLE: u32 = 60_000;
/// More calls are not remembered: some 6 MB, and 26 s of calls at 5,000 a second.
pub(crate) const CALLS: usize = 131_072;

/// What is kept for each call.
#[derive(Debug)]
pub(crate) struct Remembered<T> {
    seen: BTreeMap<u64, Entry<T>>,
    /// Every remembered call once; one that was seen again after it was queued goes to the back when its turn comes.
    queue: VecDeque<u64>,
    most: usize,
}

/// A call. There are many, so this is small: the time is in milliseconds.
#[derive(Debug)]
struct Entry<T> {
    kept: T,
    last: u32,
    /// Since it was queued.
    again: bool,
}

impl<T: Default> Remembered<T> {
    /// Nothing yet, and never more than this.
    pub(crate) const fn new(most: usize) -> Self {
        Self { seen: BTreeMap::new(), queue: VecDeque::new(), most }
    }

    /// What is kept for a call that is seen now; its default for one that is new.
    pub(crate) fn of(&mut self, call: u64, now: Offset) -> &mut T {
        let now = u32::try_from(now.elapsed().as_millis()).unwrap_or(u32::MAX);
        let idle = |entry: &Entry<T>| now.saturating_sub(entry.last) > IDLE;
        // Two at a time, so that the queue shrinks faster than it grows.
        let _ = self.turn(idle) && self.turn(idle);
        if !self.seen.contains_key(&call) {
            // Each turn forgets one or takes one's mark away, so this ends within two rounds.
            while self.seen.len() >= self.most && self.turn(|entry| !entry.again) {}
            self.queue.push_back(call);
        }
        let known = |entry: &mut Entry<T>| (entry.last, entry.again) = (entry.last.max(now), true);
        let new = || Entry { kept: T::default(), last: now, again: false };
        &mut self.seen.entry(call).and_modify(known).or_insert_with(new).kept
    }

    /// Takes the front of the queue: it is forgotten if it may be, and goes to the back if it was seen again since it
    /// was queued. False when it stays.
    fn turn(&mut self, forget: impl FnOnce(&Entry<T>) -> bool) -> bool {
        let Some(front) = self.queue.front().copied() else { return false };
        let Some(seen) = self.seen.get_mut(&front) else { return false };
        let (forgotten, again) = (forget(seen), std::mem::take(&mut seen.again));
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

    /// How many calls are remembered, and how long the queue is.
    #[cfg(test)]
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.seen.len(), self.queue.len())
    }

    /// Whether a call is remembered.
    #[cfg(test)]
    pub(crate) fn knows(&self, call: u64) -> bool {
        self.seen.contains_key(&call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn memory_is_bounded_and_agrees_with_a_plain_map(calls in prop::collection::vec(0_u64..40, 1..400)) {
            let mut small = Remembered::<u32>::new(8);
            let mut large = Remembered::<u32>::new(CALLS);
            let mut model: BTreeMap<u64, u32> = BTreeMap::new();
            for (step, call) in calls.into_iter().enumerate() {
                let now = Offset::from_millis(step as u64 * 50);
                *small.of(call, now) += 1;
                *large.of(call, now) += 1;
                let expected = *model.entry(call).and_modify(|n| *n += 1).or_insert(1);
                prop_assert_eq!(*large.of(call, now), expected);
                let (seen, queued) = small.sizes();
                prop_assert!(seen <= 8 && queued == seen);
            }
        }
    }
}
