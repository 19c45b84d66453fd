//! Ten thousand open connections that have each been served a request: what the upstream holds for one of them.
//!
//! The callers are a process of their own, so that only the upstream's side is counted: its stream, hyper's buffers, its
//! line and what it will record. The peak of the memory only ever grows, so what was used before is taken off.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use upstorm_benches::memory;
use upstorm_benches::serving::Serving;

const CONNECTIONS: usize = 10_000;
/// In KiB each.
const AT_MOST: f64 = 40.0;
/// Tells a process of this bench that it is the callers.
const CALLERS: &str = "callers-of";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let done = match (arguments.next().as_deref(), arguments.next()) {
        (Some(CALLERS), Some(address)) => call(&address),
        _ => measure(),
    };
    if let Err(error) = done {
        report(&format!("failed: {error:#}"));
        std::process::exit(1);
    }
}

/// Serves them, and says what that took.
fn measure() -> anyhow::Result<()> {
    allow_files()?;
    let serving = Serving::start(1024)?;
    let address = serving.url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let first = ask(&address)?;
    let before = memory::peak()?;
    let mut callers = Command::new(std::env::current_exe()?)
        .args([CALLERS, &address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    // They say a byte when all are open, and leave when their input ends.
    let all = callers.stdout.take().context("stdout is piped")?.read_exact(&mut [0]);
    let held = (memory::peak()? - before) * 1e6 / 1024.0 / CONNECTIONS as f64;
    drop(callers.stdin.take());
    let left = callers.wait()?;
    drop(first);
    serving.stop()?;
    all.context("the callers did not open their connections")?;
    ensure!(left.success(), "the callers failed");
    report(&format!("{CONNECTIONS} open connections: {held:.1} KiB each (at most {AT_MOST})"));
    ensure!(held <= AT_MOST, "each connection takes {held:.1} KiB");
    Ok(())
}

/// Opens them, and keeps them until it is told that all was seen.
fn call(address: &str) -> anyhow::Result<()> {
    allow_files()?;
    let open = (0..CONNECTIONS).map(|_| ask(address)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut stdout = std::io::stdout();
    stdout.write_all(b".")?;
    stdout.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(open);
    Ok(())
}

/// A connection that has been served.
fn ask(address: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")?;
    let mut bytes = [0; 8192];
    let mut read = 0;
    while bytes[..read]
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .is_none_or(|head| read < head + 4 + 1024)
    {
        let more = stream.read(&mut bytes[read..])?;
        ensure!(more > 0, "closed in the middle of a response");
        read += more;
    }
    Ok(stream)
}

/// Each connection is an open file on either side.
fn allow_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS as u64 + 200;
    ensure!(limit.maximum.is_none_or(|most| most >= wanted), "{wanted} open files are needed");
    if limit.current.is_some_and(|now| now < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
