//! The sabotage table: for every check, sound performances it must hold and broken ones it must fail.

use std::time::Duration;

use upstorm_model::TimeSpan;
use upstorm_model::plan::Subject;
use upstorm_model::policy::{BreakerKind, PolicySettings};
use upstorm_model::verdict::{Measure, Verdict};

use crate::defects::{Defects, NO};
use crate::script::{CLIENT, Script, Trouble, from_json, over_edge, preset};

/// One row: what is performed, and what the check must say of it.
pub(crate) struct Row {
    pub(crate) check: &'static str,
    pub(crate) name: &'static str,
    pub(crate) script: fn() -> Script,
    pub(crate) verdict: Verdict,
    /// For a broken row, the measure that must have failed.
    pub(crate) because: Option<Measure>,
}

pub(crate) const SHOPPERS: Subject = Subject::Client(CLIENT);

pub(crate) const fn sound(check: &'static str, name: &'static str, script: fn() -> Script) -> Row {
    Row { check, name, script, verdict: Verdict::Held, because: None }
}

pub(crate) const fn broken(
    check: &'static str,
    name: &'static str,
    because: Measure,
    script: fn() -> Script,
) -> Row {
    Row { check, name, script, verdict: Verdict::Failed, because: Some(because) }
}

pub(crate) const fn unclear(check: &'static str, name: &'static str, script: fn() -> Script) -> Row {
    Row { check, name, script, verdict: Verdict::Inconclusive, because: None }
}

pub(crate) fn failing(share: &str) -> Trouble {
    Trouble::Statuses(from_json(&format!(r#"{{"200":{{}},"503":"{share}"}}"#)))
}

pub(crate) fn all_fail() -> Trouble {
    Trouble::Statuses(from_json(r#"{"503":"100%"}"#))
}

fn limit() -> Trouble {
    Trouble::Limit(from_json(r#"{"rate":"60/s","burst":10,"reject":{"status":503}}"#))
}

fn twice() -> Trouble {
    Trouble::Turns(from_json(r#"[{"times":2,"status":503},{}]"#))
}

fn throttling() -> Trouble {
    Trouble::Statuses(from_json(r#"{"200":{},"429":{"share":"30%","retry_after":{"seconds":1}}}"#))
}

/// Standard with a breaker that opens for two seconds and no retries that would blur it.
pub(crate) fn breaking(jitterless_retries: bool) -> PolicySettings {
    let mut policy = preset("standard");
    (policy.breaker.kind, policy.breaker.failures) = (BreakerKind::Consecutive, 20);
    policy.breaker.open_for = TimeSpan::from_secs(2);
    policy.breaker.half_open_permits = 3;
    if !jitterless_retries {
        policy.retry.max_attempts = 1;
    }
    policy
}

pub(crate) fn breaker(trouble: Trouble, defects: Defects) -> Script {
    let script = Script { policy: breaking(true), ..Script::trouble("standard", trouble, (8, 8)) };
    script.with(defects).asks(
        over_edge(),
        &[1, 2],
        r#"{"breaker":{"opens_within":"2s","closes_within":"3s"}}"#,
    )
}

pub(crate) fn retries(policy: &str, trouble: Trouble, check: &str) -> Script {
    let mut script = Script::trouble(policy, trouble, (12, 5));
    script.policy.breaker.kind = BreakerKind::Off;
    script.asks(over_edge(), &[], check)
}

pub(crate) fn recovering(defects: Defects) -> Script {
    let script = Script { policy: breaking(false), ..Script::trouble("standard", all_fail(), (5, 15)) };
    script.with(defects).asks(
        SHOPPERS,
        &[],
        r#"{"recovery":{"of":"shoppers","after":"trouble","within":"5s"}}"#,
    )
}

fn resets() -> Trouble {
    Trouble::Faults(from_json(
        r#"[{"share":"10%","reset":{"at":"before-headers"}},{"share":"5%","hang":{}}]"#,
    ))
}

fn ramp() -> Trouble {
    Trouble::Latency(from_json(
        r#"{"lognormal":{"median":{"from":"5ms","to":"80ms"},"sigma":0.5,"max":"150ms"}}"#,
    ))
}

fn always(trouble: Trouble, defects: Defects) -> Script {
    Script::trouble("retry", trouble, (10, 3)).with(defects)
}

const SLO: &str =
    r#"{"slo":{"p50":"20ms","p95":"50ms","p99":"60ms","errors":"1%","throttled":"0%","availability":"99%"}}"#;
const JITTER: &str = r#"{"jitter":{}}"#;
const BUDGET: &str = r#"{"retry_budget":{}}"#;
const AMPLIFICATION: &str = r#"{"amplification":{"max":1.5}}"#;
const RETRY_AFTER: &str = r#"{"retry_after":{}}"#;

/// Every row.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
        .chain(crate::rows_of_breakers::ROWS)
        .chain(crate::rows_of_waits::ROWS)
        .chain(crate::rows_of_orders::ROWS)
        .chain(crate::rows_of_ways::ROWS)
        .chain(crate::rows_of_numbers::ROWS)
}

const ROWS: &[Row] = &[
    sound("slo", "a healthy upstream", || Script::steady(15, "none").asks(SHOPPERS, &[], SLO)),
    sound("slo", "trouble in another phase", || {
        Script::trouble("none", all_fail(), (3, 15)).asks(SHOPPERS, &[2], SLO)
    }),
    broken("slo", "a slow upstream", Measure::LatencyQuantile, || {
        let slow = Trouble::Latency(from_json(r#"{"uniform":{"min":"0ms","max":"200ms"}}"#));
        Script::trouble("none", slow, (10, 2)).asks(SHOPPERS, &[1], SLO)
    }),
    broken("slo", "errors that nobody retries", Measure::ErrorShare, || {
        Script::trouble("none", failing("10%"), (10, 2)).asks(SHOPPERS, &[1], SLO)
    }),
    broken("slo", "throttling", Measure::ThrottledShare, || {
        Script::trouble("none", throttling(), (10, 2)).asks(SHOPPERS, &[1], SLO)
    }),
    unclear("slo", "too short for a p99.9", || {
        Script::steady(5, "none").asks(SHOPPERS, &[], r#"{"slo":{"p999":"150ms"}}"#)
    }),
    unclear("slo", "a generator that is late", || {
        let late = Defects { late: Duration::from_millis(20), ..NO };
        Script::steady(15, "none").with(late).asks(SHOPPERS, &[], r#"{"slo":{"p95":"25ms"}}"#)
    }),
    sound("breaker", "all fail", || breaker(all_fail(), NO)),
    sound("breaker", "nobody listens", || breaker(Trouble::Refuse, NO)),
    sound("breaker", "partition", || breaker(Trouble::Partition, NO)),
    sound("breaker", "stays closed while healthy", || {
        Script::steady(10, "standard").asks(over_edge(), &[], r#"{"breaker":{"stays_closed":true}}"#)
    }),
    sound("breaker", "stays closed when nobody listens and there is none", || {
        let script = retries("standard", Trouble::Refuse, r#"{"breaker":{"stays_closed":true}}"#);
        Script { check: script.check.map(|(k, s, _)| (k, s, vec![1])), ..script }
    }),
    broken("breaker", "there is none", Measure::BreakerOpened, || {
        let mut script = breaker(all_fail(), NO);
        script.policy.breaker.kind = BreakerKind::Off;
        script
    }),
    broken("breaker", "none in a partition", Measure::BreakerOpened, || {
        let mut script = breaker(Trouble::Partition, NO);
        script.policy.breaker.kind = BreakerKind::Off;
        script
    }),
    broken("breaker", "it never closes again", Measure::BreakerClosed, || {
        breaker(all_fail(), Defects { stuck: true, ..NO })
    }),
    broken("breaker", "it opens though it must not", Measure::BreakerOpenings, || {
        breaker(all_fail(), NO).asks(over_edge(), &[1, 2], r#"{"breaker":{"stays_closed":true}}"#)
    }),
    broken("breaker", "it lets calls through too early", Measure::BreakerEarlyAdmissions, || {
        breaker(all_fail(), Defects { opens_too_short: true, ..NO })
    }),
    broken("breaker", "it probes with everything", Measure::BreakerProbes, || {
        // Probes are counted while their answers are held back.
        let script = breaker(all_fail(), Defects { unlimited_probes: true, ..NO });
        Script { latency: from_json(r#""80ms""#), ..script }
    }),
    broken("breaker", "it probes with everything for long", Measure::BreakerProbes, || {
        let script = breaker(all_fail(), Defects { unlimited_probes: true, ..NO });
        Script { latency: from_json(r#""300ms""#), ..script }
    }),
    sound("breaker", "it probes gently for long", || {
        let script = breaker(all_fail(), NO);
        Script { latency: from_json(r#""300ms""#), ..script }
    }),
    unclear("breaker", "hardly any calls", || {
        let script = breaker(all_fail(), NO);
        Script { rate: 1.0, ..script }
    }),
    sound("jitter", "full jitter", || retries("retry", failing("60%"), JITTER)),
    sound("jitter", "full jitter with a budget", || retries("standard", failing("60%"), JITTER)),
    broken("jitter", "none", Measure::RetrySpread, || retries("no-jitter", failing("60%"), JITTER)),
    broken("jitter", "at once", Measure::RetrySpread, || retries("naive", failing("60%"), JITTER)),
    broken("jitter", "one sequence for all", Measure::RepeatedDelays, || {
        retries("retry", failing("60%"), JITTER).with(Defects { shared_jitter: true, ..NO })
    }),
    unclear("jitter", "too few retries", || retries("retry", failing("1%"), JITTER)),
    unclear("jitter", "attempts that belong to nobody", || {
        retries("retry", failing("60%"), JITTER).with(Defects { no_keys: true, ..NO })
    }),
    sound("retry_budget", "a budget under total failure", || retries("standard", all_fail(), BUDGET)),
    sound("retry_budget", "a budget with little trouble", || retries("standard", failing("10%"), BUDGET)),
    broken("retry_budget", "none", Measure::RetriesOverBudget, || retries("no-budget", all_fail(), BUDGET)),
    broken("retry_budget", "at once and none", Measure::RetriesOverBudget, || {
        retries("naive", all_fail(), BUDGET)
    }),
    unclear("retry_budget", "nothing ever failed", || retries("no-budget", Trouble::None, BUDGET)),
    sound("amplification", "a budget", || retries("standard", all_fail(), AMPLIFICATION)),
    broken("amplification", "no budget", Measure::Amplification, || {
        retries("no-budget", all_fail(), r#"{"amplification":{"max":1.5}}"#)
    }),
    unclear("amplification", "hardly any calls", || Script {
        rate: 0.5,
        ..retries("standard", all_fail(), AMPLIFICATION)
    }),
    sound("retry_after", "waited for", || retries("standard", throttling(), RETRY_AFTER)),
    broken("retry_after", "not waited for", Measure::EarlyRetries, || {
        retries("ignores-retry-after", throttling(), RETRY_AFTER)
    }),
    unclear("retry_after", "never sent", || retries("standard", failing("30%"), RETRY_AFTER)),
    unclear("retry_after", "too seldom", || Script {
        rate: 30.0,
        ..retries("standard", throttling(), RETRY_AFTER)
    }),
    sound("recovery", "well again when the trouble clears", || recovering(NO)),
    broken("recovery", "a breaker that never closes", Measure::RecoveryTime, || {
        recovering(Defects { stuck: true, ..NO })
    }),
    unclear("recovery", "the run ends too early", || {
        let mut script = recovering(NO);
        script.phases[2].1 = 3;
        script
    }),
    sound("faults-injected", "resets and hangs", || always(resets(), NO)),
    sound("faults-injected", "statuses", || always(failing("20%"), NO)),
    sound("faults-injected", "a refusal", || always(Trouble::Refuse, NO)),
    sound("faults-injected", "a limit", || always(limit(), NO)),
    broken("faults-injected", "a limit that lets everything through", Measure::FaultShare, || {
        always(limit(), Defects { no_faults: true, ..NO })
    }),
    sound("faults-injected", "a script", || always(twice(), NO)),
    broken("faults-injected", "a script that nobody follows", Measure::FaultShare, || {
        always(twice(), Defects { no_faults: true, ..NO })
    }),
    unclear("faults-injected", "nothing declared", || always(Trouble::None, NO)),
    broken("faults-injected", "resets that never come", Measure::FaultShare, || {
        always(resets(), Defects { no_faults: true, ..NO })
    }),
    broken("faults-injected", "statuses that never come", Measure::FaultShare, || {
        always(failing("20%"), Defects { no_faults: true, ..NO })
    }),
    sound("load-delivered", "all sent on time", || always(Trouble::None, NO)),
    broken("load-delivered", "a third never sent", Measure::LoadSent, || {
        always(Trouble::None, Defects { lost_load: true, ..NO })
    }),
    broken("load-delivered", "a third shed", Measure::LoadShed, || {
        always(Trouble::None, Defects { shed_load: true, ..NO })
    }),
    unclear("load-delivered", "all late", || {
        always(Trouble::None, Defects { late: Duration::from_millis(20), ..NO })
    }),
    sound("latency-law", "one law", || always(Trouble::None, NO)),
    sound("latency-law", "a ramp with a ceiling", || always(ramp(), NO)),
    sound("latency-law", "a ramp of a constant", || {
        always(Trouble::Latency(from_json(r#"{"from":"5ms","to":"50ms"}"#)), NO)
    }),
    broken("latency-law", "delays of another law", Measure::LatencyLawDistance, || {
        always(Trouble::None, Defects { slow_law: true, ..NO })
    }),
    broken("latency-law", "delays of another ramp", Measure::LatencyLawDistance, || {
        always(ramp(), Defects { slow_law: true, ..NO })
    }),
    sound("attempts-accounted", "all are", || always(failing("20%"), NO)),
    broken("attempts-accounted", "attempts of nobody", Measure::OrphanAttempts, || {
        always(Trouble::None, Defects { stray_attempts: true, ..NO })
    }),
    broken("attempts-accounted", "answers out of nowhere", Measure::UnexplainedCalls, || {
        always(Trouble::None, Defects { invented_answers: true, ..NO })
    }),
    unclear("attempts-accounted", "a subject that drops the call id", || {
        always(Trouble::None, Defects { no_keys: true, ..NO })
    }),
];
