//! Checks of what comes back, waits, ways, limits and kept answers: what each takes, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::load_text;
use upstorm_language::Diagnostics;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::warn::warnings;
use upstorm_model::plan::Plan;
use upstorm_model::policy::{Curve, Jitter};
use upstorm_model::scenario::CheckKind;
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
    assert!(warned(r#"backoff = { of = "plain -> west" }"#), "it never retries");
}
