//! Rows of the checks about waits: `herd` and `backoff`.

use upstorm_model::Plan;
use upstorm_model::policy::PolicySettings;
use upstorm_model::verdict::Measure;

use crate::defects::{Defects, NO};
use crate::rows::{Row, all_fail, broken, failing, retries, sound, unclear};
use crate::script::{Script, Trouble, from_json, over_edge, preset};

const HERD: &str = r#"{"herd":{}}"#;
const BACKOFF: &str = r#"{"backoff":{}}"#;

/// Payments holds every answer back for three seconds, and then gives them all at once: errors.
fn held_up(policy: &str) -> Script {
    let script = Script::trouble(policy, Trouble::None, (3, 5));
    let script = Script { held_up: true, policy: without_breaker(policy), ..script };
    script.asks(over_edge(), &[1], HERD)
}

fn without_breaker(name: &str) -> PolicySettings {
    let mut policy = preset(name);
    policy.breaker.kind = upstorm_model::policy::BreakerKind::Off;
    policy
}

fn spread(jitter: &str) -> PolicySettings {
    let mut policy = without_breaker("retry");
    policy.retry.backoff.jitter = from_json(jitter);
    policy
}

/// A gateway whose settings nobody knows: by those of the plan it tries nothing again, and it does all the same.
fn unknown(policy: &str, check: &str) -> Script {
    unknown_where(policy, failing("60%"), check)
}

fn unknown_where(policy: &str, trouble: Trouble, check: &str) -> Script {
    let by = |script: &Script, plan: &Plan| {
        let mut own = plan.clone();
        own.gateways[0].policy = script.policy.clone();
        crate::stage::perform(script, &own)
    };
    let shape = |plan: &mut Plan| plan.gateways[0].policy.retry.max_attempts = 1;
    Script { shape, by, ..retries(policy, trouble, check) }
}

/// Payments is down and well again, half a second each, again and again.
fn flapping(mut script: Script) -> Script {
    script.phases = (0..12)
        .map(|n| if n % 2 == 0 { ("down", 1, all_fail()) } else { ("well", 1, Trouble::None) })
        .collect();
    script
}

/// Every row.
pub(crate) const ROWS: &[Row] = &[
    sound("herd", "held up and spread", || held_up("retry")),
    sound("herd", "failures all the time", || retries("retry", failing("60%"), HERD)),
    sound("herd", "failures in waves", || flapping(retries("retry", Trouble::None, HERD))),
    broken("herd", "held up and all at once", Measure::HerdPeak, || held_up("no-jitter")),
    broken("herd", "held up and at once", Measure::HerdPeak, || held_up("naive")),
    broken("herd", "waits that all share", Measure::HerdClumps, || {
        retries("retry", failing("60%"), HERD).with(Defects { shared_jitter: true, ..NO })
    }),
    unclear("herd", "hardly any retries", || retries("retry", failing("1%"), HERD)),
    unclear("herd", "attempts that belong to nobody", || {
        retries("retry", failing("60%"), HERD).with(Defects { no_keys: true, ..NO })
    }),
    sound("backoff", "full jitter", || retries("retry", failing("60%"), BACKOFF)),
    sound("backoff", "full jitter with a budget and total failure", || {
        retries("standard", all_fail(), BACKOFF)
    }),
    sound("backoff", "none", || retries("no-jitter", failing("60%"), BACKOFF)),
    sound("backoff", "at once", || retries("naive", failing("60%"), BACKOFF)),
    sound("backoff", "as the scenario says", || {
        let asked = r#"{"backoff":{"base":"200ms","multiplier":2.0,"max":"2s","jitter":"full","curve":"exponential"}}"#;
        retries("retry", failing("60%"), asked)
    }),
    broken("backoff", "a third of what is set", Measure::WaitLawDistance, || {
        retries("retry", failing("60%"), BACKOFF).with(Defects { hurried: true, ..NO })
    }),
    broken("backoff", "too early", Measure::WaitsOutOfBounds, || {
        retries("no-jitter", failing("60%"), BACKOFF).with(Defects { hurried: true, ..NO })
    }),
    broken("backoff", "another jitter than is set", Measure::WaitsOutOfBounds, || Script {
        policy: spread(r#""equal""#),
        ..retries("retry", failing("60%"), BACKOFF)
    }),
    broken("backoff", "another base than the scenario says", Measure::WaitLawDistance, || {
        retries("retry", failing("60%"), r#"{"backoff":{"base":"400ms"}}"#)
    }),
    broken("backoff", "no jitter where the scenario asks for it", Measure::WaitLawDistance, || {
        retries("no-jitter", failing("60%"), r#"{"backoff":{"jitter":"full"}}"#)
    }),
    broken("backoff", "no wait where the scenario asks for one", Measure::WaitsOutOfBounds, || {
        retries("naive", failing("60%"), r#"{"backoff":{"base":"200ms"}}"#)
    }),
    sound("backoff", "a subject without settings, recognised", || unknown("retry", BACKOFF)),
    sound("backoff", "a subject without settings that waits as the scenario says", || {
        unknown("retry", r#"{"backoff":{"jitter":"full","base":"200ms"}}"#)
    }),
    sound("backoff", "recognised although its settings are known", || {
        retries("retry", failing("60%"), r#"{"backoff":{"recognise":true}}"#)
    }),
    broken(
        "backoff",
        "a subject without settings, another base than stated",
        Measure::WaitsOutOfBounds,
        || unknown("no-jitter", r#"{"backoff":{"base":"400ms","jitter":"none"}}"#),
    ),
    broken(
        "backoff",
        "a subject without settings, another jitter than stated",
        Measure::WaitLawDistance,
        || unknown("no-jitter", r#"{"backoff":{"jitter":"full"}}"#),
    ),
    unclear("backoff", "a subject without settings whose waits are of no family", || {
        unknown("retry", BACKOFF).with(Defects { shared_jitter: true, ..NO })
    }),
    unclear("backoff", "a subject without settings that hardly tries again", || {
        unknown_where("retry", failing("1%"), BACKOFF)
    }),
    unclear("backoff", "hardly any retries", || retries("retry", failing("1%"), BACKOFF)),
    unclear("backoff", "retries after hints only", || {
        let hinted = r#"{"200":{},"429":{"share":"30%","retry_after":{"seconds":1}}}"#;
        retries("standard", Trouble::Statuses(from_json(hinted)), BACKOFF)
    }),
];
