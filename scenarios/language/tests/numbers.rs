//! `tally`, what a capacity leaves undone, and built-in scenarios to build on: what each takes, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use std::time::Duration;

use loading::{BASE, codes, good, load_text};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_model::plan::Subject;
use upstorm_model::scenario::{CheckKind, Counted, Tally, TallyBy, TallyOutcome, TallyPer};
use upstorm_model::{Plan, TimeSpan};

fn planned(text: &str) -> Plan {
    plan(&good(text, &[]), &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn with_check(tally: &str) -> String {
    format!("{BASE}\n[[check]]\nname = \"numbers\"\ntally = {{ {tally} }}\n")
}

fn tally(written: &str) -> (Tally, Subject) {
    let plan = planned(&with_check(written));
    let check = plan.checks.into_iter().find(|check| check.name == "numbers").unwrap();
    let Some(CheckKind::Tally(tally)) = check.kind else { panic!("a tally") };
    (tally, check.of)
}

#[test]
fn a_tally_takes_its_keys() {
    let (all, of) = tally(
        "of = \"edge -> payments\", count = \"retries\", method = \"PUT\", status = 412, outcome = \"success\", by = \"end\", \
         per = \"call\", min = 1.5, max = 3, last_after = \"0s\", last_within = \"9s\", reach = 5, reach_after = \"1s\", \
         reach_within = \"2s\"",
    );
    assert!(matches!(of, Subject::Edge { .. }));
    let expected = Tally {
        of: "edge -> payments".to_owned(),
        count: Counted::Retries,
        method: Some("PUT".to_owned()),
        status: Some(412),
        outcome: Some(TallyOutcome::Success),
        by: TallyBy::End,
        per: Some(TallyPer::Call),
        min: Some(1.5),
        max: Some(3.0),
        last_after: Some(TimeSpan::ZERO),
        last_within: Some(TimeSpan::from_secs(9)),
        reach: Some(5.0),
        reach_after: Some(TimeSpan::from_secs(1)),
        reach_within: Some(TimeSpan::from_secs(2)),
    };
    assert_eq!(all, expected);
    let (plain, of) = tally("of = \"shoppers\", max = 0");
    assert_eq!((plain.count, plain.by, plain.per), (Counted::Calls, TallyBy::Start, None));
    assert!(matches!(of, Subject::Client(_)));
}

#[test]
fn a_tally_that_makes_no_sense_is_refused() {
    for (written, code) in [
        ("of = \"shoppers\"", "S012"),
        ("max = 1", "S012"),
        ("of = \"nobody\", max = 1", "S028"),
        ("of = \"shoppers -> nobody\", max = 1", "S028"),
        ("of = \"shoppers\", max = 1, count = \"attempts\"", "S018"),
        ("of = \"shoppers\", max = 1, method = \"GET\"", "S018"),
        ("of = \"edge -> payments\", max = 1, count = \"rejected\", status = 503", "S018"),
        ("of = \"edge -> payments/charge\", max = 1, count = \"rejected\"", "S018"),
        ("of = \"edge -> payments\", max = 1, per = \"call\"", "S018"),
        ("of = \"shoppers\", min = 3, max = 2", "S018"),
        ("of = \"shoppers\", last_after = \"3s\", last_within = \"2s\"", "S018"),
        ("of = \"shoppers\", reach = 1, reach_after = \"3s\", reach_within = \"2s\"", "S018"),
        ("of = \"shoppers\", last_within = \"2s\", per = \"second\"", "S012"),
        ("of = \"shoppers\", reach_within = \"2s\"", "S012"),
        ("of = \"shoppers\", max = 2, reach = 2", "S012"),
        ("of = \"shoppers\", max = -1", "S020"),
        ("of = \"shoppers\", max = \"1\"", "S013"),
        ("of = \"shoppers\", max = 1, count = \"answers\"", "S017"),
        ("of = \"shoppers\", max = 1, status = 99", "S020"),
        ("of = \"shoppers\", max = 1, outcome = \"fine\"", "S017"),
        ("of = \"edge -> payments\", max = 1, method = \"put\"", "S025"),
        ("of = \"shoppers\", last_within = 2", "S014"),
    ] {
        assert_eq!(codes(&with_check(written), &[]), [code], "{written}");
    }
}

#[test]
fn a_capacity_says_what_it_leaves_undone() {
    let of = |written: &str| format!("{BASE}\n[upstream.other]\ncapacity = {{ workers = 1, {written} }}\n");
    let plan = planned(&of("finish_begun = true, deadline = \"990ms\""));
    let other = plan.upstreams.iter().find(|upstream| plan.host_name(upstream.host) == "other").unwrap();
    let setting = &other.timeline[0].routes[0].capacity.as_ref().unwrap().setting;
    assert_eq!((setting.finish_begun, setting.deadline), (true, Some(TimeSpan::from_millis(990))));
    for (written, code) in [
        ("finish_begun = true, ignore_disconnect = true", "S018"),
        ("deadline = \"0s\"", "S020"),
        ("deadline = 1", "S014"),
    ] {
        assert_eq!(codes(&of(written), &[]), [code], "{written}");
    }
}

#[test]
fn a_built_in_scenario_is_built_on_by_its_name() {
    let text = "extends = [\"steady\"]\nversion = 1\nname = \"mine\"\n[[phase]]\nname = \"more\"\nduration = \"7s\"\n";
    let mine = load_text(text, &[]).unwrap_or_else(|e| panic!("{e}"));
    let steady = upstorm_language::library::find("steady").unwrap();
    let steady = load_text(steady.text, &[]).unwrap().scenario;
    let more = mine.scenario.phase.iter().map(|phase| phase.name.as_str()).collect::<Vec<_>>();
    assert_eq!((more.len(), more.last()), (steady.phase.len() + 1, Some(&"more")));
    assert_eq!((mine.scenario.name.as_str(), &mine.scenario.gateway), ("mine", &steady.gateway));
    // What is wrong within it is told with its name.
    let wrong =
        load_text("extends = [\"steady\"]\nversion = 1\nname = \"mine\"\nrun.warmup = 5\n", &[]).unwrap_err();
    assert_eq!(wrong.iter().map(|d| d.code.id).collect::<Vec<_>>(), ["S014"]);
    let whole = plan(&mine, &PlanOptions::default()).unwrap();
    assert!(whole.end.elapsed() > Duration::from_secs(7));
    assert_eq!(codes("extends = [\"stedy\"]\nversion = 1\nname = \"mine\"\n", &[])[0], "S001");
}
