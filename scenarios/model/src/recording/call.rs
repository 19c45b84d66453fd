//! A call: one logical request of a client, whatever it took to answer it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{HostId, Offset};

/// A call's identity: the client's host index in the upper 16 bits, the number of the call in the lower 48.
///
/// Written in `x-upstorm-call` as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

impl CallId {
    /// The header that carries it.
    pub const HEADER: &'static str = "x-upstorm-call";

    /// The `sequence`-th call of a client.
    #[must_use]
    pub fn new(client: HostId, sequence: u64) -> Self {
        Self(u64::from(client.0) << 48 | (sequence & 0xffff_ffff_ffff))
    }

    /// Which client made it.
    #[must_use]
    pub const fn client(self) -> HostId {
        HostId((self.0 >> 48) as u16)
    }

    /// Which call of that client, from 0.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        self.0 & 0xffff_ffff_ffff
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for CallId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// A call, as its client saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its identity.
    pub id: CallId,
    /// Which of the client's kinds of request.
    pub request: u16,
    /// When it should have been sent. Latency counts from here.
    pub planned: Offset,
    /// When it was sent; the planned time for one that was shed.
    pub sent: Offset,
    /// When it ended.
    pub done: Offset,
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the response body.
    pub bytes: u64,
    /// When the upstream made the response, as its [`Call::MADE`] says; earlier than `sent` where a cache kept it. None
    /// for a response that no upstream made, such as a gateway's own, and where there was none.
    pub made: Option<Offset>,
}

/// How a call ended, as its client saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A complete response of this status.
    Answered(u16),
    /// No connection could be made.
    ConnectFailed,
    /// The connection was reset before the response was complete.
    Reset,
    /// The connection was closed before the response was complete.
    Closed,
    /// The response was no HTTP, or its body was not as long as promised.
    Malformed,
    /// The client's own timeout.
    TimedOut,
    /// The client's own policies rejected it (limit, breaker, bulkhead).
    Rejected,
    /// Never sent: the client had as many calls in flight as it may.
    Shed,
    /// Still in flight when the run was over; it took at least until `done`.
    Censored,
}

impl Outcome {
    /// A complete response below 500 that is neither a 429 nor a 412: a write that did not take is no success.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Answered(status) if status < 500 && status != 429 && status != 412)
    }

    /// A 429.
    #[must_use]
    pub const fn is_throttled(self) -> bool {
        matches!(self, Self::Answered(429))
    }

    /// Neither a success nor a 429.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !self.is_success() && !self.is_throttled()
    }
}

impl Call {
    /// The response header in which an upstream says when it made the response: whole nanoseconds since the run began.
    pub const MADE: &'static str = "x-upstorm-made";

    /// How long the caller waited, from the planned time.
    #[must_use]
    pub const fn latency(&self) -> Duration {
        self.done.since(self.planned)
    }

    /// How late the harness sent it.
    #[must_use]
    pub const fn lateness(&self) -> Duration {
        self.sent.since(self.planned)
    }
}
