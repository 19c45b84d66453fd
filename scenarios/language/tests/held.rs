//! `hold` and `probes`: how they are read, refused, laid over each other and explained.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{BASE, good, load_text};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_model::plan::{RouteBehaviour, UpstreamPlan};
use upstorm_model::scenario::{Cut, CutAt, Ending, FaultKind, Hold, Probes};
use upstorm_model::{Plan, TimeSpan};

fn text(written: &str) -> String {
    format!("{BASE}\n[upstream.other]\n{written}\n")
}

fn planned(written: &str) -> Plan {
    plan(&good(&text(written), &[]), &PlanOptions::default()).unwrap()
}

fn other(plan: &Plan) -> &UpstreamPlan {
    plan.upstream_of(plan.host_named("other").unwrap()).unwrap().1
}

fn first(written: &str) -> RouteBehaviour {
    other(&planned(written)).timeline[0].routes[0].clone()
}

#[test]
fn a_hold_says_how_many_for_how_long_and_what_then() {
    let (calls, within) = (200, TimeSpan::from_secs(5));
    let plain = Hold { calls, within, again: false, retries: false, then: None };
    assert_eq!(first("hold = { calls = 200, within = \"5s\" }").hold, Some(plain.clone()));
    let reset = FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders });
    let then = Some(Ending { fault: Some(reset), ..Ending::default() });
    let written = "hold = { calls = 200, within = \"5s\", again = true, retries = true, \
                   then = { fault = { reset = { at = \"before-headers\" } } } }";
    let route = first(written);
    assert_eq!(route.hold, Some(Hold { again: true, retries: true, then, ..plain }));
    assert!(route.is_troubled() && !first("hold = { calls = 2, within = \"5s\" }").is_troubled());
}

#[test]
fn probes_say_after_what_how_many_and_what_they_meet() {
    let after_silence = TimeSpan::from_secs(1);
    let plain = Probes { after_silence, first: 1, late: None, never: false, then: None };
    let never = first("probes = { after_silence = \"1s\", never = true }");
    assert_eq!(never.probes, Some(Probes { never: true, ..plain.clone() }));
    let written = "probes = { after_silence = \"1s\", first = 20, late = \"2s\", then = { status = 503 } }";
    let then = Some(Ending { status: Some(503), ..Ending::default() });
    let late = Some(TimeSpan::from_secs(2));
    assert_eq!(first(written).probes, Some(Probes { first: 20, late, then, ..plain }));
    assert!(
        never.is_troubled() && !first("probes = { after_silence = \"1s\", late = \"1s\" }").is_troubled()
    );
}

#[test]
fn they_lie_over_the_level_above() {
    let written = "hold = { calls = 2, within = \"1s\" }\n[[upstream.other.route]]\nname = \"own\"\nmatch.path = \"/own\"\n\
                   hold = { calls = 3, within = \"1s\" }\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\n\
                   [phase.upstream.other]\nhold = { calls = 4, within = \"1s\" }\n\
                   [phase.upstream.other.route.own]\nprobes = { after_silence = \"1s\", never = true }";
    let plan = planned(written);
    let other = other(&plan);
    let calls = |segment: usize| -> Vec<u32> {
        other.timeline[segment].routes.iter().map(|route| route.hold.as_ref().unwrap().calls).collect()
    };
    assert_eq!((calls(0), calls(other.timeline.len() - 1)), (vec![3, 2], vec![3, 4]));
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
}

#[test]
fn what_cannot_be_meant_is_refused_where_it_stands() {
    for (written, code, named) in [
        ("hold = { calls = 0, within = \"1s\" }", "S020", "0"),
        ("hold = { calls = 1, within = \"1s\" }", "S020", "1"),
        ("hold = { calls = 9000000, within = \"1s\" }", "S020", "9000000"),
        ("hold = { calls = 200 }", "S012", "`within`"),
        ("hold = { within = \"1s\" }", "S012", "`calls`"),
        ("hold = { calls = 200, within = 5 }", "S014", "5"),
        ("hold = { calls = 200, within = \"0s\" }", "S020", "longer than zero"),
        ("hold = { calls = 200, within = \"1s\", then = {} }", "S012", "`status` or a `fault`"),
        (
            "hold = { calls = 200, within = \"1s\", then = { retry_after = { seconds = 1 } } }",
            "S012",
            "`status`",
        ),
        ("hold = { calls = 200, within = \"1s\", for = \"1s\" }", "S011", "`for`"),
        ("hold = 200", "S013", "a hold"),
        ("probes = { first = 3, never = true }", "S012", "`after_silence`"),
        ("probes = { after_silence = \"1s\" }", "S012", "`late`, `never` or `then`"),
        ("probes = { after_silence = \"1s\", never = true, late = \"1s\" }", "S018", "`late`"),
        ("probes = { after_silence = \"1s\", never = true, then = { status = 503 } }", "S018", "`then`"),
        ("probes = { after_silence = \"1s\", never = false }", "S012", "`late`, `never` or `then`"),
        ("probes = { after_silence = \"1s\", first = 0, late = \"1s\" }", "S020", "0"),
    ] {
        let refused = load_text(&text(written), &[]).unwrap_err();
        let all: Vec<(&str, &str)> = refused.iter().map(|d| (d.code.id, d.message.as_str())).collect();
        assert_eq!(all.len(), 1, "{written}: {all:?}");
        assert!(all[0].1.contains(named), "{written}: {all:?}");
        assert_eq!(all[0].0, code, "{written}: {all:?}");
    }
}

#[test]
fn they_are_explained_in_words() {
    let overlay = "upstream.other.hold = { calls = 200, within = \"5s\", then = { status = 503, retry_after = { seconds = 2 } } }\n\
                   upstream.other.probes = { after_silence = \"1s\", first = 20, late = \"2s\", then = { fault = { hang = true } } }";
    let text = format!("{BASE}\n[upstream.other]\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\n{overlay}\n");
    let loaded = good(&text, &[]);
    let explained = explain(&loaded, &plan(&loaded, &PlanOptions::default()).unwrap());
    for words in [
        "holds the first 200 calls, 5s at most, and ends all at one instant: 503, Retry-After 2s",
        "the first 20 requests of a caller after 1s of silence: hang, 2s after it came",
    ] {
        assert!(explained.contains(words), "{words}\n{explained}");
    }
}
