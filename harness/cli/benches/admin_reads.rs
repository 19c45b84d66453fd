//! Side by side: the throughput of `upstorm serve` while somebody reads its admin API, against the same with nobody.
//!
//! Both in one run, interleaved ABAB, seven pairs, 50 kept-alive connections by `wrk`; the median ratio and its spread are
//! quoted. The reader asks ten times a second for the state, the routes, the faults, a page of attempts and the counters:
//! fifty reads a second, more than a dashboard and a person together. Without `wrk` it is skipped by name.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;

const PAIRS: usize = 7;
const SECONDS: &str = "4s";
const EVERY: Duration = Duration::from_millis(100);
const READS: [&str; 5] = ["/v1/state", "/v1/routes", "/v1/faults", "/v1/attempts?limit=100", "/metrics"];
const SCENARIO: &str = r#"
version = 1
name = "read"
[upstream.payments]
body = { size = "1KiB" }
faults = [{ share = "1%", stall = { at = "before-headers", for = "1ms" } }]
[client.nobody]
target = "payments"
rate = "1/s"
[[phase]]
name = "always"
duration = "1h"
"#;

/// The served upstream; ended when dropped.
struct Served {
    child: Child,
    upstream: String,
    admin: String,
}

impl Served {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("read.toml"), SCENARIO)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_upstorm"));
        let command = command.args(["serve", "read.toml"]).current_dir(folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
        let mut address = || {
            let line = lines.next().context("a line")??;
            Ok::<_, anyhow::Error>(line.split_once("http://").context("an address")?.1.to_owned())
        };
        let (upstream, admin) = (address()?, address()?);
        Ok(Self { child, upstream, admin })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    if Command::new("wrk").arg("--version").output().is_err() {
        report("skipped: admin_reads: wrk is not installed");
        return;
    }
    match measure() {
        Ok(text) => report(&text),
        Err(error) => {
            report(&format!("failed: {error:#}"));
            std::process::exit(1);
        }
    }
}

fn measure() -> anyhow::Result<String> {
    let served = Served::start()?;
    speed(&served.upstream)?;
    let (mut ratios, mut shown, reads) = (Vec::new(), String::new(), Arc::new(AtomicU64::new(0)));
    for _ in 0..PAIRS {
        let alone = speed(&served.upstream)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (address, stopped, count) = (served.admin.clone(), Arc::clone(&stop), Arc::clone(&reads));
        let reader = std::thread::spawn(move || read_until(&address, &stopped, &count));
        let watched = speed(&served.upstream);
        stop.store(true, Ordering::SeqCst);
        reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
        let watched = watched?;
        shown += &format!("  {watched:9.0} /s read, {alone:9.0} /s alone\n");
        ratios.push(watched / alone);
    }
    ratios.sort_by(f64::total_cmp);
    let (low, median, high) = (ratios[0], ratios[PAIRS / 2], ratios[PAIRS - 1]);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    Ok(format!(
        "serve with {} admin reads against without:\n{shown}requests a second: median ratio {median:.3} ({low:.3} to \
         {high:.3}); load average {}",
        reads.load(Ordering::SeqCst),
        load.trim()
    ))
}

fn speed(address: &str) -> anyhow::Result<f64> {
    let output =
        Command::new("wrk").args(["-t1", "-c50", "-d", SECONDS, &format!("http://{address}/")]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    let rate: Option<f64> = figure.and_then(|figure| figure.trim().parse().ok());
    rate.with_context(|| format!("wrk said: {text}"))
}

#[expect(clippy::disallowed_methods, reason = "a reader from outside, in real time")]
fn read_until(address: &str, stop: &AtomicBool, count: &AtomicU64) -> anyhow::Result<()> {
    while !stop.load(Ordering::SeqCst) {
        for path in READS {
            let mut stream = TcpStream::connect(address)?;
            let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes())?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            anyhow::ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
            count.fetch_add(1, Ordering::SeqCst);
        }
        std::thread::sleep(EVERY);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
