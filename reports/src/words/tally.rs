//! The words of `tally`: numbers held against a range.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of its measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::Tally => Words {
            label: "how many",
            fact: "of {who} there were {value} {part}",
            absent: "of {who} there was nothing to count: {part}",
            meaning: "what was counted is not what was to be expected",
        },
        Measure::TallyReached => Words {
            label: "time until enough",
            fact: "of {who} it took {value} until there were enough {part} in a second",
            absent: "of {who} there were never enough {part} in a second",
            meaning: "it is well again sooner or later than was to be expected",
        },
        _ => Words {
            label: "time until the last",
            fact: "of {who} the last of the {part} ended after {value}",
            absent: "of {who} none of the {part} was seen to end",
            meaning: "it was over sooner or later than was to be expected",
        },
    }
}
