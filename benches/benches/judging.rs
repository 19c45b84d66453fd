//! Judging: all checks of a scenario over a long recording; linear in its length.

use std::hint::black_box;
use std::io;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use upstorm_benches::recorded::recording;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::find;
use upstorm_language::{LoadOptions, load};

fn judging(c: &mut Criterion) {
    let none = |_: &std::path::Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let options = LoadOptions { sets: &[], env: &|_| None, read: &none };
    let scenario = find("retry-storm").and_then(|s| load(s.name, None, s.text.as_bytes(), &options).ok());
    let Some(plan) = scenario.and_then(|loaded| plan(&loaded, &PlanOptions::default()).ok()) else { return };
    let mut group = c.benchmark_group("judging");
    group.sample_size(10);
    for calls in [10_000, 100_000, 1_000_000] {
        let recording = recording(&plan, calls);
        group.throughput(Throughput::Elements(calls));
        group.bench_with_input(BenchmarkId::from_parameter(calls), &recording, |b, recording| {
            b.iter(|| black_box(upstorm_checks::judge(&plan, recording)));
        });
    }
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
