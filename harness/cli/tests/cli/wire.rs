//! Faults as an outside program sees them: `upstorm serve`, curl and a raw socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output};
use std::time::Duration;

use crate::binary::Workplace;

/// Each route's name and path, and what always goes wrong on it.
const FAULTS: [(&str, &str); 14] = [
    ("reset", "reset = { at = \"before-headers\" }"),
    ("midway", "reset = { after = \"1000B\" }"),
    ("close", "close = { at = \"before-headers\" }"),
    ("truncate", "truncate = { keep = \"50%\" }"),
    ("status-line", "malformed = { kind = \"status-line\" }"),
    ("header", "malformed = { kind = \"header\" }"),
    ("chunk-size", "malformed = { kind = \"chunk-size\" }"),
    ("json", "malformed = { kind = \"json\" }"),
    ("longer", "content_length = { off_by = 10 }"),
    ("shorter", "content_length = { off_by = -10 }"),
    ("loop", "redirect_loop = true"),
    ("flood", "header_flood = { size = \"64KiB\" }"),
    ("deluge", "header_flood = { size = \"1MiB\" }"),
    ("stall", "stall = { after = \"100B\", for = \"1ms\" }"),
];

/// A scenario with a route for each fault.
fn faulty() -> String {
    let head = "version = 1\nname = \"faulty\"\n[upstream.payments]\nbody = { size = \"8KiB\" }\n";
    let route = |(name, fault): &(&str, &str)| {
        format!(
            "[[upstream.payments.route]]\nname = \"{name}\"\nmatch = {{ path = \"/{name}\" }}\n\
             faults = [{{ share = \"100%\", {fault} }}]\n"
        )
    };
    let routes: String = FAULTS.iter().map(route).collect();
    let rest = "[client.nobody]\ntarget = \"payments\"\nrate = \"1/s\"\n[[phase]]\nname = \"always\"\nduration = \"1s\"\n";
    format!("{head}{routes}{rest}")
}

/// The upstream, serving; stopped when dropped.
struct Serving(Child, String);

impl Serving {
    fn start(place: &Workplace) -> Self {
        place.write("faulty.toml", faulty());
        let mut child = place.start(&["serve", "faulty.toml"]);
        let stdout = child.stdout.take().expect("stdout is piped");
        let line = BufReader::new(stdout).lines().next().expect("a line").expect("it can be read");
        let url = line.split_whitespace().nth(1).expect("`NAME URL`").to_owned();
        Self(child, url)
    }

    fn curl(&self, path: &str, args: &[&str]) -> Output {
        let url = format!("{}{path}", self.1);
        let always = ["--silent", "--show-error", "--max-time", "10", "--output", "-"];
        Command::new("curl").args(always).args(args).arg(url).output().expect("curl runs")
    }

    fn socket(&self) -> TcpStream {
        let socket = TcpStream::connect(self.1.trim_start_matches("http://")).expect("it listens");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket has a timeout");
        socket
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn curl_sees_each_fault_as_what_it_is() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: curl_sees_each_fault_as_what_it_is: curl is not installed");
        return;
    }
    let place = Workplace::new();
    let serving = Serving::start(&place);
    // curl's exit codes: 1 or, where it is newer, 8 for what is no HTTP; 18 partial file; 47 too many redirects; 52
    // empty reply (EOF); 56 receive failure (ECONNRESET, no chunk size, or, where it is older, a head of over 300 KiB);
    // 100 such a head.
    let few: &[&str] = &["--location", "--max-redirs", "3"];
    for (path, args, codes, bytes, word) in [
        ("/", &[][..], &[0][..], 8192, ""),
        ("/reset", &[], &[56], 0, "reset"),
        ("/midway", &[], &[56], 1000, "reset"),
        ("/close", &[], &[52], 0, "Empty reply"),
        ("/truncate", &[], &[18], 4096, ""),
        ("/status-line", &[], &[1, 8], 0, ""),
        ("/header", &[], &[8], 0, "colon"),
        ("/chunk-size", &[], &[56], 0, "chunked"),
        ("/json", &[], &[0], 22, ""),
        ("/longer", &[], &[18], 8192, "10 bytes remaining"),
        ("/shorter", &[], &[0], 8182, ""),
        ("/loop", &[], &[0], 0, ""),
        ("/loop", few, &[47], 0, "redirects"),
        ("/flood", &[], &[0], 8192, ""),
        ("/deluge", &[], &[56, 100], 0, "header"),
        ("/stall", &[], &[0], 8192, ""),
    ] {
        let output = serving.curl(path, args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{path}: {said}");
        assert_eq!(output.stdout.len(), bytes, "{path}: {said}");
        assert!(said.contains(word), "{path}: {said}");
    }
}

/// What comes back on this socket until the upstream closes it.
fn until_closed(socket: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: payments\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("the request is sent");
    let mut came = Vec::new();
    socket.read_to_end(&mut came).expect("it ends with a FIN");
    String::from_utf8(came).expect("it is text")
}

/// What comes back on this socket: a response with a Content-Length, after which the connection is kept.
fn one_response(socket: &mut TcpStream, path: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: payments\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("the request is sent");
    let mut reader = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).expect("it is text") > 0, "{path}: {head}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    reader.read_exact(&mut body).expect("the body comes");
    (head, String::from_utf8(body).expect("it is text"))
}

#[test]
fn a_raw_socket_sees_what_is_broken_byte_by_byte() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let broken = |path: &str| until_closed(&mut serving.socket(), path);
    assert!(broken("/status-line").starts_with("HTTP/1.1 ??? OK\r\n"));
    assert!(broken("/header").starts_with("HTTP/1.1 200 OK\r\nupstorm malformed header\r\n"));
    let chunked = broken("/chunk-size");
    assert!(chunked.contains("\r\ntransfer-encoding: chunked\r\n") && !chunked.contains("content-length"));
    assert!(chunked.contains("\r\n\r\nxyz\r\n2000\r\nupstorm filler"), "{chunked}");
    for (path, promised) in [("/longer", "8202"), ("/shorter", "8182")] {
        let came = broken(path);
        let (head, body) = came.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains(&format!("content-length: {promised}")), "{head}");
        assert_eq!(body.len(), 8192, "{path}");
    }
}

#[test]
fn what_is_right_to_the_last_byte_keeps_the_connection() {
    let place = Workplace::new();
    let serving = Serving::start(&place);
    let socket = &mut serving.socket();
    for _ in 0..2 {
        let (head, body) = one_response(socket, "/json");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: application/json"));
        assert_eq!(body, "{\"upstorm\":\"malformed\"");
        let (head, body) = one_response(socket, "/loop?again=1");
        assert!(head.starts_with("HTTP/1.1 307 Temporary Redirect\r\n"), "{head}");
        assert!(head.contains("\r\nlocation: /loop?again=1\r\n") && body.is_empty(), "{head}");
        for (path, size) in [("/flood", 65_536), ("/deluge", 1_048_576)] {
            let (head, body) = one_response(socket, path);
            let flood = head.split_inclusive("\r\n").filter(|line| line.starts_with("x-upstorm-flood: "));
            assert_eq!((flood.map(str::len).sum::<usize>(), body.len()), (size, 8192), "{path}");
        }
    }
}
