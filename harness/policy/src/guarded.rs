//! A response body that tells guards how it ended, shows itself to taps, and can be cut at a time.
//!
//! hyper does not poll a body that says it has ended, and may stop after the last frame of a known length without
//! polling for the end. Taking such a body's drop for a caller who went away would leave breakers and permits
//! unsettled, so completeness is also read from `is_end_stream`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::future::{BoxFuture, poll_fn};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use crate::{BodyEnd, Failure, Limit, Reply, Settle, Tap};

/// A body with guards and perhaps a limit.
pub struct Guarded<B: Body> {
    source: Source<B>,
    limit: Option<Limit>,
    taps: Vec<Box<dyn Tap>>,
    guards: Vec<Box<dyn Settle>>,
    ended: Option<BodyEnd>,
}

/// Where the rest of a body comes from.
enum Source<B> {
    /// From below.
    Live(Pin<Box<B>>),
    /// It is all here.
    Whole(Bytes),
    /// It has ended or was cut.
    Over,
}

impl<B: Body> Source<B> {
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Live(body) => body.is_end_stream(),
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Over => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Live(body) => body.size_hint(),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Over => SizeHint::with_exact(0),
        }
    }
}

impl<B: Body<Data = Bytes, Error = Failure>> Source<B> {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match self {
            Self::Live(body) => body.as_mut().poll_frame(cx),
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Over => Poll::Ready(None),
        }
    }
}

impl<B: Body> Guarded<B> {
    /// A body without guards.
    #[must_use]
    pub fn new(body: B) -> Self {
        Self::over(Source::Live(Box::pin(body)))
    }

    /// A body that is all here.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self::over(Source::Whole(bytes))
    }

    fn over(source: Source<B>) -> Self {
        let ended = source.is_end_stream().then_some(BodyEnd::Complete);
        Self { source, limit: None, taps: Vec::new(), guards: Vec::new(), ended }
    }

    /// Tells every guard, innermost first. Only the first end counts.
    fn settle(&mut self, end: BodyEnd) {
        let end = *self.ended.get_or_insert(end);
        for guard in self.guards.drain(..) {
            guard.settled(end);
        }
        for tap in self.taps.drain(..) {
            tap.settled(end);
        }
    }
}

impl<B: Body<Data = Bytes, Error = Failure> + Send + 'static> Guarded<B> {
    fn attach(&mut self, guard: Box<dyn Settle>) {
        match self.ended {
            Some(end) => guard.settled(end),
            None => self.guards.push(guard),
        }
    }

    fn tapped(&mut self, tap: Box<dyn Tap>) {
        match self.ended {
            Some(end) => tap.settled(end),
            None => self.taps.push(tap),
        }
    }

    /// Ends the body at its limit.
    fn cut(&mut self) -> Option<Failure> {
        let limit = self.limit.take()?;
        let body = std::mem::replace(&mut self.source, Source::Over);
        if let (Source::Live(body), Some(detach)) = (body, limit.abandon) {
            detach.detach(read_to_end(body));
        }
        (limit.on_cut)();
        self.settle(BodyEnd::Broke(limit.failure));
        Some(limit.failure)
    }
}

fn read_to_end<B: Body + Send + 'static>(mut body: Pin<Box<B>>) -> BoxFuture<'static, ()> {
    Box::pin(async move { while let Some(Ok(_)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {} })
}

impl<B: Body<Data = Bytes, Error = Failure> + Send + 'static> Body for Guarded<B> {
    type Data = Bytes;
    type Error = Failure;

    /// The body goes first: what has arrived is not taken back.
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = &mut *self;
        match this.source.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(bytes) = frame.data_ref() {
                    this.taps.iter_mut().for_each(|tap| tap.passes(bytes));
                }
                if this.source.is_end_stream() {
                    this.settle(BodyEnd::Complete);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(failure))) => {
                this.source = Source::Over;
                this.settle(BodyEnd::Broke(failure));
                Poll::Ready(Some(Err(failure)))
            }
            Poll::Ready(None) => {
                this.source = Source::Over;
                this.settle(BodyEnd::Complete);
                Poll::Ready(None)
            }
            Poll::Pending => {
                let Some(limit) = &mut this.limit else { return Poll::Pending };
                ready!(limit.sleep.as_mut().poll(cx));
                Poll::Ready(this.cut().map(Err))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.source.size_hint()
    }
}

impl<B: Body> Drop for Guarded<B> {
    fn drop(&mut self) {
        let complete = self.source.is_end_stream();
        self.settle(if complete { BodyEnd::Complete } else { BodyEnd::Dropped });
    }
}

impl<B: Body> fmt::Debug for Guarded<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guards = self.guards.len();
        f.debug_struct("Guarded").field("guards", &guards).field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl<B> Reply for http::Response<Guarded<B>>
where
    B: Body<Data = Bytes, Error = Failure> + Send + 'static,
{
    fn status(&self) -> u16 {
        http::Response::status(self).as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        http::Response::headers(self)
    }

    fn whole(response: http::Response<Bytes>) -> Self {
        response.map(Guarded::whole)
    }

    fn tap(mut self, tap: Box<dyn Tap>) -> Self {
        self.body_mut().tapped(tap);
        self
    }

    fn retry_after(&self) -> Option<&str> {
        self.headers().get(http::header::RETRY_AFTER)?.to_str().ok()
    }

    fn pushback(&self) -> Option<&str> {
        self.headers().get("grpc-retry-pushback-ms")?.to_str().ok()
    }

    fn date(&self) -> Option<&str> {
        self.headers().get(http::header::DATE)?.to_str().ok()
    }

    fn guard(mut self, guard: Box<dyn Settle>) -> Self {
        self.body_mut().attach(guard);
        self
    }

    fn limit(mut self, limit: Limit) -> Self {
        self.body_mut().limit = Some(limit);
        self
    }

    fn drain(mut self) -> BoxFuture<'static, ()> {
        let body = std::mem::replace(&mut self.body_mut().source, Source::Over);
        // Whatever the guards are told, nobody heard this response.
        self.body_mut().settle(BodyEnd::Dropped);
        match body {
            Source::Live(body) => read_to_end(body),
            Source::Whole(_) | Source::Over => Box::pin(std::future::ready(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt;
    use http_body_util::combinators::UnsyncBoxBody;
    use http_body_util::{BodyExt, Empty, Full, StreamBody};

    type Boxed = UnsyncBoxBody<Bytes, Failure>;
    type Heard = Arc<Mutex<Vec<BodyEnd>>>;

    struct Ear(Heard);

    impl Settle for Ear {
        fn settled(self: Box<Self>, end: BodyEnd) {
            self.0.lock().unwrap().push(end);
        }
    }

    fn heard(body: Boxed) -> (http::Response<Guarded<Boxed>>, Heard) {
        let heard = Heard::default();
        let reply = http::Response::new(Guarded::new(body));
        (reply.guard(Box::new(Ear(heard.clone()))), heard)
    }

    fn full() -> Boxed {
        Full::from("hello").map_err(|never: Infallible| match never {}).boxed_unsync()
    }

    /// Two chunks are there, the third never comes.
    fn endless() -> Boxed {
        let chunks = futures_util::stream::iter(["a", "b"]);
        let frames = futures_util::StreamExt::map(chunks, |c| Ok(Frame::data(Bytes::from(c))));
        StreamBody::new(futures_util::StreamExt::chain(frames, futures_util::stream::pending()))
            .boxed_unsync()
    }

    #[test]
    fn an_empty_body_is_complete_at_once_and_one_of_known_length_with_its_last_frame() {
        let empty = Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync();
        assert_eq!(*heard(empty).1.lock().unwrap(), [BodyEnd::Complete]);
        let (mut reply, ends) = heard(full());
        assert!(ends.lock().unwrap().is_empty());
        assert!(reply.body_mut().frame().now_or_never().is_some());
        assert_eq!(*ends.lock().unwrap(), [BodyEnd::Complete]);
        drop(reply);
        assert_eq!(ends.lock().unwrap().len(), 1);
    }

    #[test]
    fn one_that_is_let_go_before_its_end_is_dropped() {
        let (reply, ends) = heard(full());
        drop(reply);
        assert_eq!(*ends.lock().unwrap(), [BodyEnd::Dropped]);
        let (mut reply, ends) = heard(endless());
        assert!(reply.body_mut().frame().now_or_never().is_some());
        drop(reply);
        assert_eq!(*ends.lock().unwrap(), [BodyEnd::Dropped]);
    }

    #[test]
    fn at_its_limit_it_breaks_after_what_has_arrived_and_stays_ended() {
        let (reply, ends) = heard(endless());
        let limit = Limit {
            sleep: Box::pin(std::future::ready(())),
            failure: Failure::Timeout,
            on_cut: Box::new(|| ()),
            abandon: None,
        };
        let mut body = reply.limit(limit).into_body();
        for expected in ["a", "b"] {
            let frame = body.frame().now_or_never().unwrap().unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), expected);
        }
        assert_eq!(body.frame().now_or_never().unwrap().unwrap().unwrap_err(), Failure::Timeout);
        assert!(body.frame().now_or_never().unwrap().is_none());
        assert!(body.is_end_stream());
        assert_eq!(*ends.lock().unwrap(), [BodyEnd::Broke(Failure::Timeout)]);
    }
}
