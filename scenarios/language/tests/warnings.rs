//! Every warning has a fixture that gets it and a snapshot of what a reader is shown, and a calm scenario gets none.

mod loading;

use std::collections::BTreeSet;

use loading::{fixtures, load_bytes};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::diagnostic::codes::WARNINGS;
use upstorm_language::warn::warnings;
use upstorm_language::{Diagnostics, Level};

/// What is warned of in a fixture.
fn warned(name: &str) -> Option<Diagnostics> {
    let bytes = std::fs::read(fixtures().join(format!("{name}.toml")))
        .unwrap_or_else(|error| panic!("{name} has no fixture tests/fixtures/{name}.toml: {error}"));
    let loaded = load_bytes(&format!("{name}.toml"), &bytes, &[]).unwrap_or_else(|e| panic!("{name}:\n{e}"));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{name}:\n{e}"));
    Diagnostics::new(&loaded.sources, warnings(&loaded, &plan))
}

#[test]
fn every_warning_has_a_fixture_that_gets_it_and_is_about_it() {
    for code in WARNINGS {
        let list = warned(code.id).unwrap_or_else(|| panic!("{} warns of nothing", code.id));
        assert!(list.iter().any(|d| d.code.id == code.id), "{}:\n{list}", code.id);
        for diagnostic in list.iter() {
            assert_eq!(diagnostic.level(), Level::Warning);
            assert!(diagnostic.spot().is_some(), "{}: {}", code.id, diagnostic.message);
        }
        let of_code = list.iter().filter(|d| d.code.id == code.id).count();
        assert!(of_code * 2 > list.warnings(), "{}:\n{list}", code.id);
        insta::assert_snapshot!(code.id, list.render(false));
    }
}

#[test]
fn codes_are_numbered_without_gaps() {
    let ids: Vec<&str> = WARNINGS.iter().map(|code| code.id).collect();
    let expected: Vec<String> = (1..=ids.len()).map(|n| format!("W{n:03}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn what_is_in_order_is_not_warned_of() {
    assert!(warned("calm").is_none());
}

/// The codes that the calm scenario gets with more in it.
fn calm_with(more: &str) -> BTreeSet<&'static str> {
    let loaded = load_bytes("more.toml", format!("extends = [\"calm.toml\"]\n{more}").as_bytes(), &[]);
    let loaded = loaded.unwrap_or_else(|e| panic!("{more}:\n{e}"));
    let plan = plan(&loaded, &PlanOptions::default()).unwrap_or_else(|e| panic!("{more}:\n{e}"));
    warnings(&loaded, &plan).iter().map(|d| d.code.id).collect()
}

#[test]
fn a_limit_that_a_check_asks_about_is_there_to_be_reached() {
    let load = "[client.shoppers]\nrate = \"300/s\"\n";
    let check =
        |of| format!("{load}[[check]]\nname = \"kept\"\nlimit = {{ of = \"{of}\", rate = \"200/s\" }}\n");
    assert!(calm_with(load).contains("W005"));
    assert!(calm_with(&check("shoppers -> edge")).contains("W005"), "that one is not asked about");
    assert!(!calm_with(&check("edge -> payments")).contains("W005"));
}

#[test]
fn who_waited_before_a_change_comes_back_after_it() {
    let herd = "[[check]]\nname = \"herd\"\nduring = [\"after\"]\nherd = { of = \"edge -> payments\" }\n";
    let phases = |restart: &str| {
        format!(
            "[upstream.payments]\nlatency = \"900ms\"\n[gateway.edge.retry.budget]\nkind = \"none\"\n\
             [[phase]]\nname = \"steady\"\nduration = \"2s\"\n\
             [[phase]]\nname = \"restart\"\nduration = \"200ms\"\n{restart}\n\
             [[phase]]\nname = \"after\"\nduration = \"2s\"\n[client.shoppers]\nrate = \"150/s\"\n{herd}"
        )
    };
    assert!(calm_with(&phases("")).contains("W003"));
    assert!(!calm_with(&phases("upstream.payments.connect = { refuse = \"100%\" }")).contains("W003"));
}

#[test]
fn nobody_is_told_that_an_upstream_is_too_slow_where_it_may_be_outrun() {
    let text = "[[check]]\nname = \"quick\"\nslo = { of = \"shoppers\", p95 = \"10ms\" }\n";
    let hopeless = |with: &str| calm_with(&format!("{text}{with}")).contains("W002");
    assert!(hopeless(""));
    assert!(!hopeless("[gateway.edge.hedge]\nkind = \"delay\"\nafter = \"5ms\""));
    assert!(!hopeless("[gateway.edge.cache]\nkind = \"memory\""));
    assert!(!hopeless("[gateway.edge.deadline]\nper_try = \"5ms\""));
    assert!(hopeless("[gateway.edge]\npreset = \"none\"\n[gateway.edge.deadline]\nper_try = \"5ms\""));
}
