//! The body of an answer: bytes from the wire, and the connection they keep busy.
//!
//! At its end the connection goes back to the pool; if it breaks or is dropped before, the connection is closed, for
//! what is left on it belongs to no later exchange. A body shorter than promised ends with a failure, never as if it
//! were whole (RFC 9112 section 8).

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use upstorm_policy::Failure;

use super::failure;
use super::lease::Lease;

/// Pieces of a thrown away body that are read for the sake of its connection.
const LEFTOVERS: usize = 4;

/// The body of an answer that is still coming in.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    incoming: Incoming,
    /// None once the end was reached or the connection broke.
    lease: Option<Lease>,
}

impl AnswerBody {
    pub(super) fn new(incoming: Incoming, lease: Lease) -> Self {
        let mut body = Self { incoming, lease: Some(lease) };
        body.settle();
        body
    }

    /// Gives the connection back if this was all. Readers stop asking at the promised length, so the end is not
    /// always read as an end.
    fn settle(&mut self) {
        if self.incoming.is_end_stream() {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}

impl Drop for AnswerBody {
    /// An answer that is thrown away for a retry is mostly short and here already: reading that costs less than a new
    /// connection. Whatever is not here yet is not waited for.
    fn drop(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..LEFTOVERS {
            let frame = Pin::new(&mut *self).poll_frame(&mut context);
            if !matches!(frame, Poll::Ready(Some(Ok(_)))) {
                break;
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        if self.lease.is_none() {
            return Poll::Ready(None);
        }
        match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
            Some(Ok(frame)) if frame.is_data() => {
                self.settle();
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                self.lease = None;
                Poll::Ready(Some(Err(failure::of_hyper(&error))))
            }
            // Trailers are hop-by-hop here: nobody announced them to the next hop.
            Some(Ok(_)) | None => {
                self.finish();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.lease.is_none() || self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
