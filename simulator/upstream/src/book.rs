//! The book of one connection: which attempts are open on it, and how each one ends. Pure; told the time.
//!
//! Every request head that was seen is in the recording exactly once, however its connection ends: nothing leaves the
//! book but as an ended attempt. More than one is open only where a caller pipelines.
//!
//! | open attempt | event | next |
//! |---|---|---|
//! | waiting | held back long enough | waiting; its delay is known |
//! | waiting | release | answered |
//! | answered | first bytes written | its status and hint are sent |
//! | answered | last byte handed to hyper | written |
//! | written | flushed | ended: Completed, at the time of the last write |
//! | any | the connection is over | ended: as the connection |

use std::collections::VecDeque;

use upstorm_model::recording::{Attempt, End, Fate, Hint};
use upstorm_model::{Offset, TimeSpan};

/// The open attempts of one connection, by arrival.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: VecDeque<Open>,
    requests: u32,
    last_write: Offset,
}

#[derive(Debug)]
struct Open {
    attempt: Attempt,
    answer: Option<(u16, Option<Hint>)>,
    handed_over: bool,
}

impl Book {
    /// A request head has arrived. Numbers the attempt on its connection.
    pub(crate) fn begin(&mut self, mut attempt: Attempt) {
        attempt.request = self.requests;
        self.requests = self.requests.saturating_add(1);
        self.open.push_back(Open { attempt, answer: None, handed_over: false });
    }

    /// The body of the newest attempt's request has come to its end.
    pub(crate) fn received(&mut self, hash: Option<u64>) {
        if let Some(open) = self.open.back_mut() {
            open.attempt.keys.body = hash;
        }
    }

    /// The newest attempt is turned away after all: nothing else that was decided for it counts.
    pub(crate) fn turn_away(&mut self, fate: Fate) {
        if let Some(open) = self.open.back_mut() {
            (open.attempt.fate, open.attempt.held) = (fate, None);
        }
    }

    /// What the newest attempt asked for is done.
    pub(crate) fn took_effect(&mut self) {
        if let Some(open) = self.open.back_mut() {
            open.attempt.effect = true;
        }
    }

    /// The newest attempt has been held back long enough: since its head had arrived, or its worker was done with it.
    pub(crate) fn held_back(&mut self, from: Offset, until: Offset) {
        if let Some(open) = self.open.back_mut() {
            open.attempt.delay = Some(TimeSpan::from(until.since(from)));
        }
    }

    /// The newest attempt was held for so long beyond that, and may be answered.
    pub(crate) fn let_go(&mut self, lasted: TimeSpan) {
        if let Some(held) = self.open.back_mut().and_then(|open| open.attempt.held.as_mut()) {
            held.lasted = Some(lasted);
        }
    }

    /// The answer to the newest attempt is on its way.
    pub(crate) fn release(&mut self, answer: (u16, Option<Hint>)) {
        if let Some(open) = self.open.back_mut() {
            open.answer = Some(answer);
        }
    }

    /// The last byte of the newest attempt's response was given to hyper.
    pub(crate) fn handed_over(&mut self) {
        if let Some(open) = self.open.back_mut() {
            open.handed_over = true;
        }
    }

    /// Bytes were written.
    pub(crate) fn wrote(&mut self, now: Offset) {
        self.last_write = now;
        for open in &mut self.open {
            let attempt = &mut open.attempt;
            if let (Some((status, hint)), None) = (open.answer, attempt.first_byte) {
                (attempt.first_byte, attempt.status, attempt.hint) = (Some(now), Some(status), hint);
            }
        }
    }

    /// True when a part of the newest attempt's response was written.
    pub(crate) fn is_speaking(&self) -> bool {
        self.open.back().is_some_and(|open| open.attempt.first_byte.is_some())
    }

    /// All that hyper had was written: the next attempt that is complete, until there is none.
    pub(crate) fn completed(&mut self) -> Option<Attempt> {
        let complete = self.open.front().is_some_and(|open| open.handed_over);
        let mut attempt = complete.then(|| self.open.pop_front()).flatten()?.attempt;
        (attempt.end, attempt.ended) = (self.last_write.max(attempt.head), End::Completed);
        Some(attempt)
    }

    /// The connection is over: the next attempt that was open, until there is none.
    pub(crate) fn abandoned(&mut self, now: Offset, ended: End) -> Option<Attempt> {
        let mut attempt = self.open.pop_front()?.attempt;
        (attempt.end, attempt.ended) = (now, ended);
        Some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::Keys;
    use upstorm_model::{HostId, RouteId};

    fn attempt(head: u64) -> Attempt {
        let head = Offset::from_millis(head);
        Attempt {
            upstream: HostId(0),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys: Keys::default(),
            ordinal: 1,
            connection: 0,
            request: 0,
            accepted: Offset::ZERO,
            head,
            first_byte: None,
            end: head,
            fate: Fate::default(),
            delay: None,
            status: None,
            hint: None,
            ended: End::Unfinished,
            held: None,
            effect: false,
        }
    }

    fn at(ms: u64) -> Offset {
        Offset::from_millis(ms)
    }

    #[test]
    fn a_response_is_complete_when_its_last_byte_is_flushed() {
        let mut book = Book::default();
        book.begin(attempt(1));
        book.wrote(at(2)); // `100 Continue`: not the response
        book.held_back(at(1), at(5));
        book.release((200, Some(Hint::Seconds(2))));
        book.wrote(at(6));
        assert_eq!(book.completed(), None, "more is to come");
        book.handed_over();
        book.wrote(at(8));
        let done = book.completed().unwrap();
        assert_eq!((done.first_byte, done.end, done.ended), (Some(at(6)), at(8), End::Completed));
        assert_eq!((done.delay, done.status), (Some(TimeSpan::from_millis(4)), Some(200)));
        assert_eq!(done.hint, Some(Hint::Seconds(2)));
        assert_eq!(book.completed(), None);
        assert_eq!(book.abandoned(at(9), End::CallerLeft), None);
    }

    #[test]
    fn pipelined_attempts_end_in_order_and_the_open_ones_with_the_connection() {
        let mut book = Book::default();
        book.begin(attempt(1));
        book.held_back(at(1), at(1));
        book.release((200, None));
        book.handed_over();
        book.begin(attempt(2));
        book.held_back(at(2), at(2));
        book.wrote(at(3));
        assert_eq!(book.completed().map(|a| a.request), Some(0));
        assert_eq!(book.completed(), None);
        let cut = book.abandoned(at(4), End::Reset).unwrap();
        assert_eq!((cut.request, cut.status, cut.first_byte, cut.end), (1, None, None, at(4)));
    }
}
