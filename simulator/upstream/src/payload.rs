//! Response bodies: filler, text or JSON; at once or slowly; whole, or short of what their head promises.
//!
//! Filler is one static block, so a response of a common size allocates nothing. A body that is to be cut hands over
//! exactly the bytes it may and then waits for ever: hyper has all it will get, what is below hyper cuts when that is
//! flushed, and hyper never knows.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use upstorm_model::scenario::Framing;
use upstorm_model::{ByteSize, Offset, Varying};
use upstorm_world::Sleep;

use crate::fault::Farewell;
use crate::line::Line;
use crate::tempo::Tempo;

const BLOCK: usize = 64 * 1024;
static FILLER: [u8; BLOCK] = filler();

/// Lines of printable text: a body that turns up in a terminal or a diff does no harm there.
const fn filler() -> [u8; BLOCK] {
    let line = b"upstorm filler 0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ\n";
    let mut block = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        block[at] = line[at % line.len()];
        at += 1;
    }
    block
}

/// What a body holds, ready to be sent again and again.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// So many bytes of filler.
    Filler(Varying<ByteSize>),
    /// These bytes.
    Bytes(Bytes),
}

impl Content {
    /// How many bytes it has at `progress` through the phase.
    pub(crate) fn len_at(&self, progress: f64) -> u64 {
        match self {
            Self::Filler(size) => size.at(progress).get(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    fn frame(&self, from: u64, most: u64) -> Bytes {
        match self {
            Self::Filler(_) => {
                // Blocks are whole lines, so that each piece goes on where the one before it ended.
                let start = usize::try_from(from % BLOCK as u64).unwrap_or(0);
                let length = usize::try_from(most).unwrap_or(BLOCK).min(BLOCK - start);
                Bytes::from_static(&FILLER[start..start + length])
            }
            Self::Bytes(bytes) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(bytes.len()).min(bytes.len());
                bytes.slice(place(from)..place(from.saturating_add(most)))
            }
        }
    }
}

/// How much of a body is sent, when, and how it is framed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Bytes that the head promises.
    pub(crate) whole: u64,
    /// How its length is told.
    pub(crate) framing: Framing,
    /// Bytes that are sent before the connection is cut, and how that is done; `None` sends all.
    pub(crate) cut: Option<(u64, Farewell)>,
    /// When they leave.
    pub(crate) tempo: Tempo,
}

impl Extent {
    /// True when hyper asks for no byte of it, because the head promises none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.whole == 0 && matches!(self.framing, Framing::ContentLength)
    }
}

/// The body of one response.
#[derive(Debug)]
pub(crate) struct Payload {
    line: Arc<Line>,
    content: Content,
    extent: Extent,
    sent: u64,
    waiting: Option<Sleep>,
}

impl Payload {
    /// A body that begins.
    pub(crate) const fn new(line: Arc<Line>, content: Content, extent: Extent) -> Self {
        Self { line, content, extent, sent: 0, waiting: None }
    }

    /// Waits until a time; what is due costs no sleep.
    fn poll_due(&mut self, due: Offset, cx: &mut Context<'_>) -> Poll<()> {
        let Extent { tempo, .. } = self.extent;
        if due <= tempo.start {
            return Poll::Ready(());
        }
        let line = &self.line;
        let sleep = self.waiting.get_or_insert_with(|| line.sleep_until(due));
        if sleep.deadline() != due {
            sleep.reset(due);
        }
        Pin::new(sleep).poll(cx)
    }

    /// The end of a body that is sent in full.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let end = self.extent.tempo.end(self.sent);
        ready!(self.poll_due(end, cx));
        self.line.handed_over();
        Poll::Ready(())
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let Extent { whole, cut, tempo, .. } = this.extent;
        let end = cut.map_or(whole, |(after, _)| after.min(whole));
        if this.sent < end {
            let (due, length) = tempo.next(this.sent, end - this.sent);
            ready!(this.poll_due(due, cx));
            let data = this.content.frame(this.sent, length);
            this.sent += data.len() as u64;
            if this.is_end_stream() {
                this.line.handed_over();
            }
            if let Some((_, farewell)) = cut.filter(|_| this.sent >= whole) {
                // With the last byte it was promised, hyper has all it wants and asks no more.
                this.line.cut_when_flushed(farewell, cx);
            }
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let Some((_, farewell)) = cut else { return this.poll_end(cx).map(|()| None) };
        this.line.cut_when_flushed(farewell, cx);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        // A silence may come between the last byte and the last chunk.
        let Extent { whole, cut, tempo, .. } = self.extent;
        cut.is_none() && self.sent >= whole && tempo.silence.is_none_or(|(after, _)| after < whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.extent.framing {
            Framing::ContentLength => SizeHint::with_exact(self.extent.whole.saturating_sub(self.sent)),
            Framing::Chunked => SizeHint::default(),
        }
    }
}
