//! A serving upstream that is steered through its admin API, and raw requests to both: a client library would hide what a
//! stranger may send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout};
use std::time::Duration;

use serde_json::Value;

use crate::binary::Workplace;

pub(crate) const STEERED: &str = r#"
version = 1
name = "steered"
summary = "Somebody steers it."

[upstream.payments]
body = { text = "fine" }

[[upstream.payments.route]]
name = "charge"
match = { path = "/charge/{id}" }
faults = [{ share = "100%", truncate = { keep = "50%" } }]

[client.nobody]
target = "payments"
rate = "1/s"

[[phase]]
name = "calm"
duration = "1h"

[[phase]]
name = "closed"
duration = "10s"
[phase.upstream.payments]
status = { 418 = "100%" }
"#;

/// A serving upstream with its admin API; stopped when dropped.
pub(crate) struct Served {
    pub(crate) child: Child,
    _stdout: BufReader<ChildStdout>,
    pub(crate) upstream: String,
    pub(crate) admin: String,
    _place: Workplace,
}

/// The headers and the body of a request.
pub(crate) type Sent<'a> = (&'a [&'a str], &'a str);

/// An answer: status, head, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// The codes of the language in a problem.
    pub(crate) fn codes(&self) -> Vec<String> {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::of(STEERED, args)
    }

    pub(crate) fn of(scenario: &str, args: &[&str]) -> Self {
        let place = Workplace::new();
        place.write("steered.toml", scenario);
        let all: Vec<&str> = ["serve", "steered.toml"].into_iter().chain(args.iter().copied()).collect();
        let mut child = place.start(&all);
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut address = |name: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("a line");
            let (who, url) = line.trim().split_once(" http://").expect("`NAME http://ADDRESS`");
            assert_eq!(who, name);
            url.to_owned()
        };
        let (upstream, admin) = (address("payments"), address("admin"));
        Self { child, _stdout: stdout, upstream, admin, _place: place }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, (&[], ""))
    }

    pub(crate) fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, (&["Content-Type: application/json"], &body.to_string()))
    }

    pub(crate) fn send(&self, method: &str, path: &str, (headers, body): Sent<'_>) -> Answer {
        let host = format!("Host: {}", self.admin);
        let headers: Vec<&str> = [host.as_str()].into_iter().chain(headers.iter().copied()).collect();
        raw(&self.admin, method, path, (&headers, body))
    }

    /// What the upstream answers.
    pub(crate) fn call(&self, path: &str) -> Answer {
        raw(&self.upstream, "GET", path, (&[&format!("Host: {}", self.upstream)], ""))
    }

    pub(crate) fn charge(&self) -> Value {
        self.get("/v1/routes/payments/charge").json()
    }

    /// Reads this until it is as wanted: what an attempt leaves is written when its answer is under way.
    pub(crate) fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..500 {
            last = self.get(path).json();
            if wanted(&last) {
                return last;
            }
        }
        panic!("{path} never was as wanted: {last:#}")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on a connection of its own; an answer that is cut short is as long as it came.
pub(crate) fn raw(address: &str, method: &str, path: &str, (headers, body): Sent<'_>) -> Answer {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    headers.iter().for_each(|header| head.push_str(&format!("{header}\r\n")));
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..n]);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
