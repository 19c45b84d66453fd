//! The words of answers that were kept: too old, needless, or missed.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::OverdueAnswers => Words {
            label: "overdue answers",
            fact: "{who} got {value} answers that were older than any answer may be",
            absent: "{who} got no answer out of a cache",
            meaning: "callers act on what may long have changed, and nobody notices that the upstream is gone",
        },
        Measure::NeedlessStale => Words {
            label: "needlessly stale",
            fact: "{value} of the kept answers that {who} got were stale although the upstream did not fail",
            absent: "{who} got no answer out of a cache",
            meaning: "callers get old answers while new ones are to be had",
        },
        _ => Words {
            label: "stale answers served",
            fact: "{value} of the calls of {who} that the upstream failed got the answer that was kept for them",
            absent: "no call of {who} failed for which an answer was kept",
            meaning: "callers get errors although an answer that would do is at hand",
        },
    }
}
