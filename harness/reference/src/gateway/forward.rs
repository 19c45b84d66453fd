//! Forwarding: one call from a caller through the stack to the upstream, and its answer back.
//!
//! The upstream's own answers, bad ones included, pass as they are; the gateway speaks only where there is none. An
//! answer that breaks after its head was passed on breaks towards the caller too.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tower::ServiceExt;
use upstorm_policy::{Failure, Guarded, Rejection};
use upstorm_world::Clock;

use super::metrics::{InFlight, Metrics};
use super::outgoing::Ids;
use super::own::OwnRoutes;
use super::problem::{Problem, Problems};
use crate::body::OutBody;
use crate::headers::strip_hop_by_hop;
use crate::pool::AnswerBody;
use crate::targets::Routed;
use crate::wire::{Answered, Calls};

/// What one gateway forwards with.
#[derive(Debug)]
pub(super) struct Forwarder {
    pub(super) targets: Routed<Before>,
    /// What it says where no target is to blame.
    pub(super) problems: Problems,
    pub(super) own: OwnRoutes,
    pub(super) metrics: Arc<Metrics>,
    pub(super) ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
}

/// What stands before one target.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) calls: Calls,
    /// What is said in its place.
    pub(super) problems: Problems,
}

impl Forwarder {
    /// Answers one request.
    pub(super) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        caller: HeaderValue,
    ) -> Result<Response<BackBody>, Infallible> {
        if let Some(own) = self.own.answer(request.method(), request.uri().path(), &self.metrics) {
            return Ok(own.map(BackBody::Own));
        }
        let (came, in_flight) = (self.clock.now(), self.metrics.enter());
        let target = self.targets.of(request.uri().path());
        let passed = match target {
            Some(target) => self.pass(target, request, &caller).await,
            None => Err((Problem::NoRoute, None)),
        };
        let response = match passed {
            Ok(answered) => back(answered, in_flight),
            Err((problem, retry_after)) => {
                self.metrics.own_answer(problem);
                let problems = target.map_or(&self.problems, |target| &target.problems);
                problems.answer(problem, retry_after).map(BackBody::Own)
            }
        };
        self.metrics.answered(response.status().as_u16(), self.clock.now().since(came));
        Ok(response)
    }

    /// The upstream's answer, or what to say in its place.
    async fn pass(
        &self,
        target: &Before,
        request: Request<Incoming>,
        caller: &HeaderValue,
    ) -> Result<Answered, OwnAnswer> {
        let (parts, incoming) = request.into_parts();
        if parts.method == Method::CONNECT {
            return Err((Problem::NoTunnel, None));
        }
        let body = OutBody::read(incoming).await.map_err(|_| (Problem::RequestBroken, None))?;
        let outbound = self.ids.outbound(parts, body, caller);
        let answered = target.calls.clone().oneshot(Box::new(outbound)).await.map_err(own_answer)?;
        // A final answer of 1xx is none: an upgrade was never asked for.
        if answered.status().is_informational() { Err((Problem::Malformed, None)) } else { Ok(answered) }
    }
}

/// A problem, and when to come back.
type OwnAnswer = (Problem, Option<Duration>);

fn own_answer(failure: Failure) -> OwnAnswer {
    match failure {
        Failure::ConnectFailed => (Problem::ConnectFailed, None),
        Failure::Reset | Failure::Closed => (Problem::Broken, None),
        Failure::Malformed => (Problem::Malformed, None),
        Failure::Timeout => (Problem::AttemptTimedOut, None),
        Failure::DeadlineExceeded => (Problem::DeadlineExceeded, None),
        Failure::Rejected(Rejection::RateLimited { retry_after }) => {
            (Problem::RateLimited, Some(retry_after))
        }
        Failure::Rejected(Rejection::BulkheadFull) => (Problem::BulkheadFull, None),
        Failure::Rejected(Rejection::Throttled) => (Problem::Throttled, None),
        Failure::Rejected(Rejection::BreakerOpen { retry_after }) => {
            (Problem::BreakerOpen, Some(retry_after))
        }
    }
}

/// The upstream's answer as it goes back.
fn back(answered: Answered, in_flight: InFlight) -> Response<BackBody> {
    let mut response = answered.map(|body| BackBody::Passed { body, broken: None, _in_flight: in_flight });
    strip_hop_by_hop(response.headers_mut());
    *response.version_mut() = Version::HTTP_11;
    response
}

/// The body that goes back to a caller.
#[derive(Debug)]
pub(super) enum BackBody {
    /// The gateway's own words.
    Own(Bytes),
    /// What comes from the upstream, as it comes.
    Passed {
        /// Where it comes from.
        body: Guarded<AnswerBody>,
        /// Why it breaks, as soon as what came before has been sent on.
        broken: Option<Failure>,
        /// The call is in flight until its last byte.
        _in_flight: InFlight,
    },
}

impl Body for BackBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        match &mut *self {
            Self::Own(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Own(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Passed { body, broken, .. } => pass_on(body, broken, cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_empty(),
            Self::Passed { body, broken, .. } => broken.is_none() && body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Passed { body, .. } => body.size_hint(),
        }
    }
}

/// The next frame from the upstream. Where a body breaks, hyper drops what it has not yet sent, the head among it: it gets
/// a turn to send that first, as a caller without a gateway between would have got it.
fn pass_on(
    body: &mut Guarded<AnswerBody>,
    broken: &mut Option<Failure>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
    if let Some(failure) = broken.take() {
        return Poll::Ready(Some(Err(failure)));
    }
    match ready!(Pin::new(body).poll_frame(cx)) {
        Some(Err(failure)) => {
            *broken = Some(failure);
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        frame => Poll::Ready(frame),
    }
}
