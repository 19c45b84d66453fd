//! The line of one connection: what those above hyper and the stream below it tell each other.
//!
//! hyper stands between the two and knows nothing of it. Above, requests are read and answers decided; below, bytes
//! are written, cut and counted. Both run in the connection's one task, so the lock is never waited for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use upstorm_model::recording::{Attempt, End, Fate, Hint, Record};
use upstorm_model::{Offset, TimeSpan};
use upstorm_world::{Clock, Recorder, Sleep};

use crate::book::Book;
use crate::edit::Edit;
use crate::fault::Farewell;

/// Between the last byte that is sent and a reset. A reset throws away what its receiver has not read; without time to
/// read, "after 1500 bytes" would be after any number of bytes up to that.
const DELIVERY: Duration = Duration::from_millis(1);

/// What a connection's two sides share.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Arc<dyn Clock>,
    recorder: Recorder,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    book: Book,
    cut: Option<Farewell>,
    left: Option<End>,
    edit: Option<Edit>,
    flushes: u64,
    waiting: Option<Waker>,
}

impl Line {
    /// A new connection's.
    pub(crate) fn new(clock: Arc<dyn Clock>, recorder: Recorder) -> Self {
        Self { clock, recorder, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes at this time.
    pub(crate) fn sleep_until(&self, at: Offset) -> Sleep {
        self.clock.sleep_until(at)
    }

    /// A request head has arrived.
    pub(crate) fn begin(&self, attempt: Attempt) {
        self.state().book.begin(attempt);
    }

    /// The body of the newest attempt's request has come to its end.
    pub(crate) fn received(&self, hash: Option<u64>) {
        self.state().book.received(hash);
    }

    /// The newest attempt is turned away after all.
    pub(crate) fn turn_away(&self, fate: Fate) {
        self.state().book.turn_away(fate);
    }

    /// The newest attempt took effect.
    pub(crate) fn took_effect(&self) {
        self.state().book.took_effect();
    }

    /// The newest attempt has been held back long enough, since `from`: that was so at `until`.
    pub(crate) fn held_back(&self, from: Offset, until: Offset) {
        self.state().book.held_back(from, until);
    }

    /// The newest attempt was held for so long, and may be answered.
    pub(crate) fn let_go(&self, lasted: TimeSpan) {
        self.state().book.let_go(lasted);
    }

    /// The newest attempt is answered; `whole` when hyper has the last byte of it with the head.
    pub(crate) fn release(&self, answer: (u16, Option<Hint>), whole: bool) {
        let mut state = self.state();
        state.book.release(answer);
        if whole {
            state.book.handed_over();
        }
    }

    /// The last byte of the newest attempt's response was given to hyper.
    pub(crate) fn handed_over(&self) {
        self.state().book.handed_over();
    }

    /// The connection is cut as soon as everything that hyper has is written.
    pub(crate) fn cut_when_flushed(&self, farewell: Farewell, cx: &Context<'_>) {
        if self.state().cut.replace(farewell).is_none() {
            // hyper flushes after each turn; this makes sure that there is one more.
            cx.waker().wake_by_ref();
        }
    }

    /// The connection is cut as soon as the head of a response that has no body is written.
    pub(crate) fn cut_after_head(&self, farewell: Farewell) {
        self.state().cut.get_or_insert(farewell);
    }

    /// Completes when everything that hyper has now is written, so that what it writes next is the next response.
    /// `since` is the caller's memory, empty at first.
    pub(crate) fn poll_quiet(&self, since: &mut Option<u64>, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.flushes > *since.get_or_insert(state.flushes) {
            return Poll::Ready(());
        }
        // hyper flushes after each turn, this one too.
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The response that hyper writes next is edited.
    pub(crate) fn edit(&self, edit: Edit) {
        self.state().edit = Some(edit);
    }

    /// Takes the edit that begins with the next byte, if there is one.
    pub(crate) fn take_edit(&self) -> Option<Edit> {
        self.state().edit.take()
    }

    /// Bytes were written.
    pub(crate) fn wrote(&self) {
        let now = self.clock.now();
        self.state().book.wrote(now);
    }

    /// All that hyper had is written. Returns the cut that is due now, and what to wait for before it.
    pub(crate) fn flushed(&self) -> Option<(Farewell, Option<Sleep>)> {
        let mut state = self.state();
        while let Some(attempt) = state.book.completed() {
            self.recorder.record(Record::Attempt(attempt));
        }
        state.flushes += 1;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        let farewell = state.cut?;
        let waits = farewell == Farewell::Reset && state.book.is_speaking();
        Some((farewell, waits.then(|| self.clock.sleep(DELIVERY))))
    }

    /// The caller was seen to leave; what was seen first counts.
    pub(crate) fn left(&self, how: End) {
        self.state().left.get_or_insert(how);
    }

    /// How the caller left, if it was seen to.
    pub(crate) fn how_left(&self) -> Option<End> {
        self.state().left
    }

    /// True when the connection is to be reset rather than closed.
    pub(crate) fn resets(&self) -> bool {
        self.state().cut == Some(Farewell::Reset)
    }

    /// The connection is to be reset when its stream is dropped, and its open attempts end with that.
    pub(crate) fn reset_when_dropped(&self) {
        self.state().cut = Some(Farewell::Reset);
        self.end(End::Reset);
    }

    /// The connection is over: what is still open ends so.
    pub(crate) fn end(&self, ended: End) {
        let now = self.clock.now();
        self.end_at(now, ended);
    }

    fn end_at(&self, now: Offset, ended: End) {
        let mut state = self.state();
        while let Some(attempt) = state.book.abandoned(now, ended) {
            self.recorder.record(Record::Attempt(attempt));
        }
    }
}
