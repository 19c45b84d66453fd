//! Marks: what else is worth knowing about a run, beside calls and attempts.

use serde::{Deserialize, Serialize};

use crate::{HostId, Offset, RouteId};

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
    /// Somebody changed by hand what an upstream does: what began from here on met the change, not the plan.
    Changed(Change),
}

/// A change by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which upstream.
    pub upstream: HostId,
    /// Which of its routes; none where all of them are concerned.
    pub route: Option<RouteId>,
    /// Who asked for it, as their program names itself.
    pub by: String,
    /// What they asked for, as they wrote it, cut short where it was long.
    pub what: String,
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
    /// Its adaptive throttle rejected a call, for the first time in a second.
    Throttled,
    /// It sent an extra attempt beside a slow one, for the first time in a second.
    Hedged,
    /// It took a replica out of its balance.
    Ejected,
    /// It took a replica back into its balance.
    Readmitted,
    /// It sent a call to a backup, for the first time since it last sent one to the tier before it.
    FailedOver,
    /// It sent a call to a tier again that it had turned away from.
    FailedBack,
    /// It served an answer that was no longer fresh, for the first time in a second.
    ServedStale,
    /// It answered a call with its fallback, for the first time in a second.
    FellBack,
}
