//! Annotations: what the reference gateways and clients said of themselves, for the timeline. Never evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::Plan;
use upstorm_model::recording::{Annotation, MarkKind, Recording};

/// Something a host said of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// When, in seconds.
    pub at: f64,
    /// Which host.
    pub host: String,
    /// What.
    pub what: NoteKind,
}

/// What a host said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
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
    /// It turned to a backup.
    FailedOver,
    /// It turned back from a backup.
    FailedBack,
    /// It served an answer that was no longer fresh, for the first time in a second.
    ServedStale,
    /// It answered a call with its fallback, for the first time in a second.
    FellBack,
}

impl From<Annotation> for NoteKind {
    fn from(said: Annotation) -> Self {
        match said {
            Annotation::BreakerOpened => Self::BreakerOpened,
            Annotation::BreakerHalfOpened => Self::BreakerHalfOpened,
            Annotation::BreakerClosed => Self::BreakerClosed,
            Annotation::BudgetExhausted => Self::BudgetExhausted,
            Annotation::RateLimited => Self::RateLimited,
            Annotation::BulkheadFull => Self::BulkheadFull,
            Annotation::Throttled => Self::Throttled,
            Annotation::Hedged => Self::Hedged,
            Annotation::Ejected => Self::Ejected,
            Annotation::Readmitted => Self::Readmitted,
            Annotation::FailedOver => Self::FailedOver,
            Annotation::FailedBack => Self::FailedBack,
            Annotation::ServedStale => Self::ServedStale,
            Annotation::FellBack => Self::FellBack,
        }
    }
}

/// The notes of a recording, by time.
pub(super) fn notes(plan: &Plan, recording: &Recording) -> Vec<Note> {
    let note = |m: &upstorm_model::recording::Mark| match m.kind {
        MarkKind::Says(host, said) => {
            Some(Note { at: m.at.as_secs_f64(), host: plan.host_name(host).to_owned(), what: said.into() })
        }
        _ => None,
    };
    recording.marks.iter().filter_map(note).collect()
}
