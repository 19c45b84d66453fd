//! Marks: what else is worth knowing about a run, beside calls and attempts.

use serde::{Deserialize, Serialize};

use crate::{HostId, Offset};

/// Something that happened at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Offset,
    /// What.
    pub kind: MarkKind,
}

/// What a mark says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum MarkKind {
    /// A segment of the plan began, as near to its planned time as the world managed.
    Segment(u16),
    /// What a reference gateway or client says of itself. For the report; never evidence.
    Says(HostId, Annotation),
    /// Sampled about once a second: calls in flight at a client.
    InFlight(HostId, u32),
    /// Sampled about once a second: how late, in nanoseconds, a one-millisecond sleep of the harness ended.
    HostNoise(u64),
    /// The run was interrupted here.
    Interrupted,
    /// The run wrote everything it had.
    End,
    /// The world gave the run up here, because it had no end.
    GivenUp,
}

/// What a reference gateway or client says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Annotation {
    /// Its breaker opened.
    BreakerOpened,
    /// Its breaker lets probes through.
    BreakerHalfOpened,
    /// Its breaker closed.
    BreakerClosed,
    /// Its retry budget refused a retry, for the first time in a second.
    BudgetExhausted,
    /// Its rate limit rejected a call, for the first time in a second.
    RateLimited,
    /// Its bulkhead rejected a call, for the first time in a second.
    BulkheadFull,
}
