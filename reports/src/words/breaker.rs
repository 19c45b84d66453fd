//! The words of circuit breakers.
//!
//! The caller of this decides which measures come here; the last one is the rest.

use upstorm_model::verdict::Measure;

use super::Words;

/// The words of one of these measures.
pub(super) const fn words(measure: Measure) -> Words {
    match measure {
        Measure::BreakerOpened => Words {
            label: "breaker opened after",
            fact: "{from} went on calling {to} for {value} after the trouble began",
            absent: "{from} never stopped calling {to} while it failed",
            meaning: "its breaker opens too late or never, and keeps loading an upstream that fails",
        },
        Measure::BreakerClosed => Words {
            label: "breaker closed after",
            fact: "calls from {from} got through to {to} for good {value} after the trouble had ended",
            absent: "calls from {from} never got through to {to} for good after the trouble had ended",
            meaning: "its breaker turns callers away from an upstream that is well again",
        },
        Measure::BreakerOpenings => Words {
            label: "breaker openings",
            fact: "the breaker of {from} towards {to} opened {value} times",
            absent: "the breaker of {from} towards {to} could not be watched",
            meaning: "it cuts callers off from an upstream that is well enough",
        },
        Measure::BreakerEarlyAdmissions => Words {
            label: "early admissions",
            fact: "{from} let {value} attempts through to {to} before the open time of its breaker had passed",
            absent: "{from} never had an open breaker to let attempts through",
            meaning: "the upstream does not get the rest that the breaker promises",
        },
        Measure::BreakerProbes => Words {
            label: "probes",
            fact: "{from} let {value} probes through to {to} before they had decided whether it is well",
            absent: "{from} sent {to} no probe",
            meaning: "too many probes at once can knock a recovering upstream over",
        },
        Measure::BreakerTripOverrun => Words {
            label: "calls after the trip",
            fact: "{from} let {value} attempts through to {to} after it had seen failures enough to open its breaker",
            absent: "{from} never saw failures enough to open its breaker towards {to}",
            meaning: "its breaker looks back on something else than its settings say, and opens too late",
        },
        Measure::BreakerNeedlessTrips => Words {
            label: "needless openings",
            fact: "the breaker of {from} towards {to} opened {value} times without failures enough to account for it",
            absent: "no opening of the breaker of {from} towards {to} could be accounted for",
            meaning: "its breaker looks back on something else than its settings say, and turns callers away for nothing",
        },
        Measure::BreakerOverdue => Words {
            label: "overdue rejections",
            fact: "{from} turned {value} calls to {to} away although its breaker had to let one through",
            absent: "the breaker of {from} towards {to} was never due to let a call through",
            meaning: "it does not find out that the upstream is well again",
        },
        _ => Words {
            label: "rejection time (p99)",
            fact: "{from} took {value} to turn a call away from {to}, once in a hundred times",
            absent: "{from} turned no call away from {to}",
            meaning: "callers wait for nothing: an open breaker has nothing to ask anybody",
        },
    }
}
