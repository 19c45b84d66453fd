//! What can be done to a connection or an attempt: a closed list, performed in one place.

use std::time::Duration;

/// What is done to an attempt or a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it is served.
    #[default]
    Serve,
    /// A connection is reset right after it was accepted.
    Drop,
    /// A connection is never answered.
    Ignore,
    /// A connection is served only after so long.
    Delay(Duration),
    /// A request is read and never answered.
    Hang,
    /// The connection is ended before the first byte of the response.
    CutBefore(Farewell),
    /// The connection is ended after the head and so many bytes of the body, which are fewer than it has, or all of
    /// them where the end of the body is told by a last chunk.
    CutAfter(u64, Farewell),
    /// Nothing is sent for so long; then the response goes on.
    StallBefore(Duration),
    /// The head and so many bytes of the body are sent, then nothing for so long; then the rest.
    StallAfter(u64, Duration),
    /// A part of the response is malformed, and after the response the connection is closed.
    Break(Flaw),
    /// The head promises so many bytes of body; all of it is sent, with a Content-Length, and the connection is closed.
    Promise(u64),
    /// The body is no whole JSON text.
    BreakJson,
    /// A redirect to the same place.
    Redirect,
    /// So many bytes of headers come before the others.
    Flood(u64),
}

/// What of a response is malformed, below the level of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The status line has no status.
    StatusLine,
    /// A header has no colon.
    Header,
    /// The first chunk of the body has no size. The response is chunked.
    ChunkSize,
}

/// How a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// By RST: the caller reads `ConnectionReset`.
    Reset,
    /// By FIN: the caller reads the end of the stream.
    Close,
}
