//! The sabotage table: for every check, subjects that it must hold and subjects built to break it.
//!
//! Each row is a scenario of `scenarios/library/sabotage`, small enough that a thousand seeds of the whole table take
//! minutes. Its story names the broken subjects by their settings, and the table says which measure must catch each: a
//! check that fails for another reason is right by luck.

use upstorm_model::verdict::Measure::*;

use super::row::{Row, broken, disguised};
use super::table_of_harness::HARNESS;

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(HARNESS)
}

/// The rows of the checks that a scenario asks for, by check.
const ROWS: &[Row] = &[
    Row {
        check: "slo",
        scenario: "sabotage/slo",
        sound: &[],
        twins: &[
            broken(&["upstream.payments.latency.uniform.max=160ms"], LatencyQuantile),
            broken(&[r#"upstream.payments.status={200="80%",503="20%"}"#], ErrorShare),
            broken(&[r#"upstream.payments.status={200="80%",429="20%"}"#], ThrottledShare),
            broken(&[r#"upstream.payments.faults=[{share="20%",reset={at="mid-body"}}]"#], Availability),
        ],
    },
    Row {
        check: "breaker",
        scenario: "sabotage/breaker",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-breaker"], BreakerTripOverrun),
            broken(&["gateway.edge.preset=window-never-slides"], BreakerTripOverrun),
            broken(&["gateway.edge.breaker.failure_rate=90%"], BreakerTripOverrun),
            broken(&["gateway.edge.breaker.failure_rate=10%"], BreakerNeedlessTrips),
            broken(&["gateway.edge.breaker.open_for=300ms"], BreakerEarlyAdmissions),
            broken(&["gateway.edge.breaker.open_for=2500ms"], BreakerOverdue),
            broken(&["client.shoppers.retry={max_attempts=2}"], BreakerRejectionTime),
        ],
    },
    Row {
        check: "breaker",
        scenario: "sabotage/breaker-closed",
        sound: &[],
        twins: &[broken(&["gateway.edge.breaker.failure_rate=4%"], BreakerOpenings)],
    },
    Row {
        check: "breaker",
        scenario: "sabotage/breaker-in-a-row",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.breaker.failures=150"], BreakerTripOverrun),
            broken(
                &["gateway.edge.breaker.failures=2", r#"upstream.payments.status={200="75%",503="25%"}"#],
                BreakerNeedlessTrips,
            ),
            broken(&["gateway.edge.breaker.open_for=300ms"], BreakerEarlyAdmissions),
            broken(&["gateway.edge.breaker.open_for=2500ms"], BreakerOverdue),
            broken(&["gateway.edge.breaker.half_open_permits=40"], BreakerProbes),
        ],
    },
    Row {
        check: "breaker",
        scenario: "sabotage/breaker-probes",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=unlimited-half-open"], BreakerProbes),
            broken(&["gateway.edge.preset=stuck-half-open"], BreakerClosed),
            broken(&["gateway.edge.preset=no-breaker"], BreakerOpened),
        ],
    },
    Row {
        check: "breaker",
        scenario: "sabotage/breaker-late-results",
        sound: &[],
        twins: &[broken(&["gateway.edge.breaker.late_results=count"], BreakerProbes)],
    },
    Row {
        check: "recovery",
        scenario: "sabotage/recovery",
        sound: &[],
        twins: &[broken(&["gateway.edge.breaker.open_for=30s"], RecoveryTime)],
    },
    Row {
        check: "recovery",
        scenario: "sabotage/recovery-slow",
        sound: &[],
        twins: &[
            broken(&["phase.outage.upstream.payments.capacity.queue=4"], TimeDown),
            broken(&[r#"phase.after.upstream.payments.status={503="100%"}"#], TimeDown),
        ],
    },
    Row {
        check: "recovery",
        scenario: "sabotage/recovery-stuck",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=standard"], GoodSeconds),
            broken(&["gateway.edge.preset=none"], GoodSeconds),
        ],
    },
    Row {
        check: "recovery",
        scenario: "sabotage/recovery-metastable",
        sound: &[],
        twins: &[
            broken(&["upstream.payments.capacity.queue=20"], GoodSeconds),
            broken(&["phase.half.client.shoppers.rate=60/s"], RecoveryTime),
        ],
    },
    Row {
        check: "jitter",
        scenario: "sabotage/jitter",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-jitter"], RetrySpread),
            broken(&["gateway.edge.preset=naive"], RetryPeak),
            broken(&["gateway.edge.preset=shared-jitter"], RepeatedDelays),
        ],
    },
    Row {
        check: "jitter",
        scenario: "sabotage/jitter-cohort",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-jitter"], RetrySpread),
            broken(&["gateway.edge.preset=naive"], RetryPeak),
            broken(&["gateway.edge.preset=shared-jitter"], RepeatedDelays),
        ],
    },
    Row {
        check: "backoff",
        scenario: "sabotage/backoff",
        sound: &[],
        twins: &[
            disguised(&["gateway.edge.retry.backoff.jitter=none"], WaitLawDistance),
            disguised(&["gateway.edge.retry.backoff.jitter=equal"], WaitLawDistance),
            disguised(&["gateway.edge.retry.backoff.base=400ms"], WaitsOutOfBounds),
            disguised(&["gateway.edge.preset=naive"], WaitLawDistance),
        ],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-budget"], RetriesOverBudget),
            broken(&["gateway.edge.preset=naive"], RetriesOverBudget),
            disguised(NO_BUDGET, RetriesOverBudget),
        ],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=envoy"],
        twins: &[disguised(NO_BUDGET, RetriesOverBudget)],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=envoy-budget"],
        twins: &[disguised(NO_BUDGET, RetriesOverBudget)],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=grpc"],
        twins: &[disguised(NO_BUDGET, RetriesOverBudget)],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=aws-2026"],
        twins: &[disguised(NO_BUDGET, RetriesOverBudget)],
    },
    Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=sre"],
        twins: &[disguised(NO_BUDGET, RetriesOverBudget)],
    },
    Row {
        check: "retry_after",
        scenario: "sabotage/retry-after",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=ignores-retry-after"], EarlyRetries),
            broken(&["gateway.edge.preset=ignores-retry-after-dates"], EarlyRetries),
            broken(&["gateway.edge.preset=naive"], EarlyRetries),
        ],
    },
    Row {
        check: "amplification",
        scenario: "sabotage/amplification",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-budget"], Amplification),
            broken(&["gateway.edge.preset=naive"], Amplification),
            broken(&["gateway.edge.retry.budget.min_per_sec=40.0"], Amplification),
        ],
    },
    Row {
        check: "herd",
        scenario: "sabotage/herd",
        sound: &[],
        twins: &[broken(&["gateway.edge.preset=no-jitter"], HerdPeak)],
    },
    Row {
        check: "herd",
        scenario: "sabotage/herd-waves",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-jitter"], HerdClumps),
            broken(&["gateway.edge.preset=shared-jitter"], HerdClumps),
        ],
    },
    Row {
        check: "failover",
        scenario: "sabotage/failover",
        sound: &[],
        twins: &[
            broken(&[r#"gateway.edge.failover.on=["502"]"#], FailoverTime),
            broken(&[r#"upstream.west.status={503="100%"}"#], FailoverServed),
            broken(&["gateway.edge.breaker.open_for=60s"], FailbackTime),
            broken(&["gateway.edge.breaker.slow_call=5ms"], FailoverStrays),
        ],
    },
    Row {
        check: "limit",
        scenario: "sabotage/limit",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=no-limits"], CallsOverRate),
            broken(&["gateway.edge.limits.rate=250/s"], CallsOverRate),
            broken(&["gateway.edge.limits.max_requests=80"], CallsOverConcurrency),
            broken(&["gateway.edge.limits.rate=100/s"], LimitUse),
        ],
    },
    Row {
        check: "fresh",
        scenario: "sabotage/fresh",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.cache.serve_stale=always"], NeedlessStale),
            broken(&["gateway.edge.cache.stale_if_error=10s"], OverdueAnswers),
            broken(&["gateway.edge.cache.stale_if_error=0s"], StaleServed),
        ],
    },
    Row {
        check: "alert",
        scenario: "sabotage/alert",
        sound: &[],
        twins: &[
            broken(&["client.shoppers.preset=naive"], AlertFired),
            broken(&[r#"phase.outage.upstream.payments.status={200="98%",503="2%"}"#], AlertFired),
        ],
    },
    Row {
        check: "alert",
        scenario: "sabotage/alert-silent",
        sound: &[],
        twins: &[
            broken(&[r#"upstream.payments.status={200="70%",503="30%"}"#], AlertLevel),
            broken(&["client.shoppers.timeout=5ms"], AlertLevel),
        ],
    },
    Row {
        check: "alert",
        scenario: "sabotage/alert-burn",
        sound: &[],
        twins: &[
            broken(&["client.shoppers.preset=naive"], AlertFired),
            broken(&[r#"phase.outage.upstream.payments.status={200="97%",503="3%"}"#], AlertFired),
        ],
    },
    Row {
        check: "retry_safety",
        scenario: "sabotage/retry-safety",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=retries-unkeyed-posts"], UnkeyedRetries),
            broken(&["gateway.edge.preset=new-key-each-attempt"], ChangedKeys),
            broken(
                &[
                    r#"client.shoppers.requests=[{method="POST",path="/",headers={"Idempotency-Key"="mine"}}]"#,
                ],
                SharedKeys,
            ),
            disguised(&["upstream.payments.ledger=false"], RepeatedEffects),
            broken(&[r#"upstream.payments.limit={rate="5/s",burst=1,reject={status=200}}"#], MissingEffects),
        ],
    },
    Row {
        check: "timeout",
        scenario: "sabotage/timeout",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.preset=abandons-attempts"], AbandonedAttempts),
            broken(
                &["gateway.edge.preset=abandons-attempts", "gateway.edge.retry.max_attempts=1"],
                OutlivedCall,
            ),
            broken(&["gateway.edge.deadline.per_try=400ms"], LongestAttempt),
            broken(&["gateway.edge.deadline.per_try=100ms"], EarlyGivingUp),
        ],
    },
    Row {
        check: "tally",
        scenario: "sabotage/tally",
        sound: &[],
        twins: &[
            broken(&["gateway.edge.retry.max_attempts=4"], Tally),
            broken(
                &[
                    "gateway.edge.breaker.kind=consecutive",
                    "gateway.edge.breaker.failures=5",
                    "gateway.edge.breaker.open_for=900ms",
                ],
                TallyLast,
            ),
            broken(
                &[
                    "gateway.edge.retry.max_attempts=1",
                    "gateway.edge.breaker.kind=consecutive",
                    "gateway.edge.breaker.failures=1",
                    "gateway.edge.breaker.open_for=30s",
                ],
                TallyReached,
            ),
        ],
    },
];

/// Says that it has a budget, and has none.
const NO_BUDGET: &[&str] = &["gateway.edge.retry.budget.kind=none"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use upstorm_checks::CHECKS;
    use upstorm_language::library::{SABOTAGE, find};
    use upstorm_model::policy::PRESETS;
    use upstorm_model::verdict::Measure;

    use super::*;

    /// As the story of its scenario names it: what is set over the sound subject that is the scenario as it is.
    fn told(sets: &[&str]) -> String {
        sets.iter().map(|set| format!("--set {set}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_check_is_tried_and_only_checks_are() {
        for check in CHECKS {
            let tried = rows().any(|row| row.check == check.key && !row.twins.is_empty());
            assert!(tried, "{} has no row with a subject that breaks it", check.key);
        }
        for row in rows() {
            let check = CHECKS.iter().find(|check| check.key == row.check).expect("a row of a check");
            for twin in row.twins {
                assert!(check.measures.contains(&twin.because), "{}: {:?}", row.check, twin.because);
                assert!(!twin.sets.is_empty());
            }
        }
    }

    /// The first four describe, or throw doubt on a run, and fail nothing. Of the last no run of this harness is an example:
    /// what the client sends carries the id of its call, and nobody else sends anything.
    const NOT_SEEN: [Measure; 5] = [LoadLateness, DelayError, BackoffFamily, BacklogGrowth, OrphanAttempts];

    #[test]
    fn every_measure_that_can_fail_is_seen_to_fail() {
        let seen: BTreeSet<Measure> = rows().flat_map(|row| row.twins).map(|twin| twin.because).collect();
        let all: BTreeSet<Measure> = CHECKS.iter().flat_map(|check| check.measures).copied().collect();
        let missing: Vec<&Measure> = all.difference(&seen).filter(|m| !NOT_SEEN.contains(m)).collect();
        assert!(missing.is_empty(), "no subject is built to be failed by {missing:?}");
    }

    #[test]
    fn every_broken_twin_among_the_presets_is_caught_by_some_row() {
        let caught: BTreeSet<&str> =
            rows().flat_map(|row| row.twins).flat_map(|twin| twin.sets).copied().collect();
        for preset in PRESETS.iter().filter(|preset| preset.twin_of.is_some()) {
            let is_it = |set: &&str| set.ends_with(&format!(".preset={}", preset.name));
            assert!(caught.iter().any(is_it), "no check is tried on {}", preset.name);
        }
    }

    #[test]
    fn the_stories_name_the_subjects_of_the_table() {
        for scenario in SABOTAGE {
            let of_it = || rows().filter(|row| row.scenario == scenario.name);
            let sound = of_it().filter(|row| !row.sound.is_empty()).map(|row| told(row.sound));
            let twins = of_it().flat_map(|row| row.twins.iter().map(|twin| told(twin.sets)));
            let listed: BTreeSet<String> = sound.chain(twins).collect();
            let lines = scenario.text.lines().filter(|line| line.starts_with('#'));
            let quoted = lines.flat_map(|line| line.split('`').filter(|part| part.starts_with("--set ")));
            let named: BTreeSet<String> = quoted.map(str::to_owned).collect();
            assert_eq!(listed, named, "{}", scenario.name);
        }
        assert!(rows().all(|row| find(row.scenario).is_some()), "a row of no scenario");
    }
}
