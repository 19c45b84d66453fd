//! The document: its schema, reading it back, what it adds up to, and that no input breaks a renderer.

mod storm;

use upstorm_model::recording::{Mark, MarkKind, Recording};
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Interval, Verdict};
use upstorm_model::{Offset, Plan};
use upstorm_reports::results::{BandKind, Partial};
use upstorm_reports::{
    ReadError, Results, ResultsInput, Style, github, html, json, junit, markdown, render_all, results_schema,
    terminal,
};

fn input<'a>(plan: &'a Plan, recording: &'a Recording, findings: &'a [Finding]) -> ResultsInput<'a> {
    ResultsInput {
        plan,
        recording,
        findings,
        tool_version: "0.1.0",
        command: "upstorm run x",
        variant: "",
        exit_code: 0,
        interrupted: false,
        scenario_file: None,
        pace: None,
        recording_digest: None,
    }
}

#[test]
fn results_fit_their_schema() {
    let validator = jsonschema::validator_for(&results_schema()).unwrap();
    let value = serde_json::to_value(storm::results()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({"version": 1})));
}

#[test]
fn what_is_written_is_read_back() {
    let results = storm::results();
    let text = json::render(&results).unwrap();
    assert_eq!(json::read(&text).unwrap(), results);
    assert_eq!(text, json::render(&storm::results()).unwrap(), "the same results give the same bytes");
}

#[test]
fn a_newer_field_is_passed_over_and_a_newer_version_refused() {
    let mut value = serde_json::to_value(storm::results()).unwrap();
    value["added_later"] = serde_json::json!([1, 2]);
    assert!(json::read(&value.to_string()).is_ok());
    value["version"] = serde_json::json!(2);
    assert!(matches!(json::read(&value.to_string()), Err(ReadError::Version { found: 2, .. })));
    assert!(matches!(json::read("not json"), Err(ReadError::Form(_))));
}

#[test]
fn every_call_and_attempt_is_counted_once() {
    let plan = storm::plan();
    let recording = storm::recording(&plan);
    let results = storm::built(&plan, &recording);
    let warm = recording.calls.iter().filter(|c| c.planned < plan.warmup_until).count() as u64;
    let by_phase: u64 = results.phases.iter().map(|p| p.planned).sum();
    assert_eq!(by_phase + warm, recording.calls.len() as u64);
    for row in &results.phases {
        assert_eq!(row.ok + row.errors + row.throttled, row.planned);
        assert_eq!(row.sent + row.shed, row.planned);
    }
    let t = &results.timeline;
    let sum = |values: &[f64]| values.iter().sum::<f64>() * t.bin;
    assert!(
        (sum(&t.goodput) + sum(&t.failed) + sum(&t.throttled) - recording.calls.len() as f64).abs() < 1e-6
    );
    let by_edge: u64 = results.edges.iter().map(|e| e.attempts).sum();
    assert_eq!(by_edge, recording.attempts.len() as u64);
    let mixed: f64 = t.upstream_mix.iter().map(|m| sum(&m.per_second)).sum();
    assert!((mixed - recording.attempts.len() as f64).abs() < 1e-6);
}

#[test]
fn calls_in_flight_follow_littles_law() {
    let plan = storm::plan();
    let recording = storm::recording(&plan);
    let t = storm::built(&plan, &recording).timeline;
    let area = t.calls_in_flight.iter().sum::<f64>() * t.bin;
    let waited: f64 = recording.calls.iter().map(|c| c.done.since(c.sent).as_secs_f64()).sum();
    assert!((area / waited - 1.0).abs() < 1e-4, "{area} {waited}");
}

#[test]
fn asked_and_injected_agree_where_the_dice_are_fair() {
    let results = storm::results();
    let of = |what: &str| results.fidelity.injected.iter().find(|i| i.what == what).unwrap();
    for (what, asked) in [("503", 0.9), ("reset", 0.05)] {
        let row = of(what);
        assert!((row.asked.unwrap() - asked).abs() < 1e-9, "{row:?}");
        // Four standard deviations of a binomial share; the seed is fixed.
        let spread = 4.0 * (asked * (1.0 - asked) / row.of as f64).sqrt();
        assert!((row.injected - asked).abs() < spread, "{row:?}");
    }
    assert_eq!(results.fidelity.load[0].asked, Some(6400.0));
}

#[test]
fn a_run_that_recorded_nothing_renders_everywhere() {
    let plan = storm::plan();
    let empty = Recording { partial: true, ..Recording::default() };
    for findings in [Vec::new(), storm::findings()] {
        let results = Results::build(&ResultsInput { exit_code: 20, ..input(&plan, &empty, &findings) });
        assert_eq!(results.partial, Some(Partial::Killed));
        assert_eq!(render_all(&results).unwrap().len(), 4);
        assert!(terminal::render(&results, Style::default()).contains("unreachable"));
        assert!(junit::render(&results).unwrap().contains("<error"), "a run that broke down is not green");
    }
    let nobody = Plan { hosts: vec![], phases: vec![], segments: vec![], upstreams: vec![], ..plan };
    let nobody = Plan { gateways: vec![], clients: vec![], end: Offset::ZERO, ..nobody };
    let results = Results::build(&input(&nobody, &empty, &[]));
    assert!(html::render(&results).unwrap().contains("</html>"));
    assert_eq!(results.verdict, Verdict::Inconclusive, "nothing measured is never a pass");
}

#[test]
fn a_run_that_was_given_up_says_so_in_every_report() {
    let plan = storm::plan();
    let mut recording = storm::recording(&plan);
    recording.marks.retain(|mark| mark.kind != MarkKind::End);
    recording.marks.push(Mark { at: Offset::from_millis(20_000), kind: MarkKind::GivenUp });
    recording.partial = true;
    let findings = storm::findings();
    let results = Results::build(&ResultsInput { exit_code: 21, ..input(&plan, &recording, &findings) });
    assert_eq!(results.partial, Some(Partial::GivenUp));
    let words = "had no end and was given up";
    for (name, text) in render_all(&results).unwrap() {
        assert!(text.contains(if name.ends_with(".json") { "given-up" } else { words }), "{name}: {text}");
    }
    assert!(terminal::render(&results, Style::default()).contains(words));
}

#[test]
fn a_run_that_was_cut_short_is_divided_by_the_time_it_had() {
    let plan = storm::plan();
    let mut recording = storm::recording(&plan);
    let cut = Offset::from_millis(17_000);
    recording.calls.retain(|c| c.done <= cut);
    recording.attempts.retain(|a| a.end <= cut);
    recording.marks.retain(|m| m.at <= cut);
    recording.partial = true;
    let results = Results::build(&ResultsInput { interrupted: true, ..input(&plan, &recording, &[]) });
    assert_eq!(results.partial, Some(Partial::Interrupted));
    assert!(results.seconds <= 17.0 && results.seconds > 16.9, "{}", results.seconds);
    let outage = results.phases.iter().find(|p| p.phase == "outage").unwrap();
    assert!((outage.seconds - 5.0).abs() < 0.1);
    assert!(results.phases.iter().all(|p| p.phase != "recovery"), "it was never reached");
    assert!(results.bands.iter().all(|b| b.kind != BandKind::Drain));
}

const HOSTILE: &str = "<script>alert(1)</script>|`x`\"'\u{1b}[31m\n::error::%0A -->";

fn hostile() -> Results {
    let mut plan = storm::plan();
    plan.scenario = HOSTILE.into();
    plan.summary = HOSTILE.into();
    plan.hosts.iter_mut().for_each(|h| h.name = format!("{}{HOSTILE}", h.name));
    plan.phases.iter_mut().for_each(|p| p.name = HOSTILE.into());
    let recording = storm::recording(&plan);
    let mut findings = storm::findings();
    for f in &mut findings {
        (f.check, f.subject, f.during) = (HOSTILE.into(), format!("a{HOSTILE} -> b"), vec![HOSTILE.into()]);
        f.observations.iter_mut().for_each(|o| o.part = HOSTILE.into());
    }
    let base = input(&plan, &recording, &findings);
    Results::build(&ResultsInput { command: HOSTILE, variant: HOSTILE, scenario_file: Some(HOSTILE), ..base })
}

#[test]
fn hostile_names_stay_names() {
    let results = hostile();
    let page = html::render(&results).unwrap();
    assert!(
        !page.contains("<script") && page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;")
    );
    let summary = markdown::render(&results);
    assert!(!summary.replace('`', "").lines().any(|l| l.trim_start().starts_with("::error")), "{summary}");
    let rows = summary.lines().filter(|l| l.starts_with("| ") && !l.contains("verdict") && l.contains('≤'));
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
        assert!(!row.contains("<script"), "{row}");
    }
    let said = terminal::render(&results, Style::default());
    assert!(!said.contains('\u{1b}') && said.lines().all(|l| l.chars().count() <= 100), "{said}");
    let xml = junit::render(&results).unwrap();
    assert!(!xml.contains("<script") && !xml.contains('\u{1b}'));
    for line in github::annotations(&results) {
        assert!(line.starts_with("::error file=") && !line.contains('\n'), "{line}");
        let properties = line.trim_start_matches("::error ").split("::").next().unwrap();
        assert_eq!(properties.split(',').count(), 4, "{properties}");
    }
}

#[test]
fn at_most_eight_annotations_and_a_summary_below_the_limit() {
    let mut results = storm::results();
    let failed = results.found(Verdict::Failed).find(|f| f.severity == Severity::Fail).unwrap().clone();
    results.findings = vec![failed; 9_000];
    assert_eq!(github::annotations(&results).len(), github::MOST_ANNOTATIONS);
    let summary = github::step_summary(&results);
    assert!(markdown::render(&results).len() > github::MOST_SUMMARY_BYTES);
    assert!(summary.len() < github::MOST_SUMMARY_BYTES && summary.contains("cut here"));
}

#[test]
fn what_json_cannot_hold_is_left_out() {
    let (plan, recording) = (storm::plan(), Recording::default());
    let mut findings = storm::findings();
    for o in findings.iter_mut().flat_map(|f| &mut f.observations) {
        o.value = Some(f64::NAN);
        o.interval = Some(Interval { low: 0.0, high: f64::INFINITY, confidence: 0.95 });
    }
    let results = Results::build(&input(&plan, &recording, &findings));
    let text = json::render(&results).unwrap();
    assert_eq!(json::read(&text).unwrap(), results);
}

#[test]
fn warnings_do_not_decide() {
    let only = |severity, verdict| {
        let finding = storm::findings().into_iter().next().unwrap();
        Results::verdict_of(&[Finding { severity, verdict, ..finding }])
    };
    assert_eq!(only(Severity::Fail, Verdict::Failed), Verdict::Failed);
    assert_eq!(only(Severity::Fail, Verdict::Held), Verdict::Held);
    assert_eq!(only(Severity::Warn, Verdict::Failed), Verdict::Held);
    assert_eq!(Results::verdict_of(&[]), Verdict::Inconclusive, "nothing was judged");
}
