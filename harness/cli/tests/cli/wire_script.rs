//! Scripts, demands, delays and large bodies as an outside program sees them: `upstorm serve` and raw sockets.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

use upstorm_world::real::Stopwatch;

use crate::binary::Workplace;

const SCRIPTED: &str = r#"
version = 1
name = "scripted"

[upstream.payments]
fate_header = true
body = { text = "fine" }

[[upstream.payments.route]]
name = "call"
match = { path = "/call" }
script = [{ times = 2, status = 503, retry_after = { seconds = 1 } }, { times = 1, fault = { reset = { at = "before-headers" } } }, {}]

[[upstream.payments.route]]
name = "route"
match = { path = "/route" }
script = { by = "route", steps = [{ times = 2, status = 429, body = { text = "wait" } }, { for = "1h", status = 500 }, {}] }

[upstream.tardy]
connect = { delay = "80ms" }

[client.nobody]
target = "payments"
rate = "1/s"

[[phase]]
name = "always"
duration = "1s"
"#;

/// The upstreams, serving; stopped when dropped.
struct Serving {
    child: Child,
    payments: String,
    tardy: String,
}

impl Serving {
    fn start(place: &Workplace) -> Self {
        place.write("scripted.toml", SCRIPTED);
        let mut child = place.start(&["serve", "scripted.toml"]);
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let mut address = |name: &str| {
            let line = lines.next().expect("a line").expect("it can be read");
            let url = line.strip_prefix(name).expect("upstreams by name").trim().to_owned();
            url.trim_start_matches("http://").trim_end_matches('/').to_owned()
        };
        let (payments, tardy) = (address("payments"), address("tardy"));
        Self { child, payments, tardy }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and reads until the connection ends: the status (0 for none), all that came, and how it ended.
fn asked(address: &str, path: &str, headers: &str) -> (u16, String, Option<ErrorKind>) {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket has a timeout");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    socket.write_all(request.as_bytes()).expect("it is taken");
    let mut bytes = Vec::new();
    let error = socket.read_to_end(&mut bytes).err().map(|error| error.kind());
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), text, error)
}

#[test]
fn each_call_and_each_route_meets_its_turns() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let call = |id: u64| {
        let (status, text, error) =
            asked(&serving.payments, "/call", &format!("x-upstorm-call: {id:016x}\r\n"));
        (status, text.contains("retry-after: 1"), error)
    };
    let reset = Some(ErrorKind::ConnectionReset);
    let expected = [(503, true, None), (503, true, None), (0, false, reset), (200, false, None)];
    assert_eq!([7, 7, 7, 7].map(call), expected);
    assert_eq!(call(8), expected[0], "another call begins at the first step");
    let route = || asked(&serving.payments, "/route", "").0;
    assert_eq!([route(), route(), route(), route()], [429, 429, 500, 500]);
}

#[test]
fn a_request_meets_what_it_demands_or_is_told_how_to() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let demand = |fate: &str| asked(&serving.payments, "/", &format!("x-upstorm-fate: {fate}\r\n"));
    let begun = Stopwatch::start();
    let (status, text, _) = demand("status=529, retry_after=7, latency=60ms");
    assert_eq!((status, text.contains("retry-after: 7")), (529, true), "{text}");
    assert!(begun.elapsed() >= Duration::from_millis(60));
    assert_eq!(demand("fault=reset").2, Some(ErrorKind::ConnectionReset));
    assert_eq!(demand("fault=close"), (0, String::new(), None));
    assert!(demand("fault=truncate, keep=2B").1.ends_with("\r\n\r\nfi"));
    let (status, text, _) = demand("status=teapot");
    assert_eq!(status, 400);
    assert!(text.contains("application/problem+json") && text.contains("`teapot`"), "{text}");
    assert!(text.contains("write words such as"), "{text}");
    assert_eq!(asked(&serving.payments, "/", "").0, 200);
}

#[test]
fn a_connection_that_is_delayed_is_accepted_at_once() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let begun = Stopwatch::start();
    let socket = TcpStream::connect(&serving.tardy).expect("it listens");
    assert!(begun.elapsed() < Duration::from_millis(80), "the kernel completes the handshake");
    drop(socket);
    let begun = Stopwatch::start();
    assert_eq!(asked(&serving.tardy, "/", "").0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

/// Sends so many bytes as chunks of 64 KiB, or until it is answered.
fn upload(address: &str, chunks: usize) -> String {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket has a timeout");
    let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).expect("it is taken");
    let chunk = [b"10000\r\n".as_slice(), &[7; 65_536], b"\r\n"].concat();
    let all = (0..chunks).try_for_each(|_| socket.write_all(&chunk));
    // Whoever has refused it may not take the rest.
    let _ = all.and_then(|()| socket.write_all(b"0\r\n\r\n"));
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn sixty_four_mebibytes_are_taken_and_no_more() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    assert!(upload(&serving.payments, 1024).starts_with("HTTP/1.1 200"), "64 MiB");
    let announced = asked(&serving.payments, "/", "content-length: 67108865\r\n").1;
    assert!(announced.starts_with("HTTP/1.1 413") && announced.contains("64 MiB"), "{announced}");
    let refused = upload(&serving.payments, 1025);
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
}
