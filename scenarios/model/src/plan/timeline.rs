//! Phases and segments: which behaviour is in force when.

use serde::{Deserialize, Serialize};

use super::HostId;
use crate::Offset;

/// A phase, from its first segment to its last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseSpan {
    /// Its name in the scenario.
    pub name: String,
    /// When it begins.
    pub start: Offset,
    /// When it ends.
    pub end: Offset,
}

/// A stretch of unchanging behaviour: warm-up, a phase, or one round of one step of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// An index into the plan's phases; none for warm-up.
    pub phase: Option<u16>,
    /// When it begins.
    pub start: Offset,
    /// When it ends.
    pub end: Offset,
    /// Pairs of hosts that cannot reach each other.
    pub partitions: Vec<[HostId; 2]>,
}

impl Segment {
    /// How far through the segment a time is, from 0 to 1. Ramps go by this.
    #[must_use]
    pub fn progress(&self, at: Offset) -> f64 {
        let length = self.end.since(self.start).as_secs_f64();
        if length > 0.0 { (at.since(self.start).as_secs_f64() / length).clamp(0.0, 1.0) } else { 0.0 }
    }
}
