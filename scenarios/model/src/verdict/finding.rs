//! A finding: one check's verdict, with the observations it rests on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Observation;
use crate::scenario::Severity;

/// Held, Failed, or not enough to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The bound is kept, with the confidence stated.
    Held,
    /// Too few samples, too much noise, or nothing measured.
    Inconclusive,
    /// The bound is broken, with the confidence stated.
    Failed,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The check's name in the scenario.
    pub check: String,
    /// Its kind, as the scenario writes it; for an always-on check, its name.
    pub kind: String,
    /// Whom it is about, such as `edge -> payments`; empty for the whole run.
    pub subject: String,
    /// The phases it looked at; empty for everything after warm-up.
    pub during: Vec<String>,
    /// Whether a failure fails the run.
    pub severity: Severity,
    /// The worst of its observations, or Inconclusive if there is none.
    pub verdict: Verdict,
    /// What it measured.
    pub observations: Vec<Observation>,
    /// The line of the scenario file that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column of that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Finding {
    /// The verdict that follows from the observations: the worst one; Inconclusive when nothing was measured.
    #[must_use]
    pub fn verdict_of(observations: &[Observation]) -> Verdict {
        observations.iter().map(|o| o.verdict).max().unwrap_or(Verdict::Inconclusive)
    }
}
