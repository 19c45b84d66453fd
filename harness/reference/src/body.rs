//! Request bodies: short ones are held so that an attempt can be made again, long ones stream through once.
//!
//! A proxy that buffers everything breaks streaming and runs out of memory; one that buffers nothing cannot retry a
//! POST. Envoy and nginx draw the same line with a buffer limit. Response bodies are in [`crate::pool`], beside the
//! connection they keep busy.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// The longest request body that is held for another attempt, in bytes.
pub const REPLAY_LIMIT: usize = 64 * 1024;

/// A request body on its way out.
#[derive(Debug)]
pub(crate) enum OutBody {
    /// All of it is here.
    Held(Bytes),
    /// Its beginning is here and the rest is still coming in.
    Streamed {
        /// What was read before it turned out too long to hold.
        head: Bytes,
        /// The rest.
        rest: Incoming,
    },
}

impl OutBody {
    /// No body.
    pub(crate) const EMPTY: Self = Self::Held(Bytes::new());

    /// Reads a body in as far as it may be held.
    ///
    /// # Errors
    /// When the caller stopped sending.
    pub(crate) async fn read(mut incoming: Incoming) -> Result<Self, hyper::Error> {
        if incoming.is_end_stream() {
            return Ok(Self::EMPTY);
        }
        if incoming.size_hint().lower() > REPLAY_LIMIT as u64 {
            return Ok(Self::Streamed { head: Bytes::new(), rest: incoming });
        }
        let mut held = BytesMut::new();
        let mut first = Bytes::new();
        while let Some(frame) = incoming.frame().await {
            let Ok(chunk) = frame?.into_data() else { break };
            // Most bodies are one chunk, which then needs no copy.
            if first.is_empty() && held.is_empty() {
                first = chunk;
            } else {
                if held.is_empty() {
                    held.extend_from_slice(&std::mem::take(&mut first));
                }
                held.extend_from_slice(&chunk);
            }
            if first.len() + held.len() > REPLAY_LIMIT {
                let head = if held.is_empty() { first } else { held.freeze() };
                return Ok(Self::Streamed { head, rest: incoming });
            }
        }
        Ok(Self::Held(if held.is_empty() { first } else { held.freeze() }))
    }

    /// A second copy to send again, where all of it is held.
    pub(crate) fn replay(&self) -> Option<Self> {
        match self {
            Self::Held(bytes) => Some(Self::Held(bytes.clone())),
            Self::Streamed { .. } => None,
        }
    }
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let (Self::Held(ready) | Self::Streamed { head: ready, .. }) = &mut *self;
        if !ready.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(ready)))));
        }
        match &mut *self {
            Self::Held(_) => Poll::Ready(None),
            Self::Streamed { rest, .. } => Pin::new(rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Held(bytes) => bytes.is_empty(),
            Self::Streamed { head, rest } => head.is_empty() && rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Held(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streamed { head, rest } => {
                let (rest, ahead) = (rest.size_hint(), head.len() as u64);
                let mut whole = SizeHint::new();
                whole.set_lower(rest.lower().saturating_add(ahead));
                if let Some(upper) = rest.upper() {
                    whole.set_upper(upper.saturating_add(ahead));
                }
                whole
            }
        }
    }
}
