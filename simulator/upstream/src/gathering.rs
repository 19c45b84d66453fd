//! Gatherings: requests that wait for each other, and are let go at one instant.
//!
//! The machine behind them is pure; here it is shared between connections. Who is the last to be ready lets all go, in
//! the order in which they came; the first timer that rings does, where they were too few. Nobody's task runs between
//! the first of these wake-ups and the last one but theirs, so over real sockets they are answered as fast as the
//! machine can write, and in the simulated world at the same nanosecond.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use upstorm_model::Offset;
use upstorm_world::Clock;

use crate::cohort::{Cohorts, Wanted};

/// The cohorts of one route, for as long as the run lasts.
#[derive(Debug, Default)]
pub(crate) struct Gathering(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    cohorts: Cohorts,
    /// Those who wait, by their cohort and the order in which they came.
    waiting: BTreeMap<(u32, u64), oneshot::Sender<()>>,
    tickets: u64,
}

/// A request's place in a cohort. Dropping it before it was let go gives the place back.
#[derive(Debug)]
pub(crate) struct Place {
    gathering: Arc<Gathering>,
    ticket: (u32, u64),
    due: Offset,
    told: Option<oneshot::Receiver<()>>,
    ready: bool,
}

impl Gathering {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a request whose head arrived at this time, and which meets a behaviour that began `since`; none
    /// where nobody is gathered.
    pub(crate) fn join(self: &Arc<Self>, head: Offset, since: Offset, wanted: Wanted) -> Option<Place> {
        let mut state = self.state();
        let (number, due) = state.cohorts.join(head, since, wanted)?;
        let (tell, told) = oneshot::channel();
        let ticket = (number, state.tickets);
        state.tickets += 1;
        state.waiting.insert(ticket, tell);
        drop(state);
        Some(Place { gathering: Arc::clone(self), ticket, due, told: Some(told), ready: false })
    }

    /// One of a cohort is ready.
    fn is_ready(&self, cohort: u32) {
        let mut state = self.state();
        if state.cohorts.ready(cohort) {
            state.let_go(cohort);
        }
    }

    /// How many wait.
    pub(crate) fn load(&self) -> u64 {
        self.state().cohorts.load()
    }
}

impl State {
    /// Lets all of a cohort go.
    fn let_go(&mut self, number: u32) {
        self.cohorts.let_go(number);
        let mut members = self.waiting.split_off(&(number, 0));
        if let Some(next) = number.checked_add(1) {
            self.waiting.append(&mut members.split_off(&(next, 0)));
        }
        for tell in members.into_values() {
            // Whoever leaves at this moment needs no telling.
            let _ = tell.send(());
        }
    }
}

impl Place {
    /// The number of its cohort.
    pub(crate) const fn cohort(&self) -> u32 {
        self.ticket.0
    }

    /// The answer could be sent now: waits until it may be.
    pub(crate) async fn let_go(mut self, clock: &Arc<dyn Clock>) {
        let Some(mut told) = self.told.take() else { return };
        self.ready = true;
        self.gathering.is_ready(self.ticket.0);
        tokio::select! {
            biased;
            _ = &mut told => {}
            () = clock.sleep_until(self.due) => self.gathering.state().let_go(self.ticket.0),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.gathering.state();
        // Who has been let go is not there any more.
        if state.waiting.remove(&self.ticket).is_some() && state.cohorts.leave(self.ticket.0, self.ready) {
            // Those who are left had waited for this one alone.
            state.let_go(self.ticket.0);
        }
    }
}
