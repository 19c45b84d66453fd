//! The breaker's state machine (Nygard, Release It!, ch. 5; the settings are those of resilience4j and Polly).
//!
//! | state | event | condition | effect |
//! |---|---|---|---|
//! | Closed | admit | | admitted |
//! | Closed | result | the window, at least `min_calls`, trips on failures or slow calls; or `failures` in a row | → Open |
//! | Closed | good result | `evaluate = "failure"` | counted, but the window is not looked at |
//! | Open | time | `open_for` is over, `half_opens = "timer"` | → HalfOpen, as of then |
//! | Open | admit | `open_for` is over | → HalfOpen, admitted as a probe |
//! | Open | admit | otherwise | refused |
//! | HalfOpen | admit | probes out + results < `half_open_permits`; or `half_open_unlimited` (the defect) | admitted as a probe |
//! | HalfOpen | admit | otherwise | refused |
//! | HalfOpen | failure | `half_open_decides = "first-failure"` | → Open |
//! | HalfOpen | result | the last of `half_open_permits` | → Open, if the slow ones or (`"rate"`) the failures among them trip; else → Closed |
//! | HalfOpen | caller left | | the permit comes back, nothing is counted |
//! | HalfOpen | probe without answer | `half_open_leak` | nothing: its permit is gone (the defect) |
//! | HalfOpen | a probe is out for `half_open_max_wait` | not 0 | → Open, as of then |
//! | any | result of an older state | `late_results` | ignored, or counted as a result of the state of now |
//! | any | refused | `rejected = "count"` | a call that did not fail enters the window |
//!
//! A state is left by time only when somebody asks; what time did is then dated when it happened, so the machine is the
//! same however often it is asked. Entering Closed begins with an empty window; with `on_close = "keep"` the window is
//! never emptied, and results and refusals of every state are in it. With `window_slides = false` (the defect) nothing
//! leaves it until it is emptied. What is no failure by `failure` counts as a success. Which response or error is which
//! ending is left to [`Ending`].

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{
    self, BreakerKind, HalfOpenDecides, HalfOpens, LateResults, OnClose, RejectedCalls,
};

use super::results::{Results, Tally};
use crate::{Ending, PolicyEvent};

/// A circuit breaker.
#[derive(Debug, Clone)]
pub struct Breaker {
    settings: policy::Breaker,
    state: State,
    results: Results,
    /// Grows with every change of state, so that results of older states are told apart.
    generation: u64,
    next: u64,
}

#[derive(Debug, Clone)]
enum State {
    Closed,
    Open {
        until: Offset,
    },
    HalfOpen {
        /// Probes without result, by number, with the time each is given up.
        out: BTreeMap<u64, Offset>,
        /// The results so far.
        seen: Tally,
    },
}

/// The state of a breaker, without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Passes everything.
    Closed,
    /// Rejects everything.
    Open,
    /// Lets probes through.
    HalfOpen,
}

impl BreakerState {
    /// The event of entering this state.
    #[must_use]
    pub const fn event(self) -> PolicyEvent {
        match self {
            Self::Closed => PolicyEvent::BreakerClosed,
            Self::Open => PolicyEvent::BreakerOpened,
            Self::HalfOpen => PolicyEvent::BreakerHalfOpened,
        }
    }
}

/// A change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When it happened, which may be before it was noticed.
    pub at: Offset,
    /// The state entered.
    pub to: BreakerState,
}

/// Leave to make one attempt. Give it back with [`Breaker::settle`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a probe's permit only comes back when it is settled"]
pub struct Admission {
    generation: u64,
    number: u64,
    at: Offset,
}

/// No leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Until the breaker may let a probe through; zero where only the outstanding probes decide that.
    pub retry_after: Duration,
}

impl Breaker {
    /// A closed breaker with these settings. Of kind `off`, it always stays so.
    #[must_use]
    pub fn new(settings: &policy::Breaker) -> Self {
        let results = Results::new(settings);
        Self { settings: settings.clone(), state: State::Closed, results, generation: 0, next: 0 }
    }

    /// Its state, as of the last time it was asked or told something.
    #[must_use]
    pub const fn state(&self) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Probes without result; zero unless half open.
    #[must_use]
    pub fn probes_out(&self) -> usize {
        match &self.state {
            State::HalfOpen { out, .. } => out.len(),
            State::Closed | State::Open { .. } => 0,
        }
    }

    /// Asks for leave to make an attempt now. With it come the changes of state, oldest first.
    pub fn admit(&mut self, now: Offset) -> (Result<Admission, Refused>, Vec<Change>) {
        let mut changes = Vec::new();
        self.pass_time(now, &mut changes);
        if let State::Open { until } = self.state
            && until <= now
        {
            self.enter(half_open(), now, &mut changes);
        }
        let admitted = self.let_through(now);
        if admitted.is_err() && self.settings.rejected == RejectedCalls::Count {
            self.results.push(now, Tally::of(false, false), &self.settings);
        }
        (admitted, changes)
    }

    /// Asks the state of now.
    fn let_through(&mut self, now: Offset) -> Result<Admission, Refused> {
        let number = self.next;
        match &mut self.state {
            State::Closed => {}
            State::Open { until } => return Err(Refused { retry_after: until.since(now) }),
            State::HalfOpen { out, seen } => {
                let permits = u64::from(self.settings.half_open_permits.max(1));
                if out.len() as u64 + seen.calls >= permits && !self.settings.half_open_unlimited {
                    let first = out.values().next().filter(|at| **at < Offset::MAX);
                    let retry_after = first.map_or(Duration::ZERO, |at| at.since(now));
                    return Err(Refused { retry_after });
                }
                let wait = self.settings.half_open_max_wait;
                out.insert(number, if wait.is_zero() { Offset::MAX } else { now + wait.get() });
            }
        }
        self.next += 1;
        Ok(Admission { generation: self.generation, number, at: now })
    }

    /// Says how an admitted attempt ended now. Returns the changes of state, oldest first.
    pub fn settle(&mut self, now: Offset, admission: Admission, ending: Ending) -> Vec<Change> {
        let mut changes = Vec::new();
        self.pass_time(now, &mut changes);
        let late = admission.generation != self.generation;
        if self.settings.kind == BreakerKind::Off || late && self.settings.late_results == LateResults::Ignore
        {
            return changes;
        }
        if let State::HalfOpen { out, .. } = &mut self.state
            && !late
        {
            if self.settings.half_open_leak && !ending.is_answer() {
                return changes;
            }
            out.remove(&admission.number);
        }
        if ending == Ending::Left {
            return changes;
        }
        let failed = ending.failure_kind().is_some_and(|kind| self.settings.failure.contains(&kind));
        let slow = self.settings.slow_call.is_some_and(|limit| now.since(admission.at) > limit.get());
        if let Some(next) = self.count(now, failed, slow) {
            self.enter(next, now, &mut changes);
        }
        changes
    }

    /// Counts a result in the state of now. Returns the state that follows, where it is another.
    fn count(&mut self, now: Offset, failed: bool, slow_call: bool) -> Option<State> {
        let open = State::Open { until: now + self.settings.open_for.get() };
        let result = Tally::of(failed, slow_call);
        // What is pushed while not closed is forgotten on entering Closed, unless the window is kept.
        let trips = self.results.push(now, result, &self.settings);
        match &mut self.state {
            State::Closed => trips.then_some(open),
            State::Open { .. } => None,
            State::HalfOpen { seen, .. } => {
                *seen += result;
                let first = self.settings.half_open_decides == HalfOpenDecides::FirstFailure;
                if failed && first {
                    return Some(open);
                }
                let decided = seen.calls >= u64::from(self.settings.half_open_permits.max(1));
                let over =
                    !first && seen.too_many_failed(&self.settings) || seen.too_many_slow(&self.settings);
                decided.then_some(if over { open } else { State::Closed })
            }
        }
    }

    /// Does what time did since the last call.
    fn pass_time(&mut self, now: Offset, changes: &mut Vec<Change>) {
        self.give_up_probes(now, changes);
        if let State::Open { until } = self.state
            && self.settings.half_opens == HalfOpens::Timer
            && until <= now
        {
            self.enter(half_open(), until, changes);
        }
    }

    /// Opens again if a probe has been out for too long. Probes are numbered as they are sent, so the first is the oldest.
    fn give_up_probes(&mut self, now: Offset, changes: &mut Vec<Change>) {
        if let State::HalfOpen { out, .. } = &self.state
            && let Some(overdue) = out.values().next().copied().filter(|at| *at <= now)
        {
            self.enter(State::Open { until: overdue + self.settings.open_for.get() }, overdue, changes);
        }
    }

    fn enter(&mut self, state: State, at: Offset, changes: &mut Vec<Change>) {
        self.state = state;
        self.generation += 1;
        if self.settings.on_close == OnClose::Clear {
            self.results.clear();
        }
        changes.push(Change { at, to: self.state() });
    }
}

/// Half open, with nothing known yet.
fn half_open() -> State {
    State::HalfOpen { out: BTreeMap::new(), seen: Tally::default() }
}
