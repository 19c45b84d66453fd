//! The words of what does not get well by itself.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::GoodSeconds => Words {
            label: "good seconds in a row",
            fact: "{who} had {value} good seconds in a row after the trouble, and was to stay down",
            absent: "{who} was not watched after the trouble",
            meaning: "the failure that this is meant to show did not outlive its cause",
        },
        Measure::TimeDown => Words {
            label: "time down",
            fact: "{who} was well again {value} after the trouble, and was to stay down for longer",
            absent: "{who} was not well again before the run ended, and was to be, late",
            meaning: "the failure that this is meant to show is of another kind",
        },
        _ => Words {
            label: "growth of the backlog",
            fact: "the calls of {who} that wait for an answer became more by {value} a second",
            absent: "no call of {who} waited after the trouble",
            meaning: "what is meant to be stuck is only slow: its queue ends",
        },
    }
}
