//! The simulated world's speed: calls per wall second over two hops, with recording on.
//!
//! For a profile: `perf record -g target/release/deps/simulated_world-* --bench --profile-time 20`.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use upstorm_benches::two_hops::{RATE, check, plan_of, simulate};

const SECONDS: u64 = 10;

fn speed(c: &mut Criterion) {
    check().unwrap_or_else(|error| panic!("{error:#}"));
    let (Ok(plan), Ok(folder)) = (plan_of(SECONDS), tempfile::tempdir()) else { return };
    let mut group = c.benchmark_group("simulated world");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).throughput(Throughput::Elements(SECONDS * RATE));
    group.bench_function("two hops, ten virtual seconds", |b| {
        b.iter(|| simulate(&plan, folder.path()).unwrap_or_else(|error| panic!("{error:#}")));
    });
    group.finish();
}

criterion_group!(benches, speed);
criterion_main!(benches);
