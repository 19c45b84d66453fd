//! Rows of what only single events show: alerts, orders made twice, attempts that nobody waits for.

use upstorm_model::verdict::Measure;

use crate::orders::{Wrong, perform, with_orders};
use crate::rows::{Row, SHOPPERS, broken, failing, sound, unclear};
use crate::script::{Script, Trouble, from_json, over_edge};

const SAFETY: &str = r#"{"retry_safety":{"of":"edge -> payments"}}"#;
const TIMEOUT: &str = r#"{"timeout":{"of":"edge -> payments"}}"#;
const FIRES: &str = r#"{"alert":{"errors":"5%","window":"1s","consecutive":2,"fires_within":"5s"}}"#;
const SILENT: &str = r#"{"alert":{"errors":"5%","window":"1s","consecutive":2,"stays_silent":true}}"#;
const FIRES_OF_MANY: &str = r#"{"alert":{"errors":"5%","window":"1s","min_calls":50,"fires_within":"5s"}}"#;
const SILENT_OF_MANY: &str = r#"{"alert":{"errors":"5%","window":"1s","min_calls":50,"stays_silent":true}}"#;
const BURNS: &str =
    r#"{"alert":{"burn":{"objective":"99%","pairs":[{"rate":10,"long":"6s"}]},"fires_within":"5s"}}"#;
const BURNS_NOT: &str =
    r#"{"alert":{"burn":{"objective":"99%","pairs":[{"rate":10,"long":"6s"}]},"stays_silent":true}}"#;
const SLOW: &str = r#"{"alert":{"p95":"50ms","window":"1s","consecutive":3,"fires_within":"4s"}}"#;

fn alarmed(trouble: Trouble, asked: &str) -> Script {
    Script::trouble("none", trouble, (8, 3)).asks(SHOPPERS, &[1], asked)
}

fn ordering(
    asked: &str,
    by: fn(&Script, &upstorm_model::Plan) -> upstorm_model::recording::Recording,
) -> Script {
    let script = Script { rate: 50.0, shape: with_orders, by, ..Script::steady(6, "none") };
    script.asks(over_edge(), &[], asked)
}

fn slow() -> Trouble {
    Trouble::Latency(from_json(r#"{"uniform":{"min":"0ms","max":"200ms"}}"#))
}

/// Every row.
pub(crate) const ROWS: &[Row] = &[
    sound("alert", "errors enough", || alarmed(failing("20%"), FIRES)),
    sound("alert", "few errors", || alarmed(failing("0.5%"), SILENT)),
    sound("alert", "a budget that burns", || alarmed(failing("20%"), BURNS)),
    sound("alert", "a budget that lasts", || alarmed(failing("3%"), BURNS_NOT)),
    sound("alert", "slow answers", || alarmed(slow(), SLOW)),
    broken("alert", "errors that nobody is told of", Measure::AlertFired, || alarmed(failing("2%"), FIRES)),
    broken("alert", "it cries at what it must not", Measure::AlertLevel, || alarmed(failing("20%"), SILENT)),
    broken("alert", "a budget that burns unseen", Measure::AlertFired, || alarmed(failing("3%"), BURNS)),
    broken("alert", "a budget that must not burn", Measure::AlertLevel, || {
        alarmed(failing("20%"), BURNS_NOT)
    }),
    broken("alert", "quick answers", Measure::AlertFired, || alarmed(Trouble::None, SLOW)),
    unclear("alert", "too few calls to fire", || Script {
        rate: 5.0,
        ..alarmed(failing("99%"), FIRES_OF_MANY)
    }),
    unclear("alert", "too few calls to be silent on", || {
        let script = alarmed(failing("99%"), SILENT_OF_MANY);
        Script { rate: 5.0, ..script }
    }),
    unclear("alert", "hardly ever a call", || Script { rate: 0.1, ..alarmed(Trouble::None, SILENT) }),
    unclear("alert", "the run ends before it must fire", || {
        let asked = r#"{"alert":{"errors":"90%","window":"1s","fires_within":"1m"}}"#;
        alarmed(failing("20%"), asked)
    }),
    sound("retry_safety", "one key for all attempts", || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::Nothing))
    }),
    broken("retry_safety", "no key", Measure::UnkeyedRetries, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::Unkeyed))
    }),
    broken("retry_safety", "no key, and done twice", Measure::RepeatedEffects, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::Unkeyed))
    }),
    broken("retry_safety", "a new key each time", Measure::ChangedKeys, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::NewKeys))
    }),
    broken("retry_safety", "a new key each time, and done twice", Measure::RepeatedEffects, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::NewKeys))
    }),
    broken("retry_safety", "one key for two calls", Measure::SharedKeys, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::SharedKeys))
    }),
    broken("retry_safety", "an upstream that forgets", Measure::RepeatedEffects, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::NoMemory))
    }),
    broken("retry_safety", "confirmed and never done", Measure::MissingEffects, || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::Lost))
    }),
    unclear("retry_safety", "nothing was ever made again", || {
        ordering(SAFETY, |s, p| perform(s, p, Wrong::Calm))
    }),
    sound("timeout", "given up in time", || ordering(TIMEOUT, |s, p| perform(s, p, Wrong::Nothing))),
    broken("timeout", "left open", Measure::AbandonedAttempts, || {
        ordering(TIMEOUT, |s, p| perform(s, p, Wrong::Abandons))
    }),
    broken("timeout", "given up too late", Measure::LongestAttempt, || {
        ordering(TIMEOUT, |s, p| perform(s, p, Wrong::Patient))
    }),
    broken("timeout", "given up too early", Measure::EarlyGivingUp, || {
        ordering(TIMEOUT, |s, p| perform(s, p, Wrong::Hasty))
    }),
    broken("timeout", "nobody waits for it any more", Measure::OutlivedCall, || {
        ordering(TIMEOUT, |s, p| perform(s, p, Wrong::GoesOn))
    }),
    unclear("timeout", "nothing is slow", || ordering(TIMEOUT, |s, p| perform(s, p, Wrong::Calm))),
];
