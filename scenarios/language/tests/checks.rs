//! Checks of what comes back, waits, ways, limits and kept answers: what each takes, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::load_text;
use upstorm_language::Diagnostics;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::warn::warnings;
use upstorm_model::plan::Plan;
use upstorm_model::policy::{Curve, Jitter};
use upstorm_model::scenario::{CheckKind, Level, RecoveryKind};
use upstorm_model::{Rate, TimeSpan};

const BASE: &str = r#"
version = 1
name = "base"
[upstream.east]
[upstream.west]
[gateway.edge]
target = "east"
preset = "standard"
failover = { to = ["west"] }
[gateway.plain]
target = "west"
[client.shoppers]
target = "edge"
rate = "50/s"
[client.others]
target = "plain"
rate = "50/s"
[[phase]]
name = "down"
duration = "10s"
[[phase]]
name = "well"
duration = "10s"
"#;

fn planned(check: &str) -> Result<Plan, Diagnostics> {
    let text = format!("{BASE}[[check]]\nname = \"c\"\nduring = [\"down\"]\n{check}\n");
    load_text(&text, &[]).and_then(|loaded| plan(&loaded, &PlanOptions::default()))
}

fn kind(check: &str) -> CheckKind {
    planned(check).unwrap_or_else(|e| panic!("{e}")).checks[0].kind.clone().unwrap()
}

#[test]
fn each_kind_takes_its_keys() {
    let CheckKind::Herd(herd) = kind(r#"herd = { of = "edge -> east", within = "1s", max_peak = 3 }"#) else {
        panic!("a herd")
    };
    assert_eq!((herd.within, herd.max_peak), (Some(TimeSpan::from_secs(1)), Some(3.0)));
    let all = r#"backoff = { of = "edge -> east", curve = "linear", base = "0ms", multiplier = 3, max = "2s", jitter = "equal" }"#;
    let CheckKind::Backoff(backoff) = kind(all) else { panic!("a backoff") };
    assert_eq!((backoff.curve, backoff.jitter), (Some(Curve::Linear), Some(Jitter::Equal)));
    assert_eq!((backoff.base, backoff.multiplier), (Some(TimeSpan::ZERO), Some(3.0)));
    let over = r#"failover = { of = "edge -> east", to = "west", within = "2s", back_within = "5s", served = "99%" }"#;
    let CheckKind::Failover(failover) = kind(over) else { panic!("a failover") };
    assert_eq!((failover.to.as_str(), failover.served.map(|s| s.get())), ("west", Some(0.99)));
    let CheckKind::Limit(limit) = kind(r#"limit = { of = "edge -> east", rate = "20/s", concurrent = 9 }"#)
    else {
        panic!("a limit")
    };
    assert_eq!((limit.rate, limit.burst, limit.concurrent), (Some(Rate::per_second(20.0)), None, Some(9)));
    let CheckKind::Fresh(fresh) = kind(r#"fresh = { of = "shoppers", fresh = "1s" }"#) else {
        panic!("fresh")
    };
    assert_eq!((fresh.fresh, fresh.stale_if_error), (Some(TimeSpan::from_secs(1)), None));
    let CheckKind::Timeout(timeout) = kind(r#"timeout = { of = "edge -> east", per_try = "1s" }"#) else {
        panic!("a timeout")
    };
    assert_eq!(timeout.per_try, Some(TimeSpan::from_secs(1)));
    assert!(matches!(kind(r#"retry_safety = { of = "edge -> east" }"#), CheckKind::RetrySafety(_)));
}

#[test]
fn a_breaker_is_held_to_what_is_stated_and_a_recovery_to_what_is_expected() {
    let stated = r#"breaker = { of = "plain -> west", max_openings = 2, settings = { window = { calls = 100 }, failure_rate = "50%", open_for = "5s", late_results = "ignore" } }"#;
    let CheckKind::Breaker(breaker) = kind(stated) else { panic!("a breaker") };
    let terms = breaker.settings.unwrap();
    assert_eq!((breaker.max_openings, terms.open_for), (Some(2), Some(TimeSpan::from_secs(5))));
    assert!(terms.tell_the_trip() && terms.half_open_permits.is_none());
    let heals = r#"recovery = { of = "shoppers", after = "down", within = "1s", expect = "metastable", drop = "down", restore = "well" }"#;
    let CheckKind::Recovery(recovery) = kind(heals) else { panic!("a recovery") };
    assert_eq!((recovery.expect, recovery.restore.as_deref()), (RecoveryKind::Metastable, Some("well")));
    let CheckKind::Recovery(plain) = kind(r#"recovery = { of = "shoppers", after = "down", within = "1s" }"#)
    else {
        panic!("a recovery")
    };
    assert_eq!((plain.expect, plain.drop), (RecoveryKind::Recovered, None));
}

#[test]
fn an_alert_watches_a_level_or_a_burn_rate() {
    let of = |keys: &str| match kind(&format!("alert = {{ of = \"shoppers\", {keys} }}")) {
        CheckKind::Alert(alert) => alert,
        other => panic!("{other:?}"),
    };
    let level = of(r#"errors = "5%", window = "2s", consecutive = 3, min_calls = 9, fires_within = "7s""#);
    assert_eq!((level.level(), level.min_calls), (Some(Level::Errors(0.05)), Some(9)));
    assert_eq!((level.soonest().as_secs(), level.fires_within), (6, Some(TimeSpan::from_secs(7))));
    let slow = of(r#"p999 = "800ms", window = "1s", stays_silent = true"#);
    assert_eq!((slow.level(), slow.stays_silent), (Some(Level::Latency(0.999, 0.8)), true));
    let pairs = r#"pairs = [{ rate = 14.4, long = "60s" }, { rate = 6, long = "6m" }]"#;
    let burn = of(&format!(r#"burn = {{ objective = "99.9%", {pairs} }}, fires_within = "30s""#));
    assert_eq!((burn.level(), burn.soonest().as_secs()), (None, 1));
    assert_eq!(burn.burn.map(|burn| burn.pairs.len()), Some(2));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_code() {
    for (check, code) in [
        // A bound that neither the check nor its subject gives.
        (r#"limit = { of = "plain -> west" }"#, "S012"),
        (r#"limit = { of = "plain -> west", burst = 5 }"#, "S012"),
        (r#"fresh = { of = "shoppers" }"#, "S012"),
        (r#"failover = { of = "edge -> east", to = "west", within = "1s" }"#, "S012"),
        // Waits that are somebody else's.
        (r#"backoff = { of = "shoppers -> east" }"#, "S031"),
        // A way that does not lead there.
        (r#"failover = { of = "plain -> west", to = "east", within = "1s", back_within = "1s" }"#, "S031"),
        (r#"failover = { of = "edge -> east", to = "moon", within = "1s", back_within = "1s" }"#, "S028"),
        (r#"failover = { of = "edge -> east", to = "east", within = "1s", back_within = "1s" }"#, "S018"),
        (r#"herd = { of = "edge -> east", max_peak = 40 }"#, "S020"),
        (r#"herd = { of = "edge -> east", within = "0s" }"#, "S020"),
        (r#"herd = { of = "edge" }"#, "S031"),
        (r#"herd = { of = "edge -> east", witin = "1s" }"#, "S011"),
        (r#"backoff = { of = "edge -> east", jitter = "some" }"#, "S017"),
        (r#"backoff = { of = "edge -> east", base = 200 }"#, "S014"),
        (r#"limit = { of = "edge -> east", rate = "0/s" }"#, "S020"),
        (r#"limit = { of = "edge -> east", concurrent = 0 }"#, "S020"),
        (r#"fresh = { of = "edge -> east", fresh = "1s" }"#, "S028"),
        (r#"breaker = { of = "edge -> east", stays_closed = true, max_openings = 1 }"#, "S018"),
        (r#"breaker = { of = "edge -> east", max_openings = 0 }"#, "S020"),
        (r#"breaker = { of = "edge -> east", settings = { failures = 5, failure_rate = "50%" } }"#, "S018"),
        (r#"breaker = { of = "edge -> east", settings = { half_open_unlimited = true } }"#, "S011"),
        (r#"recovery = { of = "shoppers", after = "down", within = "1s", expect = "metastable" }"#, "S012"),
        (r#"recovery = { of = "shoppers", after = "down", within = "1s", drop = "well" }"#, "S018"),
        (r#"recovery = { of = "shoppers", after = "down", within = "1s", expect = "gone" }"#, "S017"),
        (
            r#"recovery = { of = "shoppers", after = "down", within = "1s", expect = "metastable", drop = "half", restore = "well" }"#,
            "S030",
        ),
        (r#"timeout = { of = "plain -> west" }"#, "S012"),
        (r#"timeout = { of = "shoppers -> east", per_try = "1s" }"#, "S031"),
        (r#"timeout = { of = "edge -> east", per_try = "0s" }"#, "S020"),
        (r#"retry_safety = { of = "shoppers" }"#, "S031"),
        (r#"retry_safety = { of = "edge -> east", strict = true }"#, "S011"),
        (r#"alert = { of = "edge -> east", errors = "5%", window = "1s", stays_silent = true }"#, "S028"),
        (r#"alert = { of = "shoppers", errors = "5%", window = "1s" }"#, "S012"),
        (r#"alert = { of = "shoppers", errors = "5%", stays_silent = true }"#, "S012"),
        (r#"alert = { of = "shoppers", window = "1s", stays_silent = true }"#, "S012"),
        (
            r#"alert = { of = "shoppers", errors = "5%", window = "1s", stays_silent = true, fires_within = "1s" }"#,
            "S018",
        ),
        (
            r#"alert = { of = "shoppers", errors = "5%", p99 = "1s", window = "1s", stays_silent = true }"#,
            "S018",
        ),
        (r#"alert = { of = "shoppers", errors = "100%", window = "1s", stays_silent = true }"#, "S020"),
        (r#"alert = { of = "shoppers", errors = "5%", window = "1ms", stays_silent = true }"#, "S020"),
        (
            r#"alert = { of = "shoppers", burn = { objective = "100%", pairs = [{ rate = 2, long = "9s" }] }, stays_silent = true }"#,
            "S020",
        ),
        (
            r#"alert = { of = "shoppers", burn = { objective = "99%", pairs = [] }, stays_silent = true }"#,
            "S020",
        ),
        (
            r#"alert = { of = "shoppers", burn = { objective = "99%", pairs = [{ rate = 2, long = "1s" }] }, stays_silent = true }"#,
            "S020",
        ),
        (
            r#"alert = { of = "shoppers", burn = { objective = "99%", pairs = [{ rate = 2, long = "9s" }] }, window = "1s", stays_silent = true }"#,
            "S018",
        ),
    ] {
        let found = planned(check).unwrap_err();
        let codes: Vec<&str> = found.iter().map(|d| d.code.id).collect();
        assert_eq!(codes, [code], "{check}: {found}");
        assert!(found.iter().all(|d| d.spot().is_some()), "{check}: it points at nothing");
    }
}

#[test]
fn what_cannot_hold_is_warned_of() {
    let warned = |check: &str| {
        let text = format!("{BASE}[[check]]\nname = \"c\"\n{check}\n");
        let loaded = load_text(&text, &[]).unwrap();
        let plan = plan(&loaded, &PlanOptions::default()).unwrap();
        warnings(&loaded, &plan).into_iter().any(|d| d.code.id == "W002")
    };
    let over = r#"failover = { of = "edge -> east", to = "west", within = "2s", back_within = "5s" }"#;
    assert!(warned(over), "it names no phase");
    assert!(warned(&format!("during = [\"well\"]\n{over}")), "the run ends with the trouble");
    assert!(!warned(&format!("during = [\"down\"]\n{over}")));
    assert!(warned(r#"fresh = { of = "shoppers", fresh = "1s" }"#), "there is no cache");
    let heals = r#"recovery = { of = "shoppers", after = "down", within = "1s", expect = "metastable", drop = "down", restore = "well" }"#;
    assert!(warned(heals), "the load is dropped before anything is stuck");
    assert!(warned(r#"breaker = { of = "plain -> west", opens_within = "1s" }"#), "it has no breaker");
    let stated = r#"breaker = { of = "plain -> west", opens_within = "1s", settings = { failures = 5 } }"#;
    assert!(!warned(stated), "whoever states its settings knows of one");
    assert!(warned(r#"backoff = { of = "plain -> west" }"#), "it never retries");
    assert!(warned(r#"retry_safety = { of = "edge -> east" }"#), "nobody sends a POST");
    let alert = |within: &str| {
        format!(
            r#"alert = {{ of = "shoppers", errors = "5%", window = "5s", consecutive = 2, fires_within = "{within}" }}"#
        )
    };
    assert!(warned(&alert("9s")) && !warned(&alert("10s")));
}

#[test]
fn what_cannot_fail_is_warned_of() {
    let warned = |during: &str, asked: &str| {
        let text = format!("{BASE}[[check]]\nname = \"c\"\n{during}\n{asked}\n");
        let loaded = load_text(&text, &[]).unwrap();
        let plan = plan(&loaded, &PlanOptions::default()).unwrap();
        warnings(&loaded, &plan).into_iter().any(|d| d.code.id == "W001")
    };
    let silent =
        r#"alert = { of = "shoppers", errors = "5%", window = "4s", consecutive = 3, stays_silent = true }"#;
    assert!(warned("during = [\"down\"]", silent) && !warned("", silent));
    assert!(warned("", r#"retry_safety = { of = "plain -> west" }"#), "it never retries");
}
