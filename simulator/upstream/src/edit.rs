//! Editing what hyper wrote: a response's head is broken, lied in or flooded on its way to the wire. Pure.
//!
//! hyper writes only what HTTP allows. So its lines are taken one by one, from the first of the response on, until the
//! one is there that is to be changed or added to; everything after it passes untouched. Nothing is held back that is
//! not needed to decide: a line leaves as soon as it is whole.
//!
//! | edit | line | what is sent |
//! |---|---|---|
//! | status line | the first | itself, with `???` for its status |
//! | header | the first | itself, then a line that has no colon |
//! | flood | the first | itself, then as many bytes of header lines as are asked |
//! | promise | `content-length` | `content-length` with another number |
//! | chunk size | the empty one | itself, then a chunk size that is no number |

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::fault::Flaw;
use crate::flood::flood;

/// RFC 9112 section 5 wants a colon after the name.
const NO_HEADER: &[u8] = b"upstorm malformed header\r\n";
/// RFC 9112 section 7.1 wants hexadecimal digits.
const NO_SIZE: &[u8] = b"xyz\r\n";

/// What is changed in one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// A part of it is malformed.
    Break(Flaw),
    /// The head promises so many bytes of body.
    Promise(u64),
    /// So many bytes of headers come before the others.
    Flood(u64),
}

/// One edit, under way.
#[derive(Debug)]
pub(crate) struct Editor {
    edit: Edit,
    line: Vec<u8>,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    StatusLine,
    Headers { chunked: bool },
    Done,
}

impl Editor {
    /// Of the response whose first byte comes next.
    pub(crate) const fn new(edit: Edit) -> Self {
        Self { edit, line: Vec::new(), place: Place::StatusLine }
    }

    /// True when everything that is still to come may pass as it is.
    pub(crate) fn is_done(&self) -> bool {
        self.place == Place::Done
    }

    /// Takes as many bytes as it has to look at, and appends what is sent in their place. Returns how many it took: all
    /// of them unless it is done.
    pub(crate) fn take(&mut self, bytes: &[u8], out: &mut VecDeque<Bytes>) -> usize {
        let (mut taken, mut said, begun) = (0, BytesMut::new(), !self.is_done());
        while !self.is_done() && taken < bytes.len() {
            let rest = &bytes[taken..];
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            self.line.extend_from_slice(&rest[..end]);
            taken += end;
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.place = self.pass(&line, &mut said);
            }
        }
        if !said.is_empty() {
            out.push_back(said.freeze());
        }
        if let (Edit::Flood(size), Place::Done) = (self.edit, self.place)
            && begun
        {
            out.extend(flood(size));
        }
        taken
    }

    /// Says what is sent in place of a line. Returns where that leads.
    fn pass(&self, line: &[u8], said: &mut BytesMut) -> Place {
        match (self.edit, self.place) {
            (Edit::Break(Flaw::StatusLine), Place::StatusLine) => {
                said.extend_from_slice(&without_status(line));
                return Place::Done;
            }
            (Edit::Promise(bytes), Place::Headers { .. }) if names(line, b"content-length:") => {
                said.extend_from_slice(format!("content-length: {bytes}\r\n").as_bytes());
                return Place::Done;
            }
            (Edit::Break(Flaw::ChunkSize), Place::Headers { chunked: false }) if line == b"\r\n" => {
                // To a caller that speaks HTTP/1.0, hyper sends no chunks.
                said.extend_from_slice(b"transfer-encoding: chunked\r\n");
            }
            _ => {}
        }
        said.extend_from_slice(line);
        match (self.edit, self.place) {
            (Edit::Flood(_), _) => Place::Done,
            (Edit::Break(Flaw::Header), _) => {
                said.extend_from_slice(NO_HEADER);
                Place::Done
            }
            (edit, Place::Headers { .. }) if line == b"\r\n" => {
                if edit == Edit::Break(Flaw::ChunkSize) {
                    said.extend_from_slice(NO_SIZE);
                }
                Place::Done
            }
            (_, Place::Headers { chunked }) => {
                Place::Headers { chunked: chunked || names(line, b"transfer-encoding:") }
            }
            _ => Place::Headers { chunked: false },
        }
    }
}

/// Whether a line begins with the name of this header and its colon.
fn names(line: &[u8], header: &[u8]) -> bool {
    line.get(..header.len()).is_some_and(|start| start.eq_ignore_ascii_case(header))
}

/// `HTTP/1.1 200 OK` as `HTTP/1.1 ??? OK`.
fn without_status(line: &[u8]) -> Vec<u8> {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (version, _, reason) = (words.next(), words.next(), words.next());
    [version.unwrap_or_default(), b"???", reason.unwrap_or(b"\r\n")].join(b" ".as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "HTTP/1.1 503 Service Unavailable\r\na: b\r\nContent-Length: 4\r\n\r\n";

    /// What is sent in place of a response that hyper writes in pieces of this length.
    fn edited(edit: Edit, written: &str, piece: usize) -> String {
        let (mut editor, mut out, mut sent) = (Editor::new(edit), VecDeque::new(), Vec::new());
        for piece in written.as_bytes().chunks(piece) {
            let taken = editor.take(piece, &mut out);
            assert!(taken == piece.len() || editor.is_done());
            sent.extend(out.drain(..).flatten());
            sent.extend_from_slice(&piece[taken..]);
        }
        String::from_utf8(sent).unwrap()
    }

    #[track_caller]
    fn check(edit: Edit, written: &str, expected: &str) {
        for piece in [1, 2, 7, 40, 1000] {
            assert_eq!(edited(edit, written, piece), expected, "{edit:?} in pieces of {piece}");
        }
    }

    #[test]
    fn one_line_is_changed_and_the_rest_is_as_it_was() {
        let whole = format!("{HEAD}body");
        let with = |from: &str, to: &str| whole.replace(from, to);
        check(Edit::Break(Flaw::StatusLine), &whole, &with("503", "???"));
        check(Edit::Break(Flaw::Header), &whole, &with("a: b", "upstorm malformed header\r\na: b"));
        check(Edit::Promise(99), &whole, &with("Content-Length: 4", "content-length: 99"));
    }

    #[test]
    fn a_chunk_size_comes_first_and_says_that_there_are_chunks() {
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n";
        let broken = chunked.replace("\r\n\r\n4", "\r\n\r\nxyz\r\n4");
        check(Edit::Break(Flaw::ChunkSize), chunked, &broken);
        let plain = "HTTP/1.0 200 OK\r\na: b\r\n\r\nbody";
        let broken = plain.replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n");
        check(Edit::Break(Flaw::ChunkSize), plain, &broken);
    }

    #[test]
    fn a_flood_comes_before_the_other_headers() {
        let sent = edited(Edit::Flood(5000), HEAD, 9);
        assert_eq!(sent.len(), HEAD.len() + 5000);
        let (first, rest) = sent.split_once("\r\n").unwrap();
        assert_eq!(first, "HTTP/1.1 503 Service Unavailable");
        assert!(
            rest.ends_with("\r\na: b\r\nContent-Length: 4\r\n\r\n") && !rest[..5000].contains("\r\n\r\n")
        );
    }

    #[test]
    fn a_response_that_has_no_such_line_passes() {
        let head = "HTTP/1.1 204 No Content\r\na: b\r\n\r\n";
        check(Edit::Promise(7), head, head);
        assert_eq!(without_status(b"\r\n"), b"\r\n ??? \r\n");
    }
}
