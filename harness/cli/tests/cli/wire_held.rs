//! Cohorts and probes as an outside program sees them: `upstorm serve` and raw sockets.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

use upstorm_world::real::Stopwatch;

use crate::binary::Workplace;

const HOLDING: &str = r#"
version = 1
name = "holding"

[[upstream.payments.route]]
name = "cohort"
match = { path = "/cohort" }
hold = { calls = 100, within = "1m", again = true, then = { status = 503, body = { text = "all" } } }

[[upstream.payments.route]]
name = "reset"
match = { path = "/reset" }
hold = { calls = 100, within = "1m", then = { fault = { reset = { at = "before-headers" } } } }

[[upstream.payments.route]]
name = "few"
match = { path = "/few" }
hold = { calls = 100, within = "100ms" }

[[upstream.payments.route]]
name = "late"
match = { path = "/late" }
probes = { after_silence = "250ms", first = 9, late = "150ms", then = { status = 503 } }

[[upstream.payments.route]]
name = "never"
match = { path = "/never" }
probes = { after_silence = "250ms", never = true }

[client.nobody]
target = "payments"
rate = "1/s"

[[phase]]
name = "always"
duration = "1s"
"#;

/// Longer than the silences of the routes.
const SILENCE: Duration = Duration::from_millis(300);

/// The upstream, serving; stopped when dropped.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(place: &Workplace) -> Self {
        place.write("holding.toml", HOLDING);
        let mut child = place.start(&["serve", "holding.toml"]);
        let stdout = child.stdout.take().expect("stdout is piped");
        let line = BufReader::new(stdout).lines().next().expect("a line").expect("it can be read");
        let url = line.strip_prefix("payments").expect("the upstream by its name").trim().to_owned();
        Self { child, address: url.trim_start_matches("http://").trim_end_matches('/').to_owned() }
    }

    /// Sends a request, and does not wait for its answer.
    fn send(&self, path: &str) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).expect("it listens");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has a timeout");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).expect("it is taken");
        socket
    }

    fn asked(&self, path: &str) -> u16 {
        status(&answer(&mut self.send(path)).expect("an answer"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(socket: &mut TcpStream) -> Result<String, ErrorKind> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).map_err(|error| error.kind())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn status(text: &str) -> u16 {
    text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Whether nothing comes on it for so long.
fn is_silent(socket: &mut TcpStream, time: Duration) -> bool {
    socket.set_read_timeout(Some(time)).expect("a socket has a timeout");
    let heard = socket.read(&mut [0; 1]).map_err(|error| error.kind());
    matches!(heard, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

/// Ninety-nine requests that are waiting for another.
fn all_but_one(serving: &Serving, path: &str) -> Vec<TcpStream> {
    let mut waiting: Vec<TcpStream> = (0..99).map(|_| serving.send(path)).collect();
    assert!(is_silent(&mut waiting[0], Duration::from_millis(30)), "one is missing");
    waiting
}

#[test]
fn a_hundred_held_requests_are_answered_within_milliseconds() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    // What else the machine does can only delay it: the best of some rounds is what it takes.
    let round = |_| {
        let mut waiting = all_but_one(&serving, "/cohort");
        waiting.push(serving.send("/cohort"));
        let since_the_last = Stopwatch::start();
        for socket in &mut waiting {
            socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has a timeout");
            let text = answer(socket).expect("an answer");
            assert!(status(&text) == 503 && text.ends_with("all"), "{text}");
        }
        since_the_last.elapsed()
    };
    let best = (0..5).map(round).min().expect("five rounds");
    assert!(best < Duration::from_millis(30), "all hundred were read after {best:?}");
}

#[test]
fn a_cohort_is_reset_at_one_instant_and_what_follows_is_not_held() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let mut waiting = all_but_one(&serving, "/reset");
    waiting.push(serving.send("/reset"));
    for socket in &mut waiting {
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has a timeout");
        assert_eq!(answer(socket), Err(ErrorKind::ConnectionReset));
    }
    assert_eq!(serving.asked("/reset"), 200);
}

#[test]
fn who_waits_in_vain_is_let_go_in_time() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let took = Stopwatch::start();
    assert_eq!(serving.asked("/few"), 200);
    assert!(took.elapsed() >= Duration::from_millis(100));
    assert_eq!(serving.asked("/few"), 200, "there was one");
}

#[test]
fn who_comes_after_a_silence_is_answered_late_or_never() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    assert_eq!([serving.asked("/late"), serving.asked("/never")], [200, 200]);
    let mut idle = TcpStream::connect(&serving.address).expect("it listens");
    assert!(is_silent(&mut idle, SILENCE));
    let mut probe = serving.send("/never");
    let took = Stopwatch::start();
    let mut both = [serving.send("/late"), serving.send("/late")];
    for socket in &mut both {
        assert_eq!(status(&answer(socket).expect("an answer")), 503);
    }
    assert!(took.elapsed() >= Duration::from_millis(140), "{:?}", took.elapsed());
    assert_eq!([serving.asked("/late"), serving.asked("/never")], [200, 200], "they are no probes");
    assert!(is_silent(&mut probe, Duration::from_millis(100)));
}
