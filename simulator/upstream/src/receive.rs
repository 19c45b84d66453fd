//! Receiving a request's body: streamed, hashed and thrown away, whatever its size, up to a limit.
//!
//! Nothing of it is held, so a thousand uploads at once take no more memory than a thousand small requests. The hash
//! tells whether two attempts of a call brought the same body, and nothing of what was in it.

use http::StatusCode;
use http_body::Body;
use http_body_util::BodyExt;

use crate::answer::Answer;
use crate::hash::Fnv;
use crate::problem::{Words, problem};

/// The largest body that is taken, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why a body was not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreceived {
    /// The caller went away, or broke HTTP, before its request was whole.
    #[error("the request was not whole")]
    NotWhole,
    /// It is larger than is taken.
    #[error("the request is larger than {LARGEST} bytes")]
    TooLarge,
}

/// Reads a body to its end: its hash; none where it is empty.
///
/// # Errors
/// When it does not come to its end, or is too large: as soon as that shows, which is at once where it says its length.
pub(crate) async fn receive<B: Body + Unpin>(mut body: B) -> Result<Option<u64>, Unreceived> {
    if body.size_hint().lower() > LARGEST {
        return Err(Unreceived::TooLarge);
    }
    let (mut hash, mut length) = (Fnv::new(), 0);
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        let Ok(mut data) = frame.map_err(|_| Unreceived::NotWhole)?.into_data() else { continue };
        length += bytes::Buf::remaining(&data) as u64;
        if length > LARGEST {
            return Err(Unreceived::TooLarge);
        }
        while bytes::Buf::has_remaining(&data) {
            let chunk = bytes::Buf::chunk(&data);
            let taken = chunk.len();
            hash = hash.more(chunk);
            bytes::Buf::advance(&mut data, taken);
        }
    }
    Ok((length > 0).then(|| hash.get()))
}

/// What a request with a body that is too large is told.
pub(crate) fn too_large() -> Answer {
    let detail = format!("a request may bring {} MiB at most", LARGEST >> 20);
    let words =
        Words { name: "body-too-large", title: "the body of the request is too large", detail: &detail };
    problem(StatusCode::PAYLOAD_TOO_LARGE, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Fnv;
    use bytes::Bytes;
    use http_body::Frame;
    use http_body_util::Full;
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    /// All of these bodies are ready at once.
    fn received<B: Body>(body: B) -> Result<Option<u64>, Unreceived> {
        let body = Box::pin(body);
        match pin!(receive(body)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(received) => received,
            Poll::Pending => panic!("it waits for nothing"),
        }
    }

    /// So many pieces of 64 KiB without a word on how many they are.
    struct Pieces<'a> {
        left: u64,
        held: &'a Cell<(u64, u64)>,
    }

    impl<'a> Body for Pieces<'a> {
        type Data = Piece<'a>;
        type Error = Infallible;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Piece<'a>>, Infallible>>> {
            let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
            self.left = left;
            let (now, most) = self.held.get();
            self.held.set((now + 1, most.max(now + 1)));
            let piece = Piece { bytes: Bytes::from_static(&[7; 65_536]), held: self.held };
            Poll::Ready(Some(Ok(Frame::data(piece))))
        }
    }

    fn pieces(left: u64, held: &Cell<(u64, u64)>) -> Pieces<'_> {
        Pieces { left, held }
    }

    /// A piece of a body that counts how many there are of it now, and at most.
    struct Piece<'a> {
        bytes: Bytes,
        held: &'a Cell<(u64, u64)>,
    }

    impl bytes::Buf for Piece<'_> {
        fn remaining(&self) -> usize {
            self.bytes.remaining()
        }
        fn chunk(&self) -> &[u8] {
            self.bytes.chunk()
        }
        fn advance(&mut self, count: usize) {
            self.bytes.advance(count);
        }
    }

    impl Drop for Piece<'_> {
        fn drop(&mut self) {
            let (now, most) = self.held.get();
            self.held.set((now - 1, most));
        }
    }

    #[test]
    fn a_hash_is_the_same_however_the_body_is_cut_up() {
        let whole = Full::new(Bytes::from(vec![7; 3 * 65_536]));
        let held = Cell::default();
        let hash = received(whole).unwrap();
        assert_eq!(hash, Some(Fnv::new().more(&[7; 3 * 65_536]).get()));
        assert_eq!(received(pieces(3, &held)), Ok(hash));
        assert_ne!(received(pieces(2, &held)), Ok(hash));
        assert_eq!(received(Full::new(Bytes::new())), Ok(None));
    }

    #[test]
    fn no_more_than_one_piece_of_64_mib_is_held() {
        let held = Cell::default();
        assert!(received(pieces(1024, &held)).unwrap().is_some());
        assert_eq!(held.get(), (0, 1));
        assert_eq!(received(pieces(1025, &held)), Err(Unreceived::TooLarge));
    }

    #[test]
    fn what_says_its_length_is_refused_before_it_is_read() {
        let body = http_body_util::Limited::new(Full::new(Bytes::from_static(&[0; 8])), 7);
        assert_eq!(received(body), Err(Unreceived::NotWhole));
        assert_eq!(received(Announced), Err(Unreceived::TooLarge));
    }

    /// Says that it is too large, and must not be asked for more.
    struct Announced;

    impl Body for Announced {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            panic!("read")
        }
        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(LARGEST + 1)
        }
    }
}
