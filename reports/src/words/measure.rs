//! What each measure is called, what happened where it failed, and why that matters.
//!
//! The match over [`Measure`] is exhaustive: a new measure cannot reach a report without its words.

use upstorm_model::verdict::Measure;

/// The words of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What it is called in a table.
    pub label: &'static str,
    /// What happened: `{who}`, `{from}`, `{to}`, `{part}` and `{value}` are filled in.
    pub(super) fact: &'static str,
    /// What happened where there is no value.
    pub(super) absent: &'static str,
    /// Why it matters.
    pub(crate) meaning: &'static str,
}

/// The words of a measure.
#[must_use]
pub const fn of(measure: Measure) -> Words {
    match measure {
        Measure::LatencyQuantile
        | Measure::ErrorShare
        | Measure::ThrottledShare
        | Measure::Availability
        | Measure::RecoveryTime => of_calls(measure),
        Measure::GoodSeconds | Measure::BacklogGrowth | Measure::TimeDown => super::recovery::words(measure),
        Measure::BreakerOpened
        | Measure::BreakerClosed
        | Measure::BreakerOpenings
        | Measure::BreakerEarlyAdmissions
        | Measure::BreakerProbes
        | Measure::BreakerTripOverrun
        | Measure::BreakerNeedlessTrips
        | Measure::BreakerOverdue
        | Measure::BreakerRejectionTime => super::breaker::words(measure),
        Measure::RetrySpread
        | Measure::RetryPeak
        | Measure::RepeatedDelays
        | Measure::RetriesOverBudget
        | Measure::EarlyRetries
        | Measure::Amplification => of_retries(measure),
        Measure::LoadSent | Measure::LoadLateness | Measure::LoadShed => of_load(measure),
        Measure::FaultShare
        | Measure::LatencyLawDistance
        | Measure::DelayError
        | Measure::OrphanAttempts
        | Measure::UnexplainedCalls => of_injection(measure),
        Measure::HerdPeak
        | Measure::HerdClumps
        | Measure::WaitsOutOfBounds
        | Measure::WaitLawDistance
        | Measure::BackoffFamily => super::waits::words(measure),
        Measure::FailoverTime
        | Measure::FailoverServed
        | Measure::FailbackTime
        | Measure::FailoverStrays
        | Measure::CallsOverRate
        | Measure::CallsOverConcurrency
        | Measure::LimitUse => super::protection::words(measure),
        Measure::OverdueAnswers | Measure::NeedlessStale | Measure::StaleServed => {
            super::stale::words(measure)
        }
        Measure::Tally | Measure::TallyLast | Measure::TallyReached => super::tally::words(measure),
        Measure::AlertFired | Measure::AlertLevel => super::alert::words(measure),
        Measure::UnkeyedRetries
        | Measure::ChangedKeys
        | Measure::SharedKeys
        | Measure::RepeatedEffects
        | Measure::MissingEffects => super::effects::words(measure),
        Measure::LongestAttempt
        | Measure::AbandonedAttempts
        | Measure::EarlyGivingUp
        | Measure::OutlivedCall => super::giving_up::words(measure),
    }
}

const fn of_calls(measure: Measure) -> Words {
    match measure {
        Measure::LatencyQuantile => Words {
            label: "latency",
            fact: "the {part} latency of successful calls of {who} was {value}",
            absent: "no call of {who} succeeded, so there is no {part} latency",
            meaning: "the slowest callers wait longer than promised (counted from the time a call was due)",
        },
        Measure::ErrorShare => Words {
            label: "failed calls",
            fact: "{value} of the calls of {who} failed",
            absent: "no call of {who} was made",
            meaning: "callers got a 5xx, a broken connection, a timeout or nothing at all",
        },
        Measure::ThrottledShare => Words {
            label: "throttled calls",
            fact: "{value} of the calls of {who} were answered 429",
            absent: "no call of {who} was made",
            meaning: "callers are turned away by a rate limit",
        },
        Measure::Availability => Words {
            label: "successful calls",
            fact: "{value} of the calls of {who} succeeded",
            absent: "no call of {who} was made",
            meaning: "callers did not get what they asked for often enough",
        },
        _ => Words {
            label: "time to recover",
            fact: "{who} needed {value} after the end of the trouble to be well again",
            absent: "{who} was not well again before the run ended",
            meaning: "the trouble goes on after its cause is gone",
        },
    }
}

const fn of_retries(measure: Measure) -> Words {
    match measure {
        Measure::RetrySpread => Words {
            label: "spread of retries",
            fact: "{from} spread the first retries of calls to {to} that failed together over only {value}",
            absent: "{from} made no retries of calls to {to} that failed together",
            meaning: "calls that failed together come back together and hit the upstream as one wave",
        },
        Measure::RetryPeak => Words {
            label: "retry peak over mean",
            fact: "at its busiest moment {from} retried {value} times as often as on average towards {to}",
            absent: "{from} made no retries of calls to {to} that failed together",
            meaning: "calls that failed together come back as a herd",
        },
        Measure::RepeatedDelays => Words {
            label: "repeated delays",
            fact: "first retries from {from} to {to} had the same delay {value} times as often as chance explains",
            absent: "{from} made too few retries towards {to} to compare their delays",
            meaning: "callers share one sequence of delays, so their retries are not independent",
        },
        Measure::RetriesOverBudget => Words {
            label: "retries over budget",
            fact: "in its worst window {from} sent {to} {value} retries more than its budget allows",
            absent: "{from} sent {to} nothing to count a budget by",
            meaning: "retries without a limit multiply the load on an upstream that is already failing",
        },
        Measure::EarlyRetries => Words {
            label: "early retries",
            fact: "{value} of the retries from {from} to {to} came before the Retry-After they were given",
            absent: "{from} got no Retry-After from {to} that it could obey",
            meaning: "the upstream said when to come back and was not heard",
        },
        _ => Words {
            label: "attempts per call",
            fact: "{from} sent {to} {value} attempts for each call",
            absent: "{from} sent {to} nothing",
            meaning: "its retries multiply the load on an upstream that is already failing",
        },
    }
}

const fn of_load(measure: Measure) -> Words {
    match measure {
        Measure::LoadSent => Words {
            label: "planned calls sent",
            fact: "{value} of the planned calls of {who} were sent",
            absent: "{who} had no calls planned",
            meaning: "the load was lighter than declared, so the other verdicts are about an easier test",
        },
        Measure::LoadLateness => Words {
            label: "calls sent late (p99)",
            fact: "one call in a hundred of {who} was sent {value} late or later",
            absent: "{who} sent no calls",
            meaning: "this machine could not keep the schedule, so latencies may be its own",
        },
        _ => Words {
            label: "calls shed",
            fact: "{value} of the planned calls of {who} were never sent, because too many were in flight",
            absent: "{who} had no calls planned",
            meaning: "the load was lighter than declared while it mattered most",
        },
    }
}

const fn of_injection(measure: Measure) -> Words {
    match measure {
        Measure::FaultShare => Words {
            label: "injected share",
            fact: "what was declared to go wrong ({part}) hit {value} of the attempts",
            absent: "what was declared to go wrong ({part}) never met an attempt",
            meaning: "the run was not the one that the scenario declares",
        },
        Measure::LatencyLawDistance => Words {
            label: "distance from law",
            fact: "the delays drawn for {part} lie {value} away from their law (Kolmogorov–Smirnov)",
            absent: "no delay was drawn for {part}",
            meaning: "the injected latency is not the one that the scenario declares",
        },
        Measure::DelayError => Words {
            label: "delay error (p99)",
            fact: "one response in a hundred was held back {value} longer or shorter than drawn",
            absent: "no response was held back",
            meaning: "this machine could not keep the injected latency",
        },
        Measure::OrphanAttempts => Words {
            label: "orphan attempts",
            fact: "{value} attempts reached an upstream that no call explains",
            absent: "no attempt reached an upstream",
            meaning: "something else calls the upstream, or attempts lost the id of their call",
        },
        _ => Words {
            label: "unexplained calls",
            fact: "{value} answered calls have neither an attempt nor a rejection that explains them",
            absent: "no call was answered",
            meaning: "an answer came from somewhere that the recording does not see",
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const EVERY: [Measure; 60] = [
        Measure::LatencyQuantile,
        Measure::ErrorShare,
        Measure::ThrottledShare,
        Measure::Availability,
        Measure::BreakerOpened,
        Measure::BreakerClosed,
        Measure::BreakerOpenings,
        Measure::BreakerEarlyAdmissions,
        Measure::BreakerProbes,
        Measure::RetrySpread,
        Measure::RetryPeak,
        Measure::RepeatedDelays,
        Measure::RetriesOverBudget,
        Measure::EarlyRetries,
        Measure::Amplification,
        Measure::RecoveryTime,
        Measure::FaultShare,
        Measure::LoadSent,
        Measure::LoadLateness,
        Measure::LoadShed,
        Measure::LatencyLawDistance,
        Measure::DelayError,
        Measure::OrphanAttempts,
        Measure::UnexplainedCalls,
        Measure::HerdPeak,
        Measure::HerdClumps,
        Measure::WaitsOutOfBounds,
        Measure::WaitLawDistance,
        Measure::FailoverTime,
        Measure::FailoverServed,
        Measure::FailbackTime,
        Measure::FailoverStrays,
        Measure::CallsOverRate,
        Measure::CallsOverConcurrency,
        Measure::LimitUse,
        Measure::OverdueAnswers,
        Measure::NeedlessStale,
        Measure::StaleServed,
        Measure::Tally,
        Measure::TallyLast,
        Measure::TallyReached,
        Measure::BreakerTripOverrun,
        Measure::BreakerNeedlessTrips,
        Measure::BreakerOverdue,
        Measure::BreakerRejectionTime,
        Measure::GoodSeconds,
        Measure::BacklogGrowth,
        Measure::AlertFired,
        Measure::AlertLevel,
        Measure::UnkeyedRetries,
        Measure::ChangedKeys,
        Measure::SharedKeys,
        Measure::RepeatedEffects,
        Measure::MissingEffects,
        Measure::LongestAttempt,
        Measure::AbandonedAttempts,
        Measure::EarlyGivingUp,
        Measure::OutlivedCall,
        Measure::BackoffFamily,
        Measure::TimeDown,
    ];

    #[test]
    fn every_measure_has_words_of_its_own() {
        let labels: BTreeSet<&str> = EVERY.iter().map(|m| of(*m).label).collect();
        let facts: BTreeSet<&str> = EVERY.iter().map(|m| of(*m).fact).collect();
        assert_eq!((labels.len(), facts.len()), (EVERY.len(), EVERY.len()));
        assert!(labels.iter().all(|l| l.chars().count() <= 21), "a label fits its column on the terminal");
    }

    #[test]
    fn every_placeholder_is_one_that_is_filled_in() {
        for words in EVERY.map(of) {
            assert!(words.fact.contains("{value}"), "{}", words.fact);
            assert!(!words.absent.contains("{value}"), "{}", words.absent);
            for pattern in [words.fact, words.absent] {
                let names = pattern.split('{').skip(1).map(|p| p.split_once('}').unwrap().0);
                let known = ["who", "from", "to", "part", "value"];
                assert!(names.into_iter().all(|n| known.contains(&n)), "{pattern}");
            }
            assert!(!words.meaning.is_empty() && !words.meaning.contains('{'));
        }
    }
}
