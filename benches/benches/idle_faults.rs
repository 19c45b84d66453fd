//! An idle fault costs nothing measurable: one request at a route with ten faults that never hit (a share of 0), against
//! one at a route with none. Bound: a ratio of 1.05.
//!
//! A fault that slows its route down while it sleeps would make a scenario's quiet phases slower than they are said to
//! be. Criterion gives both times; the ratio is of the processor time of a request, in pairs measured in turn, of
//! which the median counts: other work on the machine disturbs that less than a difference of two means.

use criterion::{Criterion, criterion_group};
use upstorm_benches::caller::Caller;
use upstorm_benches::serving::Serving;
use upstorm_benches::spent::Spent;

const BODY: usize = 1024;
const BOUND: f64 = 1.05;
/// Pairs, and requests in each half of one.
const PAIRS: usize = 41;
const REQUESTS: u32 = 4000;

/// One of each kind that there is, and an eleventh would say no more.
const TEN: &str = r#"
  { share = "0%", reset = { at = "mid-body" } },
  { share = "0%", reset = { at = "before-headers" } },
  { share = "0%", close = { after = "100B" } },
  { share = "0%", hang = true },
  { share = "0%", truncate = { keep = "50%" } },
  { share = "0%", stall = { at = "mid-body", for = "1s" } },
  { share = "0%", malformed = { kind = "status-line" } },
  { share = "0%", content_length = { off_by = 10 } },
  { share = "0%", redirect_loop = true },
  { share = "0%", header_flood = { size = "64KiB" } },
"#;

fn path(c: &mut Criterion) {
    let mut group = c.benchmark_group("one request");
    for (name, faults) in [("no faults", ""), ("ten idle faults", TEN)] {
        let Ok(serving) = Serving::with_faults(BODY, faults) else { return };
        let Ok(mut caller) = Caller::connect(&serving.url(), BODY) else { return };
        group.bench_function(name, |b| b.iter(|| caller.call().map_or(0, <[u8]>::len)));
        drop(caller);
        let _ = serving.stop();
    }
    group.finish();
}

/// The ratio of each pair: what a request costs with ten idle faults, over what it costs without.
fn ratios(pairs: usize) -> anyhow::Result<Vec<f64>> {
    let (none, ten) = (Serving::with_faults(BODY, "")?, Serving::with_faults(BODY, TEN)?);
    let mut callers = [Caller::connect(&none.url(), BODY)?, Caller::connect(&ten.url(), BODY)?];
    let mut ratios = Vec::with_capacity(pairs);
    for _ in 0..pairs {
        let mut cost = [0.0; 2];
        for (caller, cost) in callers.iter_mut().zip(&mut cost) {
            let before = Spent::until_now();
            for _ in 0..REQUESTS {
                caller.call()?;
            }
            *cost = Spent::until_now().since(before).cpu.as_secs_f64();
        }
        ratios.push(cost[1] / cost[0]);
    }
    drop(callers);
    none.stop()?;
    ten.stop()?;
    ratios.sort_by(f64::total_cmp);
    Ok(ratios)
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn main() {
    benches();
    // cargo passes this where benches are measured and not merely tried.
    let pairs = if std::env::args().any(|argument| argument == "--bench") { PAIRS } else { 1 };
    match ratios(pairs) {
        Ok(ratios) => {
            let (low, median, high) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
            let word = if median <= BOUND { "within" } else { "beyond" };
            println!(
                "ten idle faults against none: median ratio {median:.3} ({low:.3} to {high:.3}), {word} {BOUND}"
            );
        }
        Err(error) => println!("failed: {error:#}"),
    }
}

criterion_group!(benches, path);
