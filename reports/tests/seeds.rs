//! Several seeds: every renderer on the fixture as snapshots, its schema, and that no input breaks a renderer.
//!
//! The files are also left in the target's tmp folder, so that the page can be looked at as a picture.

mod storm;
mod twenty;

use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{SeedRun, Verdict};
use upstorm_reports::seeds::{github, html, json, junit, markdown, render_all, terminal};
use upstorm_reports::{Pace, ReadError, SeedsInput, SeedsResults, Style, seeds_schema};

/// The document of the fixture.
fn twenty_seeds() -> SeedsResults {
    let runs = twenty::runs();
    SeedsResults::build(&SeedsInput {
        plan: &storm::plan(),
        tool_version: "0.1.0",
        command: "upstorm run retry-storm.toml --world sim --seeds 20".into(),
        seed_command: "upstorm run retry-storm.toml --world sim".into(),
        scenario_file: Some("scenarios/retry-storm.toml"),
        runs: &runs,
        across: twenty::across(),
        exit_code: 10,
        pace: Some(Pace { virtual_seconds: 681.2, wall_seconds: 9.71 }),
        partial: false,
        asked: 20,
    })
}

#[test]
fn the_whole_set_is_rendered_and_left_to_be_looked_at() {
    let files = render_all(&twenty_seeds()).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["seeds.json", "report.html", "summary.md", "junit.xml"]);
    for (name, text) in files {
        assert!(!text.is_empty(), "{name}");
        std::fs::write(format!("{}/seeds-{name}", env!("CARGO_TARGET_TMPDIR")), text).unwrap();
    }
}

#[test]
fn terminal_is_readable_by_a_stranger() {
    let plain = terminal::render(&twenty_seeds(), Style::default());
    assert!(plain.lines().all(|l| l.chars().count() <= 100), "{plain}");
    insta::assert_snapshot!(plain);
}

#[test]
fn markdown_tells_the_storyline() {
    insta::assert_snapshot!(markdown::render(&twenty_seeds()));
}

#[test]
fn junit_has_a_case_for_each_check() {
    insta::assert_snapshot!(junit::render(&twenty_seeds()).unwrap());
}

#[test]
fn github_points_at_the_failed_checks() {
    insta::assert_snapshot!(github::annotations(&twenty_seeds()).join("\n"));
}

#[test]
fn the_page_is_whole_and_needs_no_network() {
    let seeds = twenty_seeds();
    let page = html::render(&seeds).unwrap();
    storm::page::assert_balanced(&page);
    for reference in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(reference), "{reference}");
    }
    for check in &seeds.checks {
        assert!(page.contains(&check.check), "{}", check.check);
    }
    assert_eq!(page.matches("<title>seed ").count(), 20, "a square a seed");
    assert_eq!(page.matches("class=\"dot\"").count(), 4 * 20, "a dot a seed, for what differs");
    assert!(page.contains("upstorm run retry-storm.toml --world sim --seed "));
    assert!(!page.contains("NaN") && !page.contains("inf"), "every number is one");
}

#[test]
fn the_document_fits_its_schema_and_is_read_back() {
    let validator = jsonschema::validator_for(&seeds_schema()).unwrap();
    let seeds = twenty_seeds();
    let value = serde_json::to_value(&seeds).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({"version": 1})));
    let text = json::render(&seeds).unwrap();
    assert_eq!(json::read(&text).unwrap(), seeds);
    let mut newer = value;
    newer["version"] = serde_json::json!(2);
    assert!(matches!(json::read(&newer.to_string()), Err(ReadError::Version { found: 2, known: 1 })));
}

fn built(runs: &[SeedRun], change: impl FnOnce(&mut SeedsInput<'_>)) -> SeedsResults {
    let plan = storm::plan();
    let mut input = SeedsInput {
        plan: &plan,
        tool_version: "0.1.0",
        command: "upstorm run x --seeds 20".into(),
        seed_command: "upstorm run x".into(),
        scenario_file: None,
        runs,
        across: twenty::across(),
        exit_code: 0,
        pace: None,
        partial: false,
        asked: 20,
    };
    change(&mut input);
    SeedsResults::build(&input)
}

#[test]
fn no_seed_at_all_renders_everywhere_and_is_no_pass() {
    let seeds = built(&[], |input| {
        (input.across, input.partial, input.exit_code) = (Vec::new(), true, 130);
    });
    assert_eq!(seeds.verdict, Verdict::Inconclusive);
    assert_eq!(render_all(&seeds).unwrap().len(), 4);
    assert!(junit::render(&seeds).unwrap().contains("<error"), "what broke down is not green");
    let said = terminal::render(&seeds, Style::default());
    assert!(said.contains("0 of the 20 seeds asked for were run"), "{said}");
    assert!(said.contains("exit code 130: interrupted"), "{said}");
}

#[test]
fn a_run_that_broke_down_is_told_once_and_not_of_every_check() {
    let mut across = twenty::across();
    for check in &mut across {
        (check.unjudged, check.inconclusive) = (1, check.inconclusive.max(1));
        (check.held, check.first_inconclusive) = (check.held.saturating_sub(1), Some(13));
    }
    let mut runs = twenty::runs();
    (runs[12].findings, runs[12].exit_code) = (Vec::new(), 21);
    let seeds = built(&runs, |input| (input.across, input.exit_code) = (across, 21));
    let said = terminal::render(&seeds, Style::default());
    assert_eq!(
        said.matches("broke down").count(),
        4,
        "at the top, and of each check that has more to say: {said}"
    );
    assert!(said.contains("1 run with exit code 21 (the harness could not do its part): seed 13"), "{said}");
    assert!(said.contains("inconclusive amplification"), "{said}");
    assert_eq!(seeds.runs[12].verdict, Verdict::Inconclusive);
    assert!(html::render(&seeds).unwrap().contains("class=\"partial\">1 run broke down"));
}

#[test]
fn a_value_that_is_missing_is_told_as_such() {
    let said_without = |missing: usize| {
        let mut across = twenty::across();
        let check = across.iter_mut().find(|check| check.failed > 0).unwrap();
        let measure = check.measures.iter_mut().find(|measure| measure.failed > 0).unwrap();
        measure.values.iter_mut().take(missing).for_each(|value| *value = None);
        let left: Vec<f64> = measure.values.iter().copied().flatten().collect();
        measure.n = left.len() as u64;
        (measure.min, measure.max) =
            (left.iter().copied().reduce(f64::min), left.iter().copied().reduce(f64::max));
        terminal::render(&built(&twenty::runs(), |input| input.across = across), Style::default())
    };
    let said = said_without(20);
    assert!(said.contains("no value with any seed"), "{said}");
    let said = said_without(3);
    assert!(said.contains("over 17 seeds, no value with 3"), "{said}");
    assert!(said_without(0).contains("at its worst with seed"));
}

#[test]
fn one_seed_alone_has_no_interval_of_its_quantiles() {
    let runs = twenty::runs();
    let mut across = twenty::across();
    across.truncate(1);
    let m = &mut across[0].measures[0];
    m.values.truncate(1);
    (m.n, m.min, m.max) = (1, m.values[0], m.values[0]);
    m.quantiles.truncate(1);
    (m.quantiles[0].low, m.quantiles[0].high) = (None, None);
    (across[0].held, across[0].failed, across[0].inconclusive) = (1, 0, 0);
    let seeds = built(&runs[..1], |input| (input.across, input.asked) = (across, 1));
    assert_eq!(seeds.verdict, Verdict::Held);
    let page = html::render(&seeds).unwrap();
    assert!(page.contains("1 seed, 1") && !page.contains("class=\"dot\""), "{page}");
}

const HOSTILE: &str = "<script>alert(1)</script>|`x`\"'\u{1b}[31m\n::error::%0A -->";

#[test]
fn hostile_names_stay_names() {
    let mut plan = storm::plan();
    (plan.scenario, plan.summary) = (HOSTILE.into(), HOSTILE.into());
    let mut across = twenty::across();
    for check in &mut across {
        (check.check, check.subject, check.during) = (HOSTILE.into(), HOSTILE.into(), vec![HOSTILE.into()]);
        check.measures.iter_mut().for_each(|m| m.part = HOSTILE.into());
    }
    let mut runs = twenty::runs();
    runs.iter_mut().flat_map(|r| &mut r.findings).for_each(|f| f.check = HOSTILE.into());
    let seeds = SeedsResults::build(&SeedsInput {
        plan: &plan,
        tool_version: HOSTILE,
        command: HOSTILE.into(),
        seed_command: HOSTILE.into(),
        scenario_file: Some(HOSTILE),
        runs: &runs,
        across,
        exit_code: 10,
        pace: None,
        partial: true,
        asked: 20,
    });
    assert!(!html::render(&seeds).unwrap().contains("<script"));
    let summary = markdown::render(&seeds);
    let rows = summary.lines().filter(|l| l.starts_with("| ") && l.contains("script"));
    for row in rows {
        assert!([7, 8].contains(&row.replace("\\|", "").matches('|').count()), "{row}");
        assert!(!row.contains("<script"), "{row}");
    }
    let said = terminal::render(&seeds, Style::default());
    assert!(!said.contains('\u{1b}') && said.lines().all(|l| l.chars().count() <= 100), "{said}");
    let xml = junit::render(&seeds).unwrap();
    assert!(!xml.contains("<script") && !xml.contains('\u{1b}'));
    for line in github::annotations(&seeds) {
        assert!(line.starts_with("::error file=") && !line.contains('\n'), "{line}");
    }
}

#[test]
fn what_is_no_number_is_left_out_and_real_time_has_no_pace() {
    let mut across = twenty::across();
    for m in across.iter_mut().flat_map(|c| &mut c.measures) {
        (m.min, m.max, m.values) = (Some(f64::NAN), Some(f64::INFINITY), vec![Some(f64::NAN); 20]);
        m.quantiles.iter_mut().for_each(|q| (q.value, q.low) = (f64::NAN, Some(f64::NEG_INFINITY)));
    }
    let pace = twenty_seeds().pace;
    let seeds = built(&twenty::runs(), |input| (input.across, input.pace) = (across, pace));
    let text = json::render(&seeds).unwrap();
    assert_eq!(json::read(&text).unwrap(), seeds);
    assert!(!html::render(&seeds).unwrap().contains("NaN"));
    assert!(terminal::render(&seeds, Style::default()).contains("virtual seconds a second"));
    let real = SeedsResults { world: WorldKind::Real, ..seeds };
    assert!(!terminal::render(&real, Style::default()).contains("virtual"));
}
