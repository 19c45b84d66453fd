//! How the answer to an attempt was kept back by the upstream's `hold` or `probes`.
//!
//! An answer that was held looks slow, and slow for a reason that no law of latency has. Checks tell it apart by this:
//! what a law says of delays, they read from the time before it; which calls failed together, and how many probes were
//! under way at once, they read from who was held with whom.

use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// Who else was held with an attempt, and for how long it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Why.
    pub by: Holder,
    /// Which cohort of its route, from 0; or which silence of its caller on its route, from 0.
    pub group: u32,
    /// From when its latency was over until it was let go; none where its caller did not wait for that, or it was never
    /// to be answered.
    pub lasted: Option<TimeSpan>,
}

/// What held an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Holder {
    /// `hold`: it was one of a cohort.
    Cohort,
    /// `probes`: it was taken for a probe.
    Probe,
}
