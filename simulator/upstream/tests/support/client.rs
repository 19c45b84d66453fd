//! A client of bare bytes: it sees what a library would smooth over.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::Offset;
use upstorm_model::recording::Call;
use upstorm_world::{Env, Stream};

use super::UPSTREAM;

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct Client {
    /// Its host's world.
    pub(crate) env: Env,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ended {
    /// As its framing says.
    #[default]
    Whole,
    /// By the end of the stream, before that.
    Eof,
    /// By a reset, before that.
    Reset,
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The head with its empty line; empty if nothing came. Interim responses are left out.
    pub(crate) head: String,
    /// The bytes after it, as they came.
    pub(crate) body: Vec<u8>,
    /// How it ended.
    pub(crate) ended: Ended,
}

impl Reply {
    /// The status; 0 if there was none.
    pub(crate) fn status(&self) -> u16 {
        self.head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &str| line.split_once(": ").is_some_and(|(n, _)| n.eq_ignore_ascii_case(name));
        self.head.lines().find(|l| line(l)).and_then(|l| l.split_once(": ")).map(|(_, value)| value)
    }

    /// All of it, but for the header that says when it was made.
    pub(crate) fn but_for_its_time(&self) -> Self {
        let lines = self.head.split_inclusive("\r\n").filter(|line| !line.starts_with(Call::MADE));
        Self { head: lines.collect(), ..self.clone() }
    }

    fn promised(&self) -> Option<usize> {
        self.header("content-length").and_then(|length| length.parse().ok())
    }

    fn is_whole(&self, method: &str) -> bool {
        if self.head.is_empty() {
            return false;
        }
        if method == "HEAD" || matches!(self.status(), 204 | 304) {
            return true;
        }
        match self.promised() {
            Some(promised) => self.body.len() >= promised,
            None => self.body.ends_with(b"0\r\n\r\n"),
        }
    }
}

impl Client {
    pub(crate) fn new(env: Env) -> Self {
        Self { env }
    }

    /// A connection.
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        self.env.net.connect(UPSTREAM).await
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(&self, request: impl AsRef<str>) -> Reply {
        let mut stream = self.connect().await.unwrap();
        exchange(&mut stream, request.as_ref()).await
    }

    /// A request on a connection that is kept.
    pub(crate) async fn ask_on(&self, stream: &mut Stream, request: impl AsRef<str>) -> Reply {
        exchange(stream, request.as_ref()).await
    }

    /// A GET by a call.
    pub(crate) fn get(path: &str, call: u64) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: payments\r\nx-upstorm-call: {call:016x}\r\n\r\n")
    }

    /// Reads a response to this method.
    pub(crate) async fn read_on(&self, stream: &mut Stream, method: &str) -> Reply {
        read_reply(stream, method).await
    }

    /// Reads the response to a GET, and notes how much of its body was there when.
    pub(crate) async fn watch_on(&self, stream: &mut Stream) -> (Reply, Vec<(Offset, usize)>) {
        let (mut reading, mut seen) = (Reading::default(), Vec::new());
        while !reading.reply.is_whole("GET") && reading.more(stream).await {
            seen.push((self.env.clock.now(), reading.reply.body.len()));
        }
        (reading.reply, seen)
    }

    /// Reads a response until so much of its body is there.
    pub(crate) async fn read_part(&self, stream: &mut Stream, body: usize) -> Reply {
        let mut reading = Reading::default();
        while reading.reply.body.len() < body && reading.more(stream).await {}
        reading.reply
    }

    /// A connection with a request on it whose head the upstream is known to have met: `100 Continue` tells so. Its two
    /// bytes of body are still to be sent.
    pub(crate) async fn enter(&self, path: &str) -> Stream {
        let mut stream = self.connect().await.unwrap();
        let head = "HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
        stream.write_all(format!("POST {path} {head}").as_bytes()).await.unwrap();
        stream.read_exact(&mut [0; 25]).await.unwrap();
        stream
    }

    /// A request of this call on a connection of its own, which the upstream is known to have met; its answer is still to
    /// be read, as that to a POST.
    pub(crate) async fn enter_as(&self, call: u64) -> Stream {
        let mut stream = self.connect().await.unwrap();
        let head = "HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n";
        let head = format!("POST / {head}x-upstorm-call: {call:016x}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.read_exact(&mut [0; 25]).await.unwrap();
        stream.write_all(b"ok").await.unwrap();
        stream
    }

    /// Reads until the stream ends, and says how.
    pub(crate) async fn drain(&self, stream: &mut Stream) -> (Vec<u8>, Ended) {
        let mut bytes = Vec::new();
        loop {
            match stream.read_buf(&mut bytes).await {
                Ok(0) => return (bytes, Ended::Eof),
                Ok(_) => {}
                Err(error) => return (bytes, how(&error)),
            }
        }
    }
}

fn how(error: &io::Error) -> Ended {
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
    Ended::Reset
}

async fn exchange(stream: &mut Stream, request: &str) -> Reply {
    if let Err(error) = stream.write_all(request.as_bytes()).await {
        return Reply { ended: how(&error), ..Reply::default() };
    }
    read_reply(stream, request.split(' ').next().unwrap_or("GET")).await
}

async fn read_reply(stream: &mut Stream, method: &str) -> Reply {
    let mut reading = Reading::default();
    while !reading.reply.is_whole(method) && reading.more(stream).await {}
    reading.reply
}

/// A response that is being read.
#[derive(Default)]
struct Reading {
    reply: Reply,
    bytes: Vec<u8>,
}

impl Reading {
    /// Reads what comes next; false at the end of the stream.
    async fn more(&mut self, stream: &mut Stream) -> bool {
        let ended = match stream.read_buf(&mut self.bytes).await {
            Ok(0) => Ended::Eof,
            Err(error) => how(&error),
            Ok(_) => {
                self.sort();
                return true;
            }
        };
        self.reply.ended = ended;
        false
    }

    /// Parts the head from the body, and leaves interim heads out.
    fn sort(&mut self) {
        let Self { reply, bytes } = self;
        while reply.head.is_empty()
            && let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n")
        {
            let rest = bytes.split_off(end + 4);
            let head = String::from_utf8(std::mem::replace(bytes, rest)).unwrap();
            if !head.starts_with("HTTP/1.1 1") {
                reply.head = head;
            }
        }
        if !reply.head.is_empty() {
            reply.body.append(bytes);
        }
    }
}
