//! The words of what sends calls elsewhere or keeps them out: failover and limits.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::FailoverTime => Words {
            label: "failed over after",
            fact: "calls of {from} were served elsewhere {value} after the trouble began",
            absent: "no call of {from} was ever served elsewhere",
            meaning: "callers go on waiting for an upstream that is down although there is another to ask",
        },
        Measure::FailoverServed => Words {
            label: "served meanwhile",
            fact: "{value} of the calls of {from} succeeded while they went elsewhere",
            absent: "{from} made no call while it should have gone elsewhere",
            meaning: "the other upstream did not make up for the one that was down",
        },
        Measure::FailbackTime => Words {
            label: "failed back after",
            fact: "calls of {from} were back at {to} {value} after the trouble had ended",
            absent: "calls of {from} never came back to {to} for good after the trouble had ended",
            meaning: "what was meant as a way out for a while becomes the usual way",
        },
        Measure::FailoverStrays => Words {
            label: "strays",
            fact: "{value} of the calls of {from} went elsewhere although {to} was well",
            absent: "{from} made no call while {to} was well",
            meaning: "the other upstream carries load that it is not meant for",
        },
        Measure::CallsOverRate => Words {
            label: "calls over the rate",
            fact: "in its worst window {from} let {value} calls more through to {to} than its rate limit allows",
            absent: "{from} was never asked for more than its rate limit allows",
            meaning: "the limit does not protect the upstream that it was set for",
        },
        Measure::CallsOverConcurrency => Words {
            label: "calls over at once",
            fact: "{from} had {value} calls more open at {to} at once than its limit allows",
            absent: "{from} was never asked for more calls at once than its limit allows",
            meaning: "one slow upstream can take everything that its caller has",
        },
        _ => Words {
            label: "use of the limit",
            fact: "{from} let only {value} of what its rate limit has room for through to {to} while more was asked",
            absent: "{from} was never asked for more than its rate limit allows",
            meaning: "callers are turned away though there is room",
        },
    }
}
