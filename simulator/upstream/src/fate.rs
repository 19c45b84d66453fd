//! Fate: everything that is decided for an attempt before anything is done, stage by stage.
//!
//! Pure but for the limit's bucket, so two variants of a subject under one seed meet the same fates, in any order and
//! on any number of threads.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use upstorm_model::TimeSpan;
use upstorm_model::recording::Fate;
use upstorm_model::scenario::Framing;

use crate::answer::Answer;
use crate::course::{Asked, Course};
use crate::fault::{Action, Seen};
use crate::retry_after::Advice;
use crate::stage::{Draw, Rejection};

/// What is decided for an attempt.
#[derive(Debug)]
pub(crate) struct Decision {
    /// For the recording.
    pub(crate) fate: Fate,
    /// What is done.
    pub(crate) action: Action,
    /// What is answered.
    pub(crate) answer: Arc<Answer>,
    /// Bytes of the body that the head promises; a response to HEAD promises them too.
    pub(crate) body: u64,
    /// How its length is told; none where there may be no body.
    pub(crate) framing: Option<Framing>,
    /// How long until the limit has a token, for an exact Retry-After.
    pub(crate) free_after: Duration,
}

impl Decision {
    /// Of a request that the limit rejected: answered at once, with nothing else decided.
    pub(crate) fn rejected(rejection: Rejection, method: &Method, draw: &Draw) -> Self {
        let Rejection { answer, free_after } = rejection;
        let status = answer.status.as_u16();
        let (body, framing) = size(&answer, method, draw.progress);
        let fate = Fate { limited: true, status, ..Fate::default() };
        Self { fate, action: Action::Serve, answer, body, framing, free_after }
    }

    /// Of a request that was let through.
    pub(crate) fn served(course: &Course, draw: &Draw, asked: Asked<'_>) -> Self {
        let delay = course.latency.decide(draw);
        let answer = course.status.decide(draw);
        let (body, framing) = size(&answer, asked.method, draw.progress);
        let sent = if framing.is_some() { body } else { 0 };
        let seen =
            Seen { call: draw.call, ordinal: draw.ordinal, progress: draw.progress, body: sent, framing };
        let (fault, action) = course.faults.decide(draw, &seen);
        let fate =
            Fate { limited: false, status: answer.status.as_u16(), delay: TimeSpan::from(delay), fault };
        let free_after = match (&answer.advice, &course.limit) {
            (Some(Advice::Exact), Some(limit)) => limit.wait(asked.headers, asked.head, draw.progress),
            _ => Duration::ZERO,
        };
        Self { fate, action, answer, body, framing, free_after }
    }
}

/// How long the body is that the head promises, and how that is told if it is sent.
fn size(answer: &Answer, method: &Method, progress: f64) -> (u64, Option<Framing>) {
    let length = || answer.body.content.len_at(progress);
    if answer.carries_body(method) {
        return (length(), Some(answer.body.framing));
    }
    let head = *method == Method::HEAD && answer.carries_body(&Method::GET);
    (if head { length() } else { 0 }, None)
}
