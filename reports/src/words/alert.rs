//! The words of alerts: one that came late or never, one that should not have come.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::AlertFired => Words {
            label: "alert fired after",
            fact: "the alert on {who} ({part}) fired {value} after the trouble began",
            absent: "the alert on {who} ({part}) did not fire in time",
            meaning: "nobody is told of an outage that callers feel",
        },
        _ => Words {
            label: "alert level",
            fact: "what the alert on {who} watches ({part}) stayed at {value} for as long as it takes to fire",
            absent: "no window of the alert on {who} ({part}) had calls enough",
            meaning: "somebody is woken although this is not to wake anybody",
        },
    }
}
