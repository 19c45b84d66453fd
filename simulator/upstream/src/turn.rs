//! Turns: a request's place with the workers of its upstream or route, and what ends it.
//!
//! The machine behind them is pure and is told the time by everybody who comes, goes or is done; here it is shared
//! between connections. A caller that leaves drops its turn. What becomes of the work is up to the scenario: it ends, or
//! a task of its own sees it to its end, as in servers that do not notice who is gone.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use upstorm_model::Offset;
use upstorm_world::{Clock, Env, Spawn};

use crate::crew::{Crew, Entry, Ticket};
use crate::plan_clock::PlanClock;

/// The workers and the queue of one upstream or route, for as long as the run lasts.
#[derive(Debug)]
pub(crate) struct Pool {
    clock: Arc<dyn Clock>,
    spawn: Arc<dyn Spawn>,
    /// How many workers the plan gives from when on.
    planned: Vec<(Offset, u32)>,
    rescheduled: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    crew: Crew,
    /// Who waits is told when its work began, or that it is too late for it.
    waiting: BTreeMap<Ticket, oneshot::Sender<Result<Offset, Overdue>>>,
}

/// What a request wants of a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// How long it keeps its worker.
    pub(crate) busy: Duration,
    /// It waits if fewer than this do.
    pub(crate) room: u32,
    /// True when it is done even where its caller has left.
    pub(crate) stubborn: bool,
    /// True when it is done once it has begun, even where its caller has left.
    pub(crate) finishes: bool,
    /// It is not begun where it would be done later than so long after its arrival.
    pub(crate) deadline: Option<Duration>,
}

/// Its turn came too late for its work to be worth anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its turn came too late")]
pub(crate) struct Overdue;

/// A request's place.
#[derive(Debug)]
pub(crate) struct Turn {
    pool: Arc<Pool>,
    ticket: Ticket,
    work: Work,
    begun: Begun,
    done: bool,
}

/// When a worker took it.
#[derive(Debug)]
enum Begun {
    At(Offset),
    Waits(oneshot::Receiver<Result<Offset, Overdue>>),
    Never,
}

impl Pool {
    /// With so many workers from when on.
    pub(crate) fn new(env: &Env, shifts: Vec<(Offset, u32)>) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(&env.clock),
            spawn: Arc::clone(&env.spawn),
            planned: shifts.clone(),
            rescheduled: Notify::new(),
            state: Mutex::new(State { crew: Crew::new(shifts), waiting: BTreeMap::new() }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; none when there is none.
    pub(crate) fn enter(self: &Arc<Self>, now: Offset, work: Work) -> Option<Turn> {
        let (mut state, mut begun) = (self.state(), Vec::new());
        let entry = state.crew.enter(now, (work.busy, work.room, work.deadline), &mut begun);
        state.tell(begun);
        let (ticket, begun) = match entry {
            Entry::Full => return None,
            Entry::Begun(ticket, at) => (ticket, Begun::At(at)),
            Entry::Waits(ticket) => {
                let (tell, told) = oneshot::channel();
                state.waiting.insert(ticket, tell);
                (ticket, Begun::Waits(told))
            }
        };
        Some(Turn { pool: Arc::clone(self), ticket, work, begun, done: false })
    }

    /// Lets those begin who can by now.
    fn catch_up(&self) {
        let now = self.clock.now();
        let (mut state, mut begun) = (self.state(), Vec::new());
        state.crew.catch_up(now, &mut begun);
        state.tell(begun);
    }

    fn leave(&self, ticket: Ticket) {
        let now = self.clock.now();
        let (mut state, mut begun) = (self.state(), Vec::new());
        state.waiting.remove(&ticket);
        state.crew.leave(now, ticket, &mut begun);
        state.tell(begun);
    }

    /// Lets those begin who wait when more workers come. Never completes.
    pub(crate) async fn keep_shifts(&self) {
        loop {
            let rescheduled = self.rescheduled.notified();
            let next = self.state().crew.next_shift(self.clock.now());
            tokio::select! {
                biased;
                () = rescheduled => {}
                () = until(&self.clock, next) => self.catch_up(),
            }
        }
    }

    /// From now on the plan's clock is this one: the workers are those of the moment that it shows.
    pub(crate) fn follow(&self, plan_clock: PlanClock) {
        let now = self.clock.now();
        let begun = self.planned.partition_point(|(start, _)| *start <= plan_clock.plan_at(now));
        let current = self.planned.get(begun.saturating_sub(1)).map(|(_, workers)| (now, *workers));
        let later = self.planned.iter().skip(begun);
        let later = later.filter_map(|(start, workers)| Some((plan_clock.run_at(*start)?, *workers)));
        let shifts: Vec<_> = current.into_iter().chain(later).collect();
        let mut begun = Vec::new();
        let mut state = self.state();
        state.crew.catch_up(now, &mut begun);
        state.crew.reschedule(shifts);
        state.crew.catch_up(now, &mut begun);
        state.tell(begun);
        drop(state);
        self.rescheduled.notify_waiters();
    }

    /// How many requests are worked on now, and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        self.catch_up();
        self.state().crew.load()
    }
}

/// Waits until this time; for ever, where there is none.
async fn until(clock: &Arc<dyn Clock>, at: Option<Offset>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => pending().await,
    }
}

impl State {
    fn tell(&mut self, begun: Vec<(Ticket, Offset)>) {
        for (ticket, at) in begun {
            if let Some(tell) = self.waiting.remove(&ticket) {
                // Whoever leaves at this moment gives its worker back by dropping its turn.
                let _ = tell.send(Ok(at));
            }
        }
        for ticket in self.crew.take_overdue() {
            if let Some(tell) = self.waiting.remove(&ticket) {
                let _ = tell.send(Err(Overdue));
            }
        }
    }
}

impl Begun {
    async fn at(&mut self) -> Result<Offset, Overdue> {
        if let Self::Waits(told) = self {
            *self = match told.await {
                Ok(told) => Self::from(told),
                // The pool is gone, and with it the run.
                Err(_) => pending().await,
            };
        }
        match self {
            Self::At(at) => Ok(*at),
            Self::Never => Err(Overdue),
            Self::Waits(_) => pending().await,
        }
    }

    /// Whether a worker has it, as far as it was told by now.
    fn has_begun(&mut self) -> bool {
        if let Self::Waits(told) = self
            && let Ok(told) = told.try_recv()
        {
            *self = Self::from(told);
        }
        matches!(self, Self::At(_))
    }
}

impl From<Result<Offset, Overdue>> for Begun {
    fn from(told: Result<Offset, Overdue>) -> Self {
        told.map_or(Self::Never, Self::At)
    }
}

impl Turn {
    /// True when its work is done even where its caller has left.
    pub(crate) const fn is_stubborn(&self) -> bool {
        self.work.stubborn && self.work.deadline.is_none()
    }

    /// Waits for a worker: when it took the request.
    ///
    /// # Errors
    /// When its turn came too late.
    pub(crate) async fn begun(&mut self) -> Result<Offset, Overdue> {
        self.begun.at().await
    }

    /// Waits until the worker is done: when it was.
    ///
    /// # Errors
    /// When its turn came too late.
    pub(crate) async fn finished(&mut self) -> Result<Offset, Overdue> {
        let end = self.begun().await? + self.work.busy;
        self.pool.clock.sleep_until(end).await;
        self.done = true;
        self.pool.catch_up();
        Ok(end)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.done || matches!(self.begun, Begun::Never) {
            return;
        }
        let goes_on = self.work.stubborn || self.work.finishes && self.begun.has_begun();
        if !goes_on {
            return self.pool.leave(self.ticket);
        }
        let (pool, busy) = (Arc::clone(&self.pool), self.work.busy);
        let mut begun = std::mem::replace(&mut self.begun, Begun::At(Offset::ZERO));
        let spawn = Arc::clone(&pool.spawn);
        spawn.spawn(async move {
            if let Ok(at) = begun.at().await {
                pool.clock.sleep_until(at + busy).await;
                pool.catch_up();
            }
        });
    }
}
