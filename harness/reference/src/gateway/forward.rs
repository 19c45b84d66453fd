//! Forwarding: one call from a caller through the stack to the upstream, and its answer back.
//!
//! The upstream's own answers, bad ones included, pass as they are; the gateway speaks only where there is none. An
//! answer that breaks after its head was passed on breaks towards the caller too.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
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
use crate::wire::{Answered, Calls};

/// What one gateway forwards with.
#[derive(Debug)]
pub(super) struct Forwarder {
    pub(super) calls: Calls,
    pub(super) problems: Problems,
    pub(super) own: OwnRoutes,
    pub(super) metrics: Arc<Metrics>,
    pub(super) ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
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
        let response = match self.pass(request, &caller).await {
            Ok(answered) => back(answered, in_flight),
            Err((problem, retry_after)) => {
                self.metrics.own_answer(problem);
                self.problems.answer(problem, retry_after).map(BackBody::Own)
            }
        };
        self.metrics.answered(response.status().as_u16(), self.clock.now().since(came));
        Ok(response)
    }

    /// The upstream's answer, or what to say in its place.
    async fn pass(&self, request: Request<Incoming>, caller: &HeaderValue) -> Result<Answered, OwnAnswer> {
        let (parts, incoming) = request.into_parts();
        if parts.method == Method::CONNECT {
            return Err((Problem::NoTunnel, None));
        }
        let body = OutBody::read(incoming).await.map_err(|_| (Problem::RequestBroken, None))?;
        let outbound = self.ids.outbound(parts, body, caller);
        let answered = self.calls.clone().oneshot(Box::new(outbound)).await.map_err(own_answer)?;
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
        Failure::Rejected(Rejection::BreakerOpen { retry_after }) => {
            (Problem::BreakerOpen, Some(retry_after))
        }
    }
}

/// The upstream's answer as it goes back.
fn back(answered: Answered, in_flight: InFlight) -> Response<BackBody> {
    let mut response = answered.map(|body| BackBody::Passed { body, _in_flight: in_flight });
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
            Self::Passed { body, .. } => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_empty(),
            Self::Passed { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Passed { body, .. } => body.size_hint(),
        }
    }
}
