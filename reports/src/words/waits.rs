//! The words of what comes back, and when: herds, and the waits before retries.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::HerdPeak => Words {
            label: "herd peak over mean",
            fact: "at its busiest moment after {part} {from} came back to {to} {value} times as often as on average",
            absent: "{from} hardly came back to {to} after {part}",
            meaning: "callers that waited for the same moment all come at once, and can knock a recovering upstream over",
        },
        Measure::HerdClumps => Words {
            label: "clumps of retries",
            fact: "first retries from {from} to {to} clump {value} times as much as independent ones would",
            absent: "{from} made too few retries towards {to} to see clumps",
            meaning: "the waits of its calls have something in common, so that retries come in waves",
        },
        Measure::WaitsOutOfBounds => Words {
            label: "waits out of bounds",
            fact: "{value} of the waits of {from} before {part} towards {to} were shorter or longer than its backoff allows",
            absent: "{from} made no such retries towards {to}",
            meaning: "the backoff is not the one that is set, and the upstream gets retries earlier or callers wait longer than planned",
        },
        Measure::BackoffFamily => Words {
            label: "recognised backoff",
            fact: "the waits of {from} towards {to} lie {value} away from the nearest known family (Kolmogorov–Smirnov)",
            absent: "{from} made no retries towards {to} after a wait that could be seen",
            meaning: "what its backoff is can not be said",
        },
        _ => Words {
            label: "distance of waits",
            fact: "the waits of {from} before {part} towards {to} lie {value} away from the law of its backoff (Kolmogorov–Smirnov)",
            absent: "{from} made no such retries towards {to}",
            meaning: "the jitter is not the one that is set, so retries are spread otherwise than planned",
        },
    }
}
