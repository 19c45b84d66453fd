//! The upstream's request path: one request on one kept-alive connection, against a bare hyper server's.

use std::io::{Read, Write};
use std::net::TcpStream;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use upstorm_benches::bare_server;
use upstorm_benches::serving::Serving;

const BODY: usize = 1024;

/// A caller that sends one request after the other.
struct Caller {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Caller {
    fn new(url: &str) -> std::io::Result<Self> {
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nx-upstorm-call: 0000000000000001\r\n\r\n");
        Ok(Self { stream, request: request.into_bytes(), answer: vec![0; BODY * 2] })
    }

    /// Sends a request and reads its whole answer.
    fn call(&mut self) -> std::io::Result<usize> {
        self.stream.write_all(&self.request)?;
        let mut length = 0;
        loop {
            length += self.stream.read(&mut self.answer[length..])?;
            let head = self.answer[..length].windows(4).position(|w| w == b"\r\n\r\n");
            if head.is_some_and(|head| length >= head + 4 + BODY) {
                return Ok(length);
            }
        }
    }
}

fn path(c: &mut Criterion) {
    let mut group = c.benchmark_group("one request");
    let (Ok((_runtime, bare)), Ok(serving)) =
        (bare_server::serve(Bytes::from(vec![b'x'; BODY])), Serving::start(BODY))
    else {
        return;
    };
    for (name, url) in [("upstream", serving.url()), ("bare hyper", format!("http://{bare}/"))] {
        let Ok(mut caller) = Caller::new(&url) else { continue };
        group.bench_function(name, |b| b.iter(|| caller.call().ok()));
    }
    group.finish();
    let _ = serving.stop();
}

criterion_group!(benches, path);
criterion_main!(benches);
