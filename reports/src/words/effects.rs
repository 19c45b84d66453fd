//! The words of effects: keys that are missing, changed or shared, and what was done twice or not at all.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::UnkeyedRetries => Words {
            label: "unkeyed retries",
            fact: "{from} made {value} unsafe requests to {to} again that had no Idempotency-Key",
            absent: "no unsafe request from {from} to {to} gave reason to make it again",
            meaning: "what was asked for may be done twice: one order becomes two",
        },
        Measure::ChangedKeys => Words {
            label: "changed keys",
            fact: "{value} calls from {from} to {to} changed their Idempotency-Key between attempts",
            absent: "no call from {from} to {to} with an Idempotency-Key was tried again",
            meaning: "the upstream cannot tell a repetition from a second order",
        },
        Measure::SharedKeys => Words {
            label: "shared keys",
            fact: "{value} Idempotency-Keys from {from} to {to} were those of more than one call",
            absent: "no call from {from} to {to} had an Idempotency-Key",
            meaning: "the upstream takes a new order for the repetition of an old one, and does not do it",
        },
        Measure::RepeatedEffects => Words {
            label: "repeated effects",
            fact: "{value} times {to} did again what a call from {from} had asked for once",
            absent: "{to} did nothing that {from} asked for and that was counted",
            meaning: "callers pay twice for what they ordered once",
        },
        _ => Words {
            label: "missing effects",
            fact: "{value} calls from {from} were told that {to} had done what it had not",
            absent: "no unsafe call from {from} to {to} was told that it is done",
            meaning: "callers believe in orders that do not exist",
        },
    }
}
