//! An attempt: one try on the wire, as the upstream saw it; and the connections it came on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CallId, Held, Holder, Method};
use crate::scenario::Row;
use crate::{HostId, Offset, RouteId, TimeSpan};

/// An attempt, as an upstream saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which upstream.
    pub upstream: HostId,
    /// Which of its routes.
    pub route: RouteId,
    /// The segment of the plan whose behaviour it met.
    pub segment: u16,
    /// The host it came from, where the link tells.
    pub peer: Option<HostId>,
    /// What it said of itself.
    pub keys: Keys,
    /// Which attempt of its call at this route, from 1, by arrival; of the arrival order where it has no call id.
    pub ordinal: u32,
    /// Which connection of this upstream, from 0.
    pub connection: u32,
    /// Which request on that connection, from 0.
    pub request: u32,
    /// When its connection was accepted.
    pub accepted: Offset,
    /// When its request head had arrived.
    pub head: Offset,
    /// When the first byte of the response was written, if one was.
    pub first_byte: Option<Offset>,
    /// When it ended: the last byte written, the cut, or the caller's leaving.
    pub end: Offset,
    /// What was decided for it.
    pub fate: Fate,
    /// How long the response was really held back, if it got that far: from `head` until its time was over. Where a
    /// worker had to be waited for, or kept it for a time of service, that comes before and does not count; nor does
    /// what the caller then still took to send its request.
    pub delay: Option<TimeSpan>,
    /// The status that was sent, if a head was.
    pub status: Option<u16>,
    /// The Retry-After that was sent, if one was.
    pub hint: Option<Hint>,
    /// How it ended.
    pub ended: End,
    /// How its answer was kept back beyond its delay, if it was.
    pub held: Option<Held>,
    /// Whether the upstream did what an unsafe request (RFC 9110 section 9.2.1) asked for: it had the whole request, took
    /// it on, and was to answer that it is done. So it is too where the answer was then cut or never came, or the caller
    /// left meanwhile; and not where the request was turned away, failed or redirected, or its Idempotency-Key was known.
    pub effect: bool,
}

/// What an attempt said of itself: hashes of the headers that may group attempts into calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// `x-upstorm-call`, where it is one of ours.
    pub call: Option<CallId>,
    /// Hash of the Idempotency-Key.
    pub idempotency: Option<u64>,
    /// Hash of `amz-sdk-invocation-id`, or without one of `x-request-id`.
    pub request: Option<u64>,
    /// Hash of the trace id in `traceparent`.
    pub trace: Option<u64>,
    /// Hash of method, path and query.
    pub target: u64,
    /// Hash of the body; none where there was none or it did not come to its end.
    pub body: Option<u64>,
    /// The method.
    pub method: Method,
}

/// What was decided for an attempt before anything was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// Whether it was let in. What was turned away was answered at once, and nothing else was decided for it.
    pub admission: Admission,
    /// The status drawn.
    pub status: u16,
    /// The delay drawn.
    pub delay: TimeSpan,
    /// The entry of `faults` that hit it, if one did.
    pub fault: Option<u8>,
    /// Who decided it.
    pub origin: Origin,
}

/// Who decided the fate of an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// The dice, by the shares and laws of the route.
    #[default]
    Drawn,
    /// This step of the route's script, by its index; what the step leaves out was drawn.
    Scripted(u8),
    /// The request itself, by its `x-upstorm-fate`; what that leaves out was drawn.
    Demanded,
    /// The `then` of the route's `hold` or `probes`, for an attempt that was held; its delay was drawn or scripted.
    Held(Holder),
}

/// Whether an attempt was let in. In a recording, the first two have the bytes of the truth value that stood here
/// before there were three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Admission {
    /// It was.
    #[default]
    Admitted,
    /// The upstream's rate limit rejected it.
    Limited,
    /// No worker was free, and no place in the queue.
    Overflowed,
    /// Its `x-upstorm-fate` could not be read.
    Misworded,
    /// Its body was larger than may be sent.
    TooLarge,
    /// Its Idempotency-Key was in the route's ledger: it was told again what the request was told that took effect.
    Repeated,
}

impl Fate {
    /// The request header that says what an attempt is to meet, where the scenario lets it.
    pub const HEADER: &'static str = "x-upstorm-fate";

    /// Whether this status may be sent where this was decided. A row refuses what would have been a success (412, 428).
    #[must_use]
    pub const fn allows(&self, sent: u16) -> bool {
        let refused = matches!(self.status, 200..=299) && (sent == Row::CONFLICT || sent == Row::REQUIRED);
        sent == self.status || refused
    }

    /// True when it was let in, so that everything else was decided for it.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        matches!(self.admission, Admission::Admitted)
    }
}

/// A Retry-After that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// In seconds.
    Seconds(u32),
    /// As an HTTP-date, this long after the response.
    Date(TimeSpan),
    /// Malformed on purpose: nobody can obey it.
    Malformed,
}

impl Hint {
    /// How long it asks the caller to wait, if it can be read.
    #[must_use]
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::Seconds(secs) => Some(Duration::from_secs(secs as u64)),
            Self::Date(ahead) => Some(ahead.get()),
            Self::Malformed => None,
        }
    }
}

/// How an attempt ended, as the upstream saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum End {
    /// The whole response was written.
    Completed,
    /// The caller closed its side (FIN) first.
    CallerLeft,
    /// The caller reset the connection first.
    CallerReset,
    /// We reset it (RST), as decided.
    Reset,
    /// We closed it (FIN), as decided: cut short or truncated.
    Cut,
    /// Still open when the run was over.
    Unfinished,
}

/// A connection, as an upstream saw it; recorded when it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which upstream.
    pub upstream: HostId,
    /// Which connection of this upstream, from 0.
    pub id: u32,
    /// The host it came from, where the link tells.
    pub peer: Option<HostId>,
    /// The segment of the plan whose behaviour it met.
    pub segment: u16,
    /// When it was accepted.
    pub accepted: Offset,
    /// What was decided for it.
    pub fate: ConnectionFate,
    /// How long it was decided to be held before anything was read.
    pub delay: TimeSpan,
}

/// What was decided for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConnectionFate {
    /// Served.
    Served,
    /// Reset right after accept.
    Reset,
    /// Accepted, then silent.
    Stalled,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admission_has_the_bytes_of_the_truth_value_it_replaced() {
        let bytes = |admission: Admission| postcard::to_allocvec(&admission).unwrap();
        for (admission, limited) in [(Admission::Admitted, false), (Admission::Limited, true)] {
            assert_eq!(bytes(admission), postcard::to_allocvec(&limited).unwrap());
        }
        assert_eq!(bytes(Admission::Overflowed), [2]);
    }
}
