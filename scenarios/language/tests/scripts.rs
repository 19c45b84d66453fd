//! Scripts, delays of connections and `fate_header`: in the plan as they were written, and refused where they make no
//! sense.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{BASE, codes, good, load_text};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_model::plan::{RouteBehaviour, UpstreamPlan};
use upstorm_model::scenario::{FaultKind, RetryAfter, Script, ScriptBy};
use upstorm_model::{Law, TimeSpan, Varying};

fn text(written: &str) -> String {
    format!("{BASE}\n[upstream.other]\n{written}\n")
}

fn other(text: &str) -> UpstreamPlan {
    let plan = plan(&good(text, &[]), &PlanOptions::default()).unwrap();
    let host = plan.host_named("other").unwrap();
    plan.upstream_of(host).unwrap().1.clone()
}

fn first(text: &str) -> RouteBehaviour {
    other(text).timeline[0].routes[0].clone()
}

#[test]
fn a_script_is_a_list_or_a_table() {
    let script = first(&text("script = [{ times = 2, status = 503 }, { for = \"5s\", status = 429 }, {}]"))
        .script
        .unwrap();
    assert_eq!((script.by(), script.steps().len()), (ScriptBy::Call, 3));
    assert_eq!((script.steps()[0].times, script.steps()[1].lasts), (Some(2), Some(TimeSpan::from_secs(5))));
    assert!(script.steps()[2].is_plain());
    let table = "script = { by = \"route\", steps = [{ times = 1, status = 503, retry_after = { seconds = 2 }, \
                 headers = { x-why = \"turn\" }, body = { text = \"no\" }, latency = \"5ms\" }, { fault.hang = true }] }";
    let script = first(&text(table)).script.unwrap();
    assert_eq!(script.by(), ScriptBy::Route);
    let [step, last] = script.steps() else { panic!("two steps") };
    assert_eq!((step.status, &step.retry_after), (Some(503), &Some(RetryAfter::Seconds(2))));
    assert_eq!((step.headers["x-why"].as_str(), step.body.as_ref().unwrap().len_at(0.0)), ("turn", 2));
    assert!(matches!(step.latency, Some(Law::Constant(Varying::Fixed(_)))));
    assert_eq!(last.fault, Some(FaultKind::Hang {}));
}

#[test]
fn a_script_lies_over_the_level_above_and_an_empty_one_takes_it_away() {
    let both = "script = [{ times = 1, status = 503 }]\n[[upstream.other.route]]\nname = \"own\"\nmatch.path = \"/own\"\n\
                script = []\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\n\
                upstream.other.script = { by = \"route\", steps = [{ status = 429 }] }";
    let upstream = other(&text(both));
    let last = upstream.timeline.last().unwrap();
    let none = Some(Script::Steps(Vec::new()));
    assert_eq!((&upstream.timeline[0].routes[0].script, &last.routes[0].script), (&none, &none));
    let by = |route: &RouteBehaviour| route.script.as_ref().map(Script::by);
    assert_eq!(
        (by(&upstream.timeline[0].routes[1]), by(&last.routes[1])),
        (Some(ScriptBy::Call), Some(ScriptBy::Route))
    );
    assert!(upstream.timeline[0].routes[1].is_troubled() && !upstream.timeline[0].routes[0].is_troubled());
}

#[test]
fn delays_and_fate_header_are_read() {
    let upstream =
        other(&text("fate_header = true\nconnect = { delay = { exponential = { mean = \"5ms\" } } }"));
    assert!(upstream.fate_header && matches!(upstream.timeline[0].connect.delay, Some(Law::Drawn(_))));
    assert!(!other(&text("fate_header = false")).fate_header);
    assert!(!other(&text("latency = \"1ms\"")).fate_header);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (written, code) in [
        ("script = 3", "S013"),
        ("script = [{ status = 503 }, {}]", "S012"),
        ("script = [{}, {}]", "S012"),
        ("script = [{ times = 0, status = 503 }, {}]", "S020"),
        ("script = [{ times = -1 }]", "S020"),
        ("script = [{ times = 1.5 }]", "S013"),
        ("script = [{ for = \"0s\" }, {}]", "S020"),
        ("script = [{ for = 5 }]", "S014"),
        ("script = [{ times = 1, for = \"1s\" }]", "S018"),
        ("script = [{ times = 1, status = 99 }]", "S020"),
        ("script = [{ times = 1, status = { 503 = \"100%\" } }]", "S013"),
        ("script = [{ times = 1, retry_after = { seconds = 1 } }]", "S012"),
        ("script = [{ times = 1, status = 503, retry_after = \"exact\" }]", "S018"),
        ("script = [{ times = 1, faults = [] }]", "S011"),
        ("script = [{ times = 1, fault = { share = \"5%\", hang = true } }]", "S011"),
        ("script = [{ times = 1, fault = {} }]", "S016"),
        ("script = { by = \"client\", steps = [] }", "S017"),
        ("script = { by = \"route\" }", "S012"),
        ("connect = { delay = 5 }", "S014"),
        ("fate_header = \"yes\"", "S013"),
    ] {
        assert_eq!(codes(&text(written), &[]), [code], "{written}");
    }
    let long = format!("script = [{}]", "{ times = 1 }, ".repeat(256));
    assert_eq!(codes(&text(&long), &[]), ["S020"]);
}

#[test]
fn a_step_without_an_end_is_pointed_at() {
    let errors = load_text(&text("script = [{ status = 503 }, { times = 1 }, {}]"), &[]).unwrap_err();
    let told = errors.render(false);
    assert!(
        told.contains("{ status = 503 }") && told.contains("^^^^") && told.contains("times = 2"),
        "{told}"
    );
    assert!(told.contains("this step never ends"), "{told}");
}

#[test]
fn explain_tells_the_turns() {
    let overlay = "latency = \"1ms\"\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\nupstream.other.connect.delay = \"20ms\"\n\
                   upstream.other.script = [{ times = 2, status = 503, retry_after = { seconds = 1 } }, \
                   { for = \"5s\", fault = { reset = { at = \"mid-body\" } } }, {}]";
    let loaded = good(&text(overlay), &[]);
    let plan = plan(&loaded, &PlanOptions::default()).unwrap();
    let told = explain(&loaded, &plan);
    for part in [
        "script for each call: 503, Retry-After 1s 2 times, then reset in the body for 5s, then as ever",
        "holds each connection for 20ms",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
