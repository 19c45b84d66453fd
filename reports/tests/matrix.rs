//! A matrix: every renderer on the fixture as snapshots, its schema, and that no input breaks a renderer.

mod storm;
mod twenty;

use upstorm_model::Plan;
use upstorm_model::verdict::{Estimate, FIGURES, Figure, FigureAcross, Verdict};
use upstorm_reports::matrix::{github, json, junit, markdown, render_all, terminal};
use upstorm_reports::{
    MatrixInput, MatrixResults, ReadError, SeedsInput, SeedsResults, Style, VariantInput, matrix_schema,
};

const LABELS: [&str; 3] = ["preset=none", "preset=naive", "preset=standard"];

/// Twenty seeds of one variant; the naive one breaks a bound, the others do not.
fn seeds(label: &str) -> SeedsResults {
    let plan = Plan { variant: Some(label.into()), ..storm::plan() };
    let mut across = twenty::across();
    if label != LABELS[1] {
        across.retain(|check| check.failed == 0 && check.inconclusive == 0);
    }
    SeedsResults::build(&SeedsInput {
        plan: &plan,
        tool_version: "0.1.0",
        command: format!("upstorm run retry-storm.toml --variant {label} --world sim --seed 1 --seeds 20"),
        seed_command: format!("upstorm run retry-storm.toml --variant {label} --world sim"),
        scenario_file: Some("retry-storm.toml"),
        runs: &twenty::runs(),
        across,
        exit_code: if label == LABELS[1] { 10 } else { 0 },
        pace: None,
        partial: false,
        asked: 20,
    })
}

fn estimate(value: f64, half: f64) -> Option<Estimate> {
    Some(Estimate { value, low: Some(value - half), high: Some(value + half), confidence: 0.95, n: 20 })
}

/// Figures of a variant that is so many times the first.
fn figures(times: f64, is_baseline: bool) -> Vec<FigureAcross> {
    let of = |figure: &Figure| {
        let base = match figure {
            Figure::Goodput => 182.0,
            Figure::ErrorShare => 0.31,
            Figure::ThrottledShare => 0.0,
            Figure::LatencyP50 => 0.0152,
            Figure::LatencyP95 => 0.081,
            Figure::LatencyP99 => 0.44,
            Figure::Amplification => 1.0,
        };
        let compared = |e: Option<Estimate>| e.filter(|_| !is_baseline);
        FigureAcross {
            figure: *figure,
            mean: estimate(base * times, base * 0.02),
            difference: compared(estimate(base * (times - 1.0), base * 0.01)),
            ratio: compared(estimate(times, 0.03)).filter(|_| base > 0.0),
            values: (0..20).map(|n| Some(base * times * (0.9 + 0.01 * f64::from(n)))).collect(),
        }
    };
    FIGURES.iter().map(of).collect()
}

fn variants() -> Vec<VariantInput> {
    let variant = |(index, label): (usize, &&str)| VariantInput {
        label: (*label).into(),
        folder: format!("variants/{label}"),
        settings: vec![("gateway.edge.preset".into(), format!("{:?}", label.trim_start_matches("preset=")))],
        baseline: (index > 0).then(|| LABELS[0].to_owned()),
        gates: *label != LABELS[0],
        figures: figures([1.0, 2.7, 1.31][index], index == 0),
        seeds: seeds(label),
    };
    LABELS.iter().enumerate().map(variant).collect()
}

fn built(change: impl FnOnce(&mut MatrixInput<'_>)) -> MatrixResults {
    let plan = storm::plan();
    let mut input = MatrixInput {
        plan: &plan,
        tool_version: "0.1.0",
        command: "upstorm run retry-storm.toml --world sim --seed 1 --seeds 20".into(),
        scenario_file: Some("retry-storm.toml"),
        exit_code: 10,
        pace: None,
        partial: false,
        asked: 20,
        variants: variants(),
    };
    change(&mut input);
    MatrixResults::build(input)
}

#[test]
fn terminal_is_readable_by_a_stranger() {
    let plain = terminal::render(&built(|_| ()), Style::default());
    assert!(plain.lines().all(|l| l.chars().count() <= 100), "{plain}");
    insta::assert_snapshot!(plain);
}

#[test]
fn nobody_is_sent_to_look_into_one_that_was_not_run() {
    let without = |labels: &[&str]| {
        let shown = built(|input| {
            let stopped =
                input.variants.iter_mut().filter(|variant| labels.contains(&variant.label.as_str()));
            stopped.for_each(|variant| {
                variant.seeds.runs.clear();
                variant.seeds.checks.clear();
                variant.seeds.verdict = Verdict::Failed;
            });
        });
        terminal::render(&shown, Style::default())
    };
    let example =
        |shown: &str| shown.lines().find(|line| line.starts_with("Look into one")).map(str::to_owned);
    assert!(example(&without(&LABELS[1..2])).unwrap().contains(LABELS[2]), "the worst that was run");
    assert_eq!(example(&without(&LABELS)), None);
}

#[test]
fn markdown_has_the_table() {
    insta::assert_snapshot!(markdown::render(&built(|_| ())));
}

#[test]
fn junit_has_a_suite_for_each_variant() {
    let xml = junit::render(&built(|_| ())).unwrap();
    for label in LABELS {
        assert!(xml.contains(&format!("name=\"retry-storm[{label}]\"")), "{xml}");
    }
    assert!(xml.contains("<failure"), "what failed in a variant that counts is a failure");
    let uncounted = built(|input| input.variants.iter_mut().for_each(|variant| variant.gates = false));
    let xml = junit::render(&uncounted).unwrap();
    assert!(!xml.contains("<failure") && !xml.contains("<error") && xml.contains("<system-out>"), "{xml}");
}

#[test]
fn github_points_at_the_failed_checks_of_the_variants_that_count() {
    insta::assert_snapshot!(github::annotations(&built(|_| ())).join("\n"));
    let many = built(|input| {
        let one = input.variants[1].clone();
        input.variants = vec![one; 50];
    });
    assert_eq!(github::annotations(&many).len(), 8, "no more than GitHub shows");
    assert!(github::annotations(&built(|input| input.variants[1].gates = false)).is_empty());
}

#[test]
fn the_worst_variant_that_counts_decides() {
    assert_eq!(built(|_| ()).verdict, Verdict::Failed);
    assert_eq!(built(|input| input.variants[1].gates = false).verdict, Verdict::Held);
    let none = built(|input| input.variants.iter_mut().for_each(|variant| variant.gates = false));
    assert_eq!(none.verdict, Verdict::Held);
    assert!(terminal::render(&none, Style::default()).contains("no variant counts"));
}

#[test]
fn the_document_fits_its_schema_and_is_read_back() {
    let validator = jsonschema::validator_for(&matrix_schema()).unwrap();
    let matrix = built(|_| ());
    let value = serde_json::to_value(&matrix).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({"version": 1})));
    assert_eq!(json::read(&json::render(&matrix).unwrap()).unwrap(), matrix);
    let mut newer = value;
    newer["version"] = serde_json::json!(2);
    assert!(matches!(json::read(&newer.to_string()), Err(ReadError::Version { found: 2, known: 1 })));
}

#[test]
fn nothing_run_and_values_that_are_none_render_everywhere() {
    let odd = built(|input| {
        (input.partial, input.exit_code) = (true, 130);
        for variant in &mut input.variants {
            variant.seeds.runs.clear();
            variant.label = "<b>|\u{1b}[31m*`".into();
            variant.figures = figures(f64::INFINITY, false);
        }
        input.variants[2].figures.clear();
    });
    let files = render_all(&odd).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["matrix.json", "summary.md", "junit.xml"]);
    assert!(files.iter().all(|(name, text)| *name != "summary.md" || !text.contains("<b>|")));
    let said = terminal::render(&odd, Style::default());
    assert!(said.contains("0 of the 60 runs asked for") && !said.contains('\u{1b}'), "{said}");
    assert!(!said.contains("inf") && !said.contains("NaN"), "{said}");
    let empty = built(|input| input.variants.clear());
    assert_eq!(render_all(&empty).unwrap().len(), 3);
    assert!(!terminal::render(&empty, Style::default()).is_empty());
}
