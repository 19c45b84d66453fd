//! The integration guides' table, over ten seeds in the simulated world: the same order, and the same ratios.
//!
//! The guides give requests a second, p95 and errors of three configurations: 3500, 180 ms, 4.2 %; 3300, 210 ms, 0.9 %;
//! 3100, 230 ms, 0.2 %. Error ratios must agree within a factor of 1.5, throughput ratios within 0.05.

use std::num::NonZero;

use upstorm_language::compile::PlanOptions;
use upstorm_language::library::find;
use upstorm_language::matrix::plans;
use upstorm_language::{LoadOptions, load};
use upstorm_model::verdict::{Figure, RunFigures};
use upstorm_runner::{ExitCode, Stop, perform_variants};

const SEEDS: NonZero<u32> = NonZero::new(10).expect("10 is not zero");

/// What the guides say of one configuration.
struct Line {
    label: &'static str,
    requests: f64,
    errors: f64,
}

const TABLE: [Line; 3] = [
    Line { label: "plain", requests: 3500.0, errors: 0.042 },
    Line { label: "retry", requests: 3300.0, errors: 0.009 },
    Line { label: "guarded", requests: 3100.0, errors: 0.002 },
];

fn mean(runs: &[RunFigures], of: impl Fn(&RunFigures) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / runs.len() as f64
}

fn figure(run: &RunFigures, figure: Figure) -> f64 {
    run.values[&figure]
}

/// Calls a second, however they ended.
fn requests(run: &RunFigures) -> f64 {
    let failed = figure(run, Figure::ErrorShare) + figure(run, Figure::ThrottledShare);
    figure(run, Figure::Goodput) / (1.0 - failed)
}

#[test]
fn the_order_and_the_ratios_of_the_guides_come_out() {
    let name = "integration-guide";
    let text = find(name).expect("a built-in scenario").text.as_bytes();
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &nothing };
    let loaded = load(name, None, text, &options).unwrap_or_else(|e| panic!("{e}"));
    let matrix = loaded.matrix.expect("it has a matrix");
    let labels: Vec<&str> = matrix.variants.iter().map(|variant| variant.label.as_str()).collect();
    assert_eq!(labels, TABLE.each_ref().map(|line| line.label));
    let plans = plans(&matrix, &PlanOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let done = perform_variants(&plans, SEEDS, &Stop::new(), &|_, _| ()).unwrap_or_else(|e| panic!("{e}"));

    for (seeds, line) in done.iter().zip(&TABLE) {
        assert_eq!(seeds.exit, ExitCode::Held, "{}", line.label);
        assert_eq!(seeds.figures.len(), SEEDS.get() as usize, "{}", line.label);
    }
    let of = |value: fn(&RunFigures) -> f64| done.iter().map(|seeds| mean(&seeds.figures, value)).collect();
    let requests: Vec<f64> = of(requests);
    let errors: Vec<f64> = of(|run| figure(run, Figure::ErrorShare));
    let p95: Vec<f64> = of(|run| figure(run, Figure::LatencyP95));
    assert!(requests.is_sorted_by(|a, b| a > b), "requests a second: {requests:?}");
    assert!(p95.is_sorted_by(|a, b| a < b), "p95: {p95:?}");
    assert!(errors.is_sorted_by(|a, b| a > b), "errors: {errors:?}");
    for (index, line) in TABLE.iter().enumerate() {
        let errors = (errors[index] / errors[0]) / (line.errors / TABLE[0].errors);
        assert!(
            (1.0 / 1.5..=1.5).contains(&errors),
            "errors of {}: {errors} of the guides' ratio",
            line.label
        );
        let requests = requests[index] / requests[0] - line.requests / TABLE[0].requests;
        assert!(requests.abs() <= 0.05, "requests of {}: {requests} from the guides' ratio", line.label);
    }
}
