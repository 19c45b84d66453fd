//! The links of the simulated world: what is left out is as usual, names become hosts, and mistakes are told.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use std::time::Duration;

use loading::{BASE, codes, fixtures, good, load_bytes, load_text};
use proptest::prelude::*;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_language::warn::warnings;
use upstorm_model::plan::Plan;
use upstorm_model::scenario::{Link, WorldKind};
use upstorm_model::{ByteRate, DrawnLaw, Law, TimeSpan};

const SIM: &str = "\n[run]\nworld = \"sim\"\n";

fn planned(text: &str, sets: &[&str]) -> Plan {
    plan(&good(text, sets), &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// The codes of what a scenario is warned of, in this world.
fn warned(text: &str, world: WorldKind) -> Vec<&'static str> {
    let loaded = good(text, &[]);
    let options = PlanOptions { world: Some(world), ..PlanOptions::default() };
    let plan = plan(&loaded, &options).unwrap_or_else(|e| panic!("{e}"));
    warnings(&loaded, &plan).iter().map(|d| d.code.id).collect()
}

/// The link between two hosts of the scenario, by name.
fn link(plan: &Plan, one: &str, other: &str) -> Link {
    plan.network.link(plan.host_named(one).unwrap(), plan.host_named(other).unwrap()).clone()
}

/// What a link may say of itself.
type Said = (Option<u64>, Option<u64>, Option<u64>);

fn said() -> impl Strategy<Value = Said> {
    let micros = || prop::option::of(0..=10_000_000_u64);
    (micros(), micros(), prop::option::of(1024..=1_u64 << 40))
}

fn written((delay, jitter, bandwidth): Said) -> String {
    let delay = delay.map(|n| format!("delay = \"{n}us\""));
    let jitter = jitter.map(|n| format!("jitter = \"{n}us\""));
    let keys = [delay, jitter, bandwidth.map(|n| format!("bandwidth = \"{n}B/s\""))];
    keys.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn over(link: Link, (delay, jitter, bandwidth): Said) -> Link {
    Link {
        delay: delay.map_or(link.delay, |n| TimeSpan::from_micros(n).into()),
        jitter: jitter.map_or(link.jitter, TimeSpan::from_micros),
        bandwidth: bandwidth.map_or(link.bandwidth, ByteRate::per_second),
    }
}

proptest! {
    #[test]
    fn what_a_link_leaves_out_is_as_on_every_other(usual in said(), own in said()) {
        let comma = |keys: String| if keys.is_empty() { keys } else { format!("{keys}, ") };
        let own_keys = comma(written(own));
        let between = format!("between = [{{ {own_keys}hosts = [\"payments\", \"edge\"] }}]");
        let text = format!("{BASE}{SIM}network = {{ {}{between} }}\n", comma(written(usual)));
        let plan = planned(&text, &[]);
        let usual = over(Link::default(), usual);
        let differing = over(usual.clone(), own);
        prop_assert_eq!(link(&plan, "shoppers", "edge"), usual);
        prop_assert_eq!(&link(&plan, "edge", "payments"), &differing);
        prop_assert_eq!(link(&plan, "payments", "edge"), differing);
        let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        prop_assert_eq!(back, plan);
    }
}

#[test]
fn a_link_within_a_data_centre_is_the_default() {
    let usual = planned(BASE, &[]).network.usual;
    assert_eq!(usual.typical(), Duration::from_micros(200));
    assert_eq!(usual, Link::default());
}

#[test]
fn a_set_reaches_links_and_seeds() {
    let sets = ["run.network.delay=5ms", "run.network.bandwidth=2MiB/s", "run.seeds=20"];
    let loaded = good(BASE, &sets);
    assert_eq!(loaded.scenario.run.seeds, 20);
    let usual = plan(&loaded, &PlanOptions::default()).unwrap().network.usual;
    assert_eq!((usual.typical(), usual.bandwidth.get()), (Duration::from_millis(5), 2 << 20));
    let between = "run.network.between=[{ hosts = [\"edge\", \"payments\"], delay = \"7ms\" }]";
    assert_eq!(link(&planned(BASE, &[between]), "edge", "payments").typical(), Duration::from_millis(7));
}

#[test]
fn seeds_are_counted_from_one_and_bounded() {
    for (seeds, expected) in [("1", 0), ("1_000_000", 0), ("0", 1), ("1_000_001", 1), ("-1", 1), ("2.0", 1)] {
        assert_eq!(codes(BASE, &[&format!("run.seeds={seeds}")]).len(), expected, "{seeds}");
    }
}

#[test]
fn every_mistake_in_a_link_is_told_at_its_place() {
    let bytes = std::fs::read(fixtures().join("network.toml")).unwrap();
    let diagnostics = load_bytes("network.toml", &bytes, &[]).unwrap_err();
    assert!(diagnostics.iter().all(|d| d.spot().is_some()));
    insta::assert_snapshot!("mistakes", diagnostics.render(false));
    assert!(load_text(&format!("{BASE}\n[network]\ndelay = \"5ms\"\n"), &[]).is_err(), "it stands in `run`");
}

#[test]
fn links_that_do_nothing_here_are_warned_of() {
    let load = "\"100/s\"\nrequests = [{ method = \"POST\", path = \"/v1/charges/{seq}\" }]";
    let text = |more: &str| BASE.replace("\"50/s\"", load) + SIM + more;
    let far = text("network = { delay = \"5ms\" }\n");
    assert_eq!(warned(&far, WorldKind::Sim), [""; 0]);
    assert_eq!(warned(&far, WorldKind::Real), ["W017"]);
    assert_eq!(warned(&text(""), WorldKind::Real), [""; 0]);
    let slow = text("network = { delay = \"3s\" }\n");
    let found = warned(&slow, WorldKind::Sim);
    assert!(!found.is_empty() && found.iter().all(|code| *code == "W018" || *code == "W013"), "{found:?}");
    assert_eq!(warned(&slow, WorldKind::Real), ["W017"], "the real world has other links");
}

#[test]
fn a_closed_loop_turns_more_slowly_over_long_links() {
    let closed = BASE.replace("rate = \"50/s\"", "users = 10");
    let calls = |delay: &str| {
        let text = format!("{closed}{SIM}network = {{ delay = \"{delay}\" }}\n");
        let loaded = good(&text, &[]);
        let text = explain(&loaded, &plan(&loaded, &PlanOptions::default()).unwrap());
        let line = text.lines().find(|l| l.contains("in all") && l.contains("shoppers")).unwrap().to_owned();
        line.split_whitespace().last().unwrap().parse::<f64>().unwrap()
    };
    // 10 users for 5 s: 1 ms or 1 ms + four delays of 25 ms a turn.
    assert!((calls("25ms") - 50.0 / 0.101).abs() < 1.0, "{}", calls("25ms"));
    assert!((calls("0ms") - 50.0 / 0.001).abs() < 1.0, "{}", calls("0ms"));
}

#[test]
fn links_and_seeds_are_explained() {
    let text = format!(
        "{BASE}{SIM}seeds = 20\nnetwork = {{ between = [{{ hosts = [\"edge\", \"payments\"], delay = \"5ms\", \
         jitter = \"0ms\", bandwidth = \"10MB/s\" }}] }}\n"
    );
    let loaded = good(&text, &[]);
    let text = explain(&loaded, &plan(&loaded, &PlanOptions::default()).unwrap());
    let shown: Vec<&str> = text.split("\n\n").filter(|part| !part.starts_with("Policies")).collect();
    insta::assert_snapshot!("explained", shown.join("\n\n"));
}

#[test]
fn a_delay_may_be_a_law_but_no_ramp() {
    let delay = |delay: &str| format!("{BASE}{SIM}network = {{ delay = {delay} }}\n");
    let law = |text: &str| {
        let loaded = good(&delay(text), &[]);
        let plan = plan(&loaded, &PlanOptions::default()).unwrap();
        (link(&plan, "shoppers", "edge"), explain(&loaded, &plan))
    };
    let (normal, explained) = law("{ normal = { mean = \"10ms\", stddev = \"2ms\" } }");
    assert!(matches!(normal.delay, Law::Drawn(DrawnLaw::Normal { .. })));
    assert!(explained.contains("normal, p50 10ms, p99 14.7ms"), "{explained}");
    // Three standard deviations either way, there and back.
    let (least, most) = (normal.shortest().as_millis(), normal.longest().as_millis());
    assert_eq!((least, normal.typical().as_millis(), most), (3, 10, 16));
    assert!(matches!(
        law("{ mixture = [{ weight = 1, exponential = { mean = \"1ms\" } }] }").0.delay,
        Law::Drawn(_)
    ));
    for (text, code) in [
        ("{ from = \"1ms\", to = \"5ms\" }", "S018"),
        ("{ normal = { mean = { from = \"1ms\", to = \"5ms\" }, stddev = \"1ms\" } }", "S018"),
        ("{ normal = { mean = \"10ms\", stddev = \"0ms\" } }", "S023"),
        ("{ pareto = { min = \"1s\", shape = 0.5 } }", "S020"),
        ("{ normal = { mean = 10, stddev = \"2ms\" } }", "S014"),
        ("{ constant = \"1ms\" }", "S011"),
    ] {
        assert_eq!(codes(&delay(text), &[]), [code], "{text}");
    }
}
