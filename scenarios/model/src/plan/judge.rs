//! The checks of a plan, with their names resolved.

use serde::{Deserialize, Serialize};

use super::{HostId, RouteId};
use crate::scenario::{AlwaysOn, CheckKind, Severity};

/// A check, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCheck {
    /// Its name.
    pub name: String,
    /// Indices into the plan's phases; empty for everything after warm-up.
    pub during: Vec<u16>,
    /// Whether a failure fails the run.
    pub severity: Severity,
    /// With fewer samples it is Inconclusive.
    pub min_samples: Option<u64>,
    /// What is checked; none for an always-on check.
    pub kind: Option<CheckKind>,
    /// Which always-on check this is, if it is one.
    pub always_on: Option<AlwaysOn>,
    /// Whom it is about.
    pub of: Subject,
    /// Where the scenario asks for it.
    pub place: Option<Place>,
}

/// Whom a check is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The whole run.
    Run,
    /// What a client saw.
    Client(HostId),
    /// What one host sent to others of one name.
    Edge {
        /// Who sends.
        from: HostId,
        /// Who receives: the replicas of one name, or one of them.
        to: Vec<HostId>,
        /// Only this route of the receiver.
        route: Option<RouteId>,
    },
}

/// A place in the scenario file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}
