//! A caller that costs next to nothing: one blocking connection, one request after the other.
//!
//! A client library would be measured along with the server; and what two servers answer can only be compared byte by
//! byte where nobody parses it first.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A kept-alive connection to one server.
#[derive(Debug)]
pub struct Caller {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    body: usize,
}

impl Caller {
    /// Connects to this URL, whose answers have a body of so many bytes.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(url: &str, body: usize) -> io::Result<Self> {
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        // A head of any length up to 1 KiB fits beside the body.
        let answer = vec![0; body + 1024];
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nx-upstorm-call: 0000000000000001\r\n\r\n");
        Ok(Self { stream, request: request.into_bytes(), answer, body })
    }

    /// Sends a request and reads its whole answer, head and body.
    ///
    /// # Errors
    /// When the connection ends before the answer does, or the answer is longer than expected.
    pub fn call(&mut self) -> io::Result<&[u8]> {
        self.stream.write_all(&self.request)?;
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.answer[length..])?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            length += read;
            let head = self.answer[..length].windows(4).position(|window| window == b"\r\n\r\n");
            if head.is_some_and(|head| length >= head + 4 + self.body) {
                return Ok(&self.answer[..length]);
            }
        }
    }

    /// The body of the next answer.
    ///
    /// # Errors
    /// See [`Caller::call`].
    pub fn body(&mut self) -> io::Result<Vec<u8>> {
        let body = self.body;
        let answer = self.call()?;
        Ok(answer[answer.len() - body..].to_vec())
    }
}
