//! Side by side: the upstream with recording on and no fault, against a bare hyper server that answers the same bytes.
//!
//! Both in one run, interleaved ABAB, five pairs, 50 kept-alive connections by `wrk`; the median ratio and its spread
//! are quoted. Without `wrk` it is skipped by name.

use std::process::Command;

use bytes::Bytes;
use upstorm_benches::bare_server;
use upstorm_benches::serving::Serving;

const PAIRS: usize = 5;
const SECONDS: &str = "3s";
const BODY: usize = 1024;

fn main() {
    if Command::new("wrk").arg("--version").output().is_err() {
        report("skipped: upstream_against_bare_hyper: wrk is not installed");
        return;
    }
    match measure() {
        Ok(ratios) => report(&summary(ratios)),
        Err(e) => report(&format!("failed: {e}")),
    }
}

fn measure() -> anyhow::Result<Vec<(f64, f64)>> {
    let (_runtime, bare) = bare_server::serve(Bytes::from(vec![b'x'; BODY]))?;
    let serving = Serving::start(BODY)?;
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        pairs.push((requests_per_second(&serving.url())?, requests_per_second(&format!("http://{bare}/"))?));
    }
    serving.stop()?;
    Ok(pairs)
}

fn requests_per_second(url: &str) -> anyhow::Result<f64> {
    let output = Command::new("wrk").args(["-t1", "-c50", "-d", SECONDS, url]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = text.lines().find_map(|l| l.strip_prefix("Requests/sec:")).map(|f| f.trim().parse());
    Ok(figure.ok_or_else(|| anyhow::anyhow!("wrk said: {text}"))??)
}

fn summary(pairs: Vec<(f64, f64)>) -> String {
    let mut ratios: Vec<f64> = pairs.iter().map(|(ours, bare)| ours / bare).collect();
    ratios.sort_by(f64::total_cmp);
    let shown: String =
        pairs.iter().map(|(ours, bare)| format!("  {ours:9.0} /s against {bare:9.0} /s\n")).collect();
    let (low, median, high) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    format!(
        "upstream with recording against bare hyper:\n{shown}median ratio {median:.2} ({low:.2} to {high:.2})"
    )
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
