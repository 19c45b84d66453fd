//! Fate: everything that is decided for an attempt before anything is done, stage by stage.
//!
//! Pure but for the limit's bucket and the queue for a worker, so two variants of a subject under one seed meet the same fates, in any order and
//! on any number of threads.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use upstorm_model::TimeSpan;
use upstorm_model::recording::{Admission, Fate};
use upstorm_model::scenario::Framing;

use crate::answer::Answer;
use crate::course::{Asked, Course};
use crate::fault::{Action, Seen};
use crate::given::Given;
use crate::kept::Kept;
use crate::receive::too_large;
use crate::retry_after::Advice;
use crate::stage::{Draw, Held, Rejection};
use crate::tempo::Pace;

/// What is decided for an attempt.
#[derive(Debug)]
pub(crate) struct Decision {
    /// For the recording.
    pub(crate) fate: Fate,
    /// What is done.
    pub(crate) action: Action,
    /// What is answered.
    pub(crate) answer: Arc<Answer>,
    /// Its body.
    pub(crate) body: Measured,
    /// How long until the limit has a token, for an exact Retry-After.
    pub(crate) free_after: Duration,
    /// Its worker, or its place in the queue, where these are bounded.
    pub(crate) held: Option<Held>,
    /// What its answer waits for when it could be sent.
    pub(crate) kept: Option<Kept>,
}

/// What a request that was let in has by then.
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    /// How long it is held back.
    pub(crate) delay: Duration,
    /// Its worker, or its place in the queue, where these are bounded.
    pub(crate) held: Option<Held>,
    /// What is given for it instead of being drawn.
    pub(crate) given: Option<&'a Given>,
    /// What its answer waits for when it could be sent.
    pub(crate) kept: Option<Kept>,
}

/// What is decided of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Bytes that the head promises; a response to HEAD promises them too.
    pub(crate) bytes: u64,
    /// How its length is told; none where there may be no body.
    pub(crate) framing: Option<Framing>,
    /// How fast it is sent; none for as fast as the network takes it.
    pub(crate) pace: Option<Pace>,
}

impl Decision {
    /// Of a request that the limit rejected: answered at once, with nothing else decided.
    pub(crate) fn limited(rejection: Rejection, method: &Method, draw: &Draw) -> Self {
        let Rejection { answer, free_after } = rejection;
        Self { free_after, ..Self::turned_away(Admission::Limited, answer, (method, draw.progress)) }
    }

    /// Of a request that found no worker and no place in the queue: the same.
    pub(crate) fn overflowed(answer: Arc<Answer>, method: &Method, draw: &Draw) -> Self {
        Self::turned_away(Admission::Overflowed, answer, (method, draw.progress))
    }

    /// Of a request whose turn came too late: the same, but that this shows late.
    pub(crate) fn overdue(answer: Arc<Answer>, method: &Method) -> Self {
        Self::turned_away(Admission::Overflowed, answer, (method, 0.0))
    }

    /// Of a request that demanded what cannot be read: the same.
    pub(crate) fn misworded(answer: Answer, method: &Method, draw: &Draw) -> Self {
        Self::turned_away(Admission::Misworded, Arc::new(answer), (method, draw.progress))
    }

    /// Of a request with a body that is too large: the same, but that this may show late.
    pub(crate) fn too_large(method: &Method) -> Self {
        Self::turned_away(Admission::TooLarge, Arc::new(too_large()), (method, 0.0))
    }

    /// Of a request whose Idempotency-Key was known, with this answer: the same, but for a wait for its worker.
    pub(crate) fn repeated(answer: Answer, method: &Method) -> Self {
        Self::turned_away(Admission::Repeated, Arc::new(answer), (method, 0.0))
    }

    fn turned_away(admission: Admission, answer: Arc<Answer>, (method, progress): (&Method, f64)) -> Self {
        let fate = Fate { admission, status: answer.status.as_u16(), ..Fate::default() };
        let body = measured(&answer, method, progress);
        Self { fate, action: Action::Serve, answer, body, free_after: Duration::ZERO, held: None, kept: None }
    }

    /// This takes the place of the answer that was decided. The fate stays: it says what would have been answered.
    pub(crate) fn answer_instead(&mut self, answer: &Arc<Answer>, method: &Method) {
        self.body = measured(answer, method, 0.0);
        self.answer = Arc::clone(answer);
    }

    /// Of a request that was let in.
    pub(crate) fn served(
        course: &Course,
        draw: &Draw,
        asked: Asked<'_>,
        Taken { delay, held, given, kept }: Taken<'_>,
    ) -> Self {
        let answer = given.and_then(|given| given.answer.clone());
        let answer = answer.unwrap_or_else(|| course.status.decide(draw));
        let body = measured(&answer, asked.method, draw.progress);
        let Draw { call, ordinal, progress, .. } = *draw;
        let sent = if body.framing.is_some() { body.bytes } else { 0 };
        let seen = Seen { call, ordinal, progress, body: sent, framing: body.framing };
        let (fault, action) = match given.and_then(|given| given.action(draw, &seen)) {
            Some(action) => (None, action),
            None => course.faults.decide(draw, &seen),
        };
        let origin = given.map(|given| given.origin).unwrap_or_default();
        let (admission, status) = (Admission::Admitted, answer.status.as_u16());
        let fate = Fate { admission, status, delay: TimeSpan::from(delay), fault, origin };
        let free_after = match (&answer.advice, &course.limit) {
            (Some(Advice::Exact), Some(limit)) => limit.wait(asked.headers, asked.head, draw.progress),
            _ => Duration::ZERO,
        };
        Self { fate, action, answer, body, free_after, held, kept }
    }
}

/// How long the body is that the head promises, how that is told if it is sent, and how fast it is.
fn measured(answer: &Answer, method: &Method, progress: f64) -> Measured {
    let length = || answer.body.content.len_at(progress);
    if answer.carries_body(method) {
        let pace = answer.body.slowness.map(|slowness| slowness.at(progress));
        return Measured { bytes: length(), framing: Some(answer.body.framing), pace };
    }
    let head = *method == Method::HEAD && answer.carries_body(&Method::GET);
    Measured { bytes: if head { length() } else { 0 }, framing: None, pace: None }
}
