//! What moves virtual time: tokio says when nobody has anything to do, and the next event is taken.
//!
//! The runtime is tokio's own, on one thread with its clock paused, so tasks, channels, timeouts and a user's
//! tower stack need no change. Left alone, its paused clock jumps to its own next timer, and those are rounded up to
//! whole milliseconds. Two things bring exact events in between:
//!
//! - One timer of tokio's is kept set to the millisecond in which our next event is due. So tokio jumps there, or to
//!   an earlier timer of its own, and never past our event. (Stopping at every millisecond instead costs a
//!   round of the runtime for each, whether anything happens or not.)
//! - Within that millisecond, with tokio's timers of it fired and all their work done, time is moved by the
//!   exact rest and our events are taken. After them it is first moved to the next whole millisecond, because tokio
//!   jumps by whole milliseconds from wherever its clock stands.
//!
//! So of a timer of tokio's and an event of ours that are due at the same nanosecond, tokio's comes first.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::{Instant, Sleep};
use upstorm_model::Offset;

use super::given_up::{GivenUp, Wait};
use super::timeline::{Moment, Timeline};

/// tokio's timers fire at whole milliseconds.
const TICK: u64 = 1_000_000;
/// How long time goes on for the sake of tokio's timers alone, of which one cannot ask whether there are any.
const PATIENCE: Duration = Duration::from_secs(600);
/// So many polls at one time are a loop.
const STEPS: u64 = 2_000_000;

/// Says who waits for what in the network.
type Waits = Box<dyn Fn() -> Vec<Wait> + Send + Sync>;

/// Moves a world's time, and gives the run up when nothing can come of it.
pub(super) struct Driver {
    timeline: Arc<Timeline>,
    limit: Offset,
    waits: Waits,
    /// Polls since time last moved.
    steps: AtomicU64,
    given_up: OnceLock<GivenUp>,
    /// Who must be told of that.
    root: AtomicWaker,
    tokio: Mutex<Tokio>,
}

/// What we keep of tokio's time.
#[derive(Default)]
struct Tokio {
    /// tokio's name for the moment zero.
    zero: Option<Instant>,
    /// The timer that keeps tokio from jumping past our next event, and the tick it is set to.
    bar: Option<(Pin<Box<Sleep>>, u64)>,
    /// Since when there is no event in our queue.
    idle_since: Option<Moment>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("timeline", &self.timeline).finish_non_exhaustive()
    }
}

impl Driver {
    /// Time that may go on to the limit. `waits` says who waits for what when it cannot.
    pub(super) fn new(timeline: Arc<Timeline>, limit: Offset, waits: Waits) -> Self {
        Self {
            timeline,
            limit,
            waits,
            steps: AtomicU64::new(0),
            given_up: OnceLock::new(),
            root: AtomicWaker::new(),
            tokio: Mutex::default(),
        }
    }

    /// Notes tokio's name for the moment zero. To be called within the new runtime.
    pub(super) fn start(&self) {
        self.with_tokio(|tokio| tokio.zero = Some(Instant::now()));
    }

    /// Lets go of tokio's timer and of who is woken when the run is given up: both hold the runtime, which holds this.
    pub(super) fn stop(&self) {
        let _bar = self.with_tokio(|tokio| tokio.bar.take());
        let _root = self.root.take();
    }

    fn with_tokio<T>(&self, then: impl FnOnce(&mut Tokio) -> T) -> T {
        then(&mut self.tokio.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the run was given up.
    pub(super) fn given_up(&self) -> Option<GivenUp> {
        self.given_up.get().cloned()
    }

    fn give_up(&self, reason: GivenUp) {
        let _first = self.given_up.set(reason);
        self.root.wake();
    }

    /// Ready when the run is given up; otherwise whoever asks is woken then.
    pub(super) fn poll_given_up(&self, cx: &Context<'_>) -> Poll<()> {
        self.root.register(cx.waker());
        if self.given_up.get().is_some() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Somebody is polled.
    pub(super) fn count(&self) {
        // Only this thread counts, so the two halves need not be one.
        let steps = self.steps.load(Ordering::Relaxed) + 1;
        self.steps.store(steps, Ordering::Relaxed);
        if steps == STEPS {
            self.give_up(GivenUp::Standstill { at: self.timeline.offset_of(self.timeline.moment()), steps });
        }
    }

    fn move_to(&self, moment: Moment) {
        self.timeline.move_to(moment);
        self.steps.store(0, Ordering::Relaxed);
    }

    /// Nobody has anything to do: what tokio calls before it would wait.
    pub(super) fn step(&self) {
        self.count();
        let now = self.timeline.moment();
        let (aim, beyond) = self.aim(now);
        if now.0 / TICK < aim.0 / TICK {
            if now.0.is_multiple_of(TICK) {
                self.with_tokio(|tokio| tokio.bar(aim.0 / TICK));
            } else {
                self.advance(now, Moment((now.0 / TICK + 1) * TICK));
            }
            return;
        }
        self.advance(now, aim);
        match beyond {
            None => self.timeline.take_due(),
            Some(reason) => self.give_up(reason),
        }
    }

    /// Moves time by hand. tokio goes on at once, even if nobody is woken: it polls its timers and asks again.
    fn advance(&self, now: Moment, aim: Moment) {
        let mut advance = pin!(tokio::time::advance(aim.since(now)));
        // Moves the clock when polled, then yields; the yield is not waited for, but keeps tokio from waiting.
        let _ = advance.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if aim > now {
            self.move_to(aim);
        }
    }

    /// How far time may go at once, and why not further if there is no event there.
    fn aim(&self, now: Moment) -> (Moment, Option<GivenUp>) {
        let next = self.timeline.next();
        let idle_since = self.with_tokio(|tokio| {
            tokio.idle_since = if next.is_some() { None } else { tokio.idle_since.or(Some(now)) };
            tokio.idle_since
        });
        let last = self.timeline.moment_of(self.limit);
        match (next, idle_since) {
            (Some(next), _) if next <= last => (next, None),
            (None, Some(since)) => {
                let deadlock =
                    || GivenUp::Deadlock { at: self.timeline.offset_of(since), waits: (self.waits)() };
                let aim = (since + PATIENCE).min(last).max(now);
                (aim, (aim.0 / TICK <= now.0 / TICK).then(deadlock))
            }
            _ => (last.max(now), Some(GivenUp::Limit { limit: self.limit })),
        }
    }

    /// tokio has waited: what it calls when its clock may have jumped.
    pub(super) fn catch_up(&self) {
        let Some(zero) = self.with_tokio(|tokio| tokio.zero) else { return };
        let moment = Moment::default() + Instant::now().saturating_duration_since(zero);
        if moment > self.timeline.moment() {
            self.move_to(moment);
        }
    }
}

impl Tokio {
    /// Keeps tokio from jumping past this tick.
    #[expect(clippy::disallowed_methods, reason = "tokio's own timers must know of this world's events")]
    fn bar(&mut self, tick: u64) {
        let Some(zero) = self.zero else { return };
        let deadline = zero + Duration::from_millis(tick);
        match &mut self.bar {
            Some((_, set)) if *set == tick => return,
            Some((bar, set)) => {
                bar.as_mut().reset(deadline);
                *set = tick;
            }
            None => self.bar = Some((Box::pin(tokio::time::sleep_until(deadline)), tick)),
        }
        if let Some((bar, _)) = &mut self.bar {
            // Polled once so that tokio knows of it; nobody needs to be woken.
            let _ = bar.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}
