//! Judging: every check there is over a long recording; linear in its length, and within what the contract allows.

use std::hint::black_box;
use std::io;

use anyhow::{Context, ensure};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use upstorm_benches::memory;
use upstorm_benches::recorded::recording;
use upstorm_benches::spent::Spent;
use upstorm_checks::{CHECKS, judge};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{Diagnostics, LoadOptions, load};
use upstorm_model::Plan;

const SCENARIO: &str = include_str!("every_check.toml");
const CALLS: [u64; 3] = [250_000, 500_000, 1_000_000];
/// What a million calls may cost: seconds of one core, and MB beyond the recording.
const AT_MOST: (f64, f64) = (2.0, 300.0);

fn main() {
    if let Err(error) = measure() {
        report(&format!("failed: {error:#}"));
        std::process::exit(1);
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}

/// The plan that asks for every check.
fn every_check() -> anyhow::Result<Plan> {
    let none = |_: &std::path::Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let options = LoadOptions { sets: &[], env: &|_| None, read: &none };
    let loaded = load("every-check", None, SCENARIO.as_bytes(), &options);
    let told = |wrong: Diagnostics| {
        let messages: Vec<String> = wrong.iter().map(|one| one.message.clone()).collect();
        anyhow::anyhow!("the scenario cannot be read: {}", messages.join("; "))
    };
    plan(&loaded.map_err(told)?, &PlanOptions::default()).map_err(told)
}

/// What judging takes, and how that grows.
fn measure() -> anyhow::Result<()> {
    let plan = every_check()?;
    let mut last = (0.0, 0.0);
    for calls in CALLS {
        let recording = recording(&plan, calls);
        let before = memory::restart()?;
        let start = Spent::until_now();
        let findings = black_box(judge(&plan, &recording));
        let cpu = Spent::until_now().since(start).cpu.as_secs_f64();
        let held = memory::peak()? - before;
        ensure!(findings.len() >= CHECKS.len(), "every check was asked for");
        report(&format!("{calls} calls, {} attempts: {cpu:.2} s, {held:.0} MB", recording.attempts.len()));
        last = (cpu, held);
    }
    by_itself(&plan).context("each check by itself")?;
    ensure!(last.0 <= AT_MOST.0, "a million calls take {:.2} s, at most {} s", last.0, AT_MOST.0);
    ensure!(last.1 <= AT_MOST.1, "a million calls take {:.0} MB, at most {} MB", last.1, AT_MOST.1);
    Ok(())
}

/// What each check takes by itself, the grouping of its edge included.
fn by_itself(plan: &Plan) -> anyhow::Result<()> {
    let recording = recording(plan, CALLS[2]);
    for check in &plan.checks {
        let alone = Plan { checks: vec![check.clone()], ..plan.clone() };
        let start = Spent::until_now();
        ensure!(black_box(judge(&alone, &recording)).len() == 1, "one check, one finding");
        let cpu = Spent::until_now().since(start).cpu.as_secs_f64();
        report(&format!("  {}: {cpu:.3} s", check.name));
    }
    Ok(())
}

fn judging(c: &mut Criterion) {
    let Ok(plan) = every_check() else { return };
    let mut group = c.benchmark_group("judging");
    group.sample_size(10);
    for calls in CALLS {
        let recording = recording(&plan, calls);
        group.throughput(Throughput::Elements(calls));
        group.bench_with_input(BenchmarkId::from_parameter(calls), &recording, |b, recording| {
            b.iter(|| black_box(judge(&plan, recording)));
        });
    }
    group.finish();
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}

criterion_group!(benches, judging);
