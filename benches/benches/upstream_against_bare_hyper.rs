//! Side by side: the upstream with recording on and no fault, against a bare hyper server that answers the
//! same bytes, all but the header that says when the upstream made its response.
//!
//! Both in one run, interleaved ABAB, five pairs, 50 kept-alive connections by `wrk`, as many workers on either
//! side; the median ratio and its spread are quoted, of requests a second and of the servers' processor time for each,
//! which other work on the machine disturbs less. That the answers are otherwise the same to the byte is looked at
//! first: a ratio against a server that says more would flatter ours. Without `wrk` it is skipped by name.

use std::process::Command;

use anyhow::Context;
use bytes::Bytes;
use upstorm_benches::bare_server;
use upstorm_benches::caller::Caller;
use upstorm_benches::serving::Serving;
use upstorm_benches::spent::Spent;
use upstorm_model::recording::Call;

const PAIRS: usize = 5;
const SECONDS: &str = "5s";
const BODY: usize = 1024;

/// What was measured.
struct Measured {
    /// The upstream's, the bare server's.
    pairs: Vec<(Speed, Speed)>,
    recorded: u64,
}

/// How fast a server answers.
struct Speed {
    /// Requests a second.
    rate: f64,
    /// Microseconds of processor time each, in all threads of this process: everything but `wrk`.
    cost: f64,
}

fn main() {
    if Command::new("wrk").arg("--version").output().is_err() {
        report("skipped: upstream_against_bare_hyper: wrk is not installed");
        return;
    }
    match measure() {
        Ok(measured) => report(&summary(&measured)),
        Err(error) => {
            report(&format!("failed: {error:#}"));
            std::process::exit(1);
        }
    }
}

fn measure() -> anyhow::Result<Measured> {
    let serving = Serving::start(BODY)?;
    let ours = serving.url();
    let body = Caller::connect(&ours, BODY)?.body()?;
    let (_runtime, bare) = bare_server::serve(Bytes::from(body))?;
    let bare = format!("http://{bare}/");
    same_bytes(&ours, &bare)?;
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        pairs.push((speed(&ours)?, speed(&bare)?));
    }
    Ok(Measured { pairs, recorded: serving.stop()? })
}

fn same_bytes(ours: &str, bare: &str) -> anyhow::Result<()> {
    let answer = |url| Ok::<_, anyhow::Error>(without_its_time(Caller::connect(url, BODY)?.call()?));
    let (ours, bare) = (answer(ours)?, answer(bare)?);
    let shown = |answer: &[u8]| String::from_utf8_lossy(&answer[..answer.len() - BODY]).into_owned();
    anyhow::ensure!(ours == bare, "the answers differ: {:?} and {:?}", shown(&ours), shown(&bare));
    Ok(())
}

/// An answer without the line that differs from one to the next, where it has one.
fn without_its_time(answer: &[u8]) -> Vec<u8> {
    let (head, body) = answer.split_at(answer.len() - BODY);
    let made = |line: &&[u8]| line.starts_with(Call::MADE.as_bytes());
    head.split_inclusive(|byte| *byte == b'\n')
        .filter(|line| !made(line))
        .chain([body])
        .flatten()
        .copied()
        .collect()
}

fn speed(url: &str) -> anyhow::Result<Speed> {
    let before = Spent::until_now();
    let output = Command::new("wrk").args(["-t1", "-c50", "-d", SECONDS, url]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "wrk said: {text}");
    let spent = Spent::until_now().since(before);
    let figure = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    let rate: Option<f64> = figure.and_then(|figure| figure.trim().parse().ok());
    let rate = rate.with_context(|| format!("wrk said: {text}"))?;
    let requests = rate * spent.wall.as_secs_f64();
    Ok(Speed { rate, cost: spent.cpu.as_secs_f64() * 1e6 / requests })
}

fn summary(measured: &Measured) -> String {
    let shown: String = measured
        .pairs
        .iter()
        .map(|(ours, bare)| format!("  {} against {}\n", shown_speed(ours), shown_speed(bare)))
        .collect();
    let rates = measured.pairs.iter().map(|(ours, bare)| ours.rate / bare.rate);
    let costs = measured.pairs.iter().map(|(ours, bare)| ours.cost / bare.cost);
    let megabytes = measured.recorded / 1_000_000;
    format!(
        "upstream with recording ({megabytes} MB) against bare hyper:\n{shown}\
         requests a second: median ratio {}\nprocessor time of a request: median ratio {}",
        median_of(rates),
        median_of(costs),
    )
}

fn shown_speed(speed: &Speed) -> String {
    format!("{:9.0} /s at {:5.2} µs", speed.rate, speed.cost)
}

/// The median, and the least and the most.
fn median_of(ratios: impl Iterator<Item = f64>) -> String {
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    let (low, median, high) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    format!("{median:.2} ({low:.2} to {high:.2})")
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
