//! A clock that is moved by hand, or to the next wake-up.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use upstorm_model::Offset;

use crate::{Alarm, Clock};

/// A clock that stands still until it is moved. It begins at zero.
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    now: Offset,
    due: BTreeMap<(Offset, u64), Waker>,
    sequence: u64,
}

impl ManualClock {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves to this time, ringing everything due by then in order; it never moves back.
    pub fn advance_to(&self, to: Offset) {
        while let Some(at) = self.next_alarm().filter(|at| *at <= to) {
            self.ring(at);
        }
        let mut state = self.lock();
        state.now = state.now.max(to);
    }

    /// Moves on by this long: see [`ManualClock::advance_to`].
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now() + by);
    }

    /// Moves to the next wake-up and rings those due then; false if there is none.
    pub fn advance_to_next(&self) -> bool {
        let next = self.next_alarm();
        if let Some(at) = next {
            self.ring(at);
        }
        next.is_some()
    }

    /// Shows zero from now on.
    pub(super) fn begin(&self) {
        self.lock().now = Offset::ZERO;
    }

    /// When the next wake-up is due.
    #[must_use]
    pub fn next_alarm(&self) -> Option<Offset> {
        self.lock().due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Moves to a time and rings what is due then and no more.
    fn ring(&self, at: Offset) {
        let ringing = {
            let mut state = self.lock();
            state.now = state.now.max(at);
            let later = state.due.split_off(&(at + Duration::from_nanos(1), 0));
            std::mem::replace(&mut state.due, later)
        };
        ringing.into_values().for_each(Waker::wake);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Offset {
        self.lock().now
    }

    fn wake_at(&self, at: Offset, waker: Waker) -> Alarm {
        let mut state = self.lock();
        let sequence = state.sequence;
        state.sequence += 1;
        state.due.insert((at, sequence), waker);
        Alarm { at, sequence }
    }

    fn cancel(&self, alarm: Alarm) {
        let _waker = self.lock().due.remove(&(alarm.at, alarm.sequence));
    }
}
