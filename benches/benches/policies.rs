//! The policies' machines: what one decision costs on the path of every call.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use upstorm_model::policy::Preset;
use upstorm_model::{Offset, Seed, Stream};
use upstorm_policy::{Backoff, Breaker, Budget, Cause, Course, Ending};

fn machines(c: &mut Criterion) {
    let Some(settings) = Preset::named("standard").map(Preset::settings) else { return };
    let mut group = c.benchmark_group("policies");
    let mut now = Offset::ZERO;
    let mut breaker = Breaker::new(&settings.breaker);
    group.bench_function("breaker admits and settles", |b| {
        b.iter(|| {
            now += Duration::from_micros(200);
            if let (Ok(admission), _) = breaker.admit(now) {
                black_box(breaker.settle(now, admission, Ending::Answered(200)));
            }
        });
    });
    let mut budget = Budget::new(&settings.retry.budget);
    let mut now = Offset::ZERO;
    group.bench_function("budget takes a request and gives a retry", |b| {
        b.iter(|| {
            now += Duration::from_micros(200);
            budget.deposit(now);
            black_box(budget.withdraw(now, Cause::Failure))
        });
    });
    let backoff = Backoff::new(&settings.retry.backoff);
    let stream = Stream::named(&["edge", "backoff"]);
    let mut call = 0;
    group.bench_function("backoff draws a wait", |b| {
        b.iter(|| {
            call += 1;
            let mut dice = Seed(1).dice(stream, call, 1);
            black_box(backoff.next(&mut Course::default(), false, &mut dice))
        });
    });
    group.finish();
}

criterion_group!(benches, machines);
criterion_main!(benches);
