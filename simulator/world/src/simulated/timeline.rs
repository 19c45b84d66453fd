//! Virtual time: a number that stands still until the next event is taken, and the queue of events.
//!
//! Events are ordered by when they are due, to the nanosecond, and those of the same time by when they were set, so
//! that a run's order follows from the run alone. Time is counted from the making of the world; offsets, which hosts
//! see, from the beginning of the run. So a packet under way while the run begins still arrives when it
//! would have. When time moves is left to `drive`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Add;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use upstorm_model::Offset;

use crate::{Alarm, Clock};

/// Nanoseconds since the world was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) u64);

impl Moment {
    /// How long after `earlier` this is; zero if it is not after.
    pub(super) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;
    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(later.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// What an event does to the network.
pub(super) trait Happening: Send + Sync {
    /// The event takes place; `which` is what was said when it was set.
    fn happen(self: Arc<Self>, which: usize);
}

/// What is due at some time.
enum Event {
    /// Somebody sleeps until then.
    Wake(Waker),
    /// Something happens in the network.
    Happening(Arc<dyn Happening>, usize),
}

/// A world's time and its events.
#[derive(Default)]
pub(super) struct Timeline {
    now: AtomicU64,
    /// When the run began.
    zero: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    due: BTreeMap<(Moment, u64), Event>,
    sequence: u64,
}

impl Queue {
    fn insert(&mut self, at: Moment, event: Event) -> u64 {
        let sequence = self.sequence;
        self.sequence += 1;
        self.due.insert((at, sequence), event);
        sequence
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").field("now", &self.now).field("zero", &self.zero).finish_non_exhaustive()
    }
}

impl Timeline {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present.
    pub(super) fn moment(&self) -> Moment {
        Moment(self.now.load(Ordering::Relaxed))
    }

    /// Moves time on to this moment; events due by then are still to be taken.
    pub(super) fn move_to(&self, moment: Moment) {
        self.now.store(moment.0, Ordering::Relaxed);
    }

    /// The moment of an offset.
    pub(super) fn moment_of(&self, offset: Offset) -> Moment {
        Moment(self.zero.load(Ordering::Relaxed).saturating_add(offset.as_nanos()))
    }

    /// The offset of a moment.
    pub(super) fn offset_of(&self, moment: Moment) -> Offset {
        Offset::from_nanos(moment.0.saturating_sub(self.zero.load(Ordering::Relaxed)))
    }

    /// The run begins now. Sleepers keep the offset that they were told; the network keeps its moments.
    pub(super) fn begin(&self) {
        let mut queue = self.lock();
        let now = self.moment();
        let spent = now.since(Moment(self.zero.swap(now.0, Ordering::Relaxed)));
        let due = std::mem::take(&mut queue.due);
        let moved = due.into_iter().map(|((at, sequence), event)| match event {
            Event::Wake(_) => ((at + spent, sequence), event),
            Event::Happening(..) => ((at, sequence), event),
        });
        queue.due = moved.collect();
    }

    /// Something is going to happen in the network.
    pub(super) fn plan(&self, at: Moment, what: Arc<dyn Happening>, which: usize) {
        self.lock().insert(at, Event::Happening(what, which));
    }

    /// Nothing happens any more.
    pub(super) fn forget(&self) {
        // Dropped when the lock is free, for what goes with an event may plan another.
        let due = std::mem::take(&mut self.lock().due);
        drop(due);
    }

    /// When the next event is due.
    pub(super) fn next(&self) -> Option<Moment> {
        self.lock().due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes every event that is due by now, in order, together with what they cause at the same time.
    pub(super) fn take_due(&self) {
        let now = self.moment();
        loop {
            let event = {
                let mut queue = self.lock();
                match queue.due.first_entry() {
                    Some(first) if first.key().0 <= now => first.remove(),
                    _ => return,
                }
            };
            match event {
                Event::Wake(waker) => waker.wake(),
                Event::Happening(what, which) => what.happen(which),
            }
        }
    }
}

impl Clock for Timeline {
    fn now(&self) -> Offset {
        self.offset_of(self.moment())
    }

    fn wake_at(&self, at: Offset, waker: Waker) -> Alarm {
        let at = self.moment_of(at).max(self.moment());
        let sequence = self.lock().insert(at, Event::Wake(waker));
        Alarm { at: self.offset_of(at), sequence }
    }

    fn cancel(&self, alarm: Alarm) {
        let key = (self.moment_of(alarm.at), alarm.sequence);
        // Dropped after the lock is released: dropping a waker may free a task, and with it other alarms.
        let _event = self.lock().due.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Wake;

    /// Notes its number when it is woken or happens.
    struct Note(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Note {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    impl Happening for Note {
        fn happen(self: Arc<Self>, which: usize) {
            self.1.lock().unwrap().push(self.0 + which);
        }
    }

    #[test]
    fn the_beginning_moves_sleepers_but_not_the_network() {
        let (timeline, seen) = (Timeline::default(), Arc::<Mutex<Vec<usize>>>::default());
        let note = |n| Arc::new(Note(n, Arc::clone(&seen)));
        timeline.move_to(Moment(100));
        timeline.wake_at(Offset::from_nanos(150), note(1).into());
        let cancelled = timeline.wake_at(Offset::from_nanos(160), note(2).into());
        timeline.plan(Moment(170), note(30), 3);
        timeline.begin();
        assert_eq!(timeline.now(), Offset::ZERO);
        timeline.cancel(cancelled);
        timeline.cancel(cancelled);
        assert_eq!(timeline.next(), Some(Moment(170)));
        timeline.move_to(Moment(249));
        timeline.take_due();
        assert_eq!(*seen.lock().unwrap(), [33]);
        timeline.move_to(Moment(250));
        timeline.take_due();
        assert_eq!(
            (seen.lock().unwrap().as_slice(), timeline.now()),
            (&[33, 1][..], Offset::from_nanos(150))
        );
        assert_eq!(timeline.next(), None);
    }

    #[test]
    fn what_is_due_at_one_time_takes_place_in_the_order_it_was_set() {
        let (timeline, seen) = (Timeline::default(), Arc::<Mutex<Vec<usize>>>::default());
        let note = |n| Arc::new(Note(n, Arc::clone(&seen)));
        timeline.move_to(Moment(100));
        timeline.wake_at(Offset::from_nanos(100), note(1).into());
        timeline.plan(Moment(100), note(2), 0);
        // For a time that has passed: now, after what was set before.
        let late = timeline.wake_at(Offset::from_nanos(7), note(3).into());
        assert_eq!(late.at, Offset::from_nanos(100));
        timeline.take_due();
        assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
    }
}
