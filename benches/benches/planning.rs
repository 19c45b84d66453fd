//! From the text of a scenario to its plan.

use std::hint::black_box;
use std::io;

use criterion::{Criterion, criterion_group, criterion_main};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::library::BUILT_IN;
use upstorm_language::{LoadOptions, load};

fn planning(c: &mut Criterion) {
    let none = |_: &std::path::Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let options = LoadOptions { sets: &[], env: &|_| None, read: &none };
    let mut group = c.benchmark_group("planning");
    for scenario in BUILT_IN {
        group.bench_function(scenario.name, |b| {
            b.iter(|| {
                let loaded = load(scenario.name, None, black_box(scenario.text.as_bytes()), &options);
                loaded.ok().and_then(|loaded| plan(&loaded, &PlanOptions::default()).ok())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, planning);
criterion_main!(benches);
