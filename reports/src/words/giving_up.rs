//! The words of giving up: attempts that last too long, that nobody waits for, or that were given up too soon.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::LongestAttempt => Words {
            label: "longest attempt",
            fact: "the longest attempt from {from} at {to} was open for {value}",
            absent: "no attempt from {from} at {to} lasted long enough to be given up",
            meaning: "its timeout comes late or never, and slow answers hold its callers and connections",
        },
        Measure::AbandonedAttempts => Words {
            label: "abandoned attempts",
            fact: "{value} attempts from {from} at {to} were still open when the next one of their call began",
            absent: "{from} never tried {to} again after a timeout",
            meaning: "the upstream goes on working for callers who ask it for the same thing again",
        },
        Measure::EarlyGivingUp => Words {
            label: "given up early",
            fact: "{from} gave {value} attempts at {to} up before their time was over",
            absent: "{from} gave no attempt at {to} up by itself",
            meaning: "answers that were coming are thrown away, and asked for again",
        },
        _ => Words {
            label: "outlived its call",
            fact: "an attempt from {from} at {to} went on for {value} after its call was over",
            absent: "no attempt from {from} at {to} was given up",
            meaning: "the upstream works for callers who are gone",
        },
    }
}
