//! Side by side: the upstream with recording on and no fault, against a bare hyper server that answers the
//! same bytes.
//!
//! Both in one run, interleaved ABAB, five pairs, 50 kept-alive connections by `wrk`, as many workers on either
//! side; the median ratio and its spread are quoted. That the answers are the same to the byte is looked at
//! first: a ratio against a server that says more would flatter ours. Without `wrk` it is skipped by name.

use std::process::Command;

use anyhow::Context;
use bytes::Bytes;
use upstorm_benches::bare_server;
use upstorm_benches::caller::Caller;
use upstorm_benches::serving::Serving;

const PAIRS: usize = 5;
const SECONDS: &str = "5s";
const BODY: usize = 1024;

/// What was measured.
struct Measured {
    /// Requests a second: the upstream's, the bare server's.
    pairs: Vec<(f64, f64)>,
    recorded: u64,
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
        pairs.push((requests_per_second(&ours)?, requests_per_second(&bare)?));
    }
    Ok(Measured { pairs, recorded: serving.stop()? })
}

fn same_bytes(ours: &str, bare: &str) -> anyhow::Result<()> {
    let answer = |url| Ok::<_, anyhow::Error>(Caller::connect(url, BODY)?.call()?.to_vec());
    let (ours, bare) = (answer(ours)?, answer(bare)?);
    let shown = |answer: &[u8]| String::from_utf8_lossy(&answer[..answer.len() - BODY]).into_owned();
    anyhow::ensure!(ours == bare, "the answers differ: {:?} and {:?}", shown(&ours), shown(&bare));
    Ok(())
}

fn requests_per_second(url: &str) -> anyhow::Result<f64> {
    let output = Command::new("wrk").args(["-t1", "-c50", "-d", SECONDS, url]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "wrk said: {text}");
    let figure = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    figure.and_then(|figure| figure.trim().parse().ok()).with_context(|| format!("wrk said: {text}"))
}

fn summary(measured: &Measured) -> String {
    let mut ratios: Vec<f64> = measured.pairs.iter().map(|(ours, bare)| ours / bare).collect();
    ratios.sort_by(f64::total_cmp);
    let shown: String = measured
        .pairs
        .iter()
        .map(|(ours, bare)| format!("  {ours:9.0} /s against {bare:9.0} /s\n"))
        .collect();
    let (low, median, high) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    let megabytes = measured.recorded / 1_000_000;
    format!(
        "upstream with recording ({megabytes} MB) against bare hyper:\n{shown}\
         median ratio {median:.2} ({low:.2} to {high:.2})"
    )
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
