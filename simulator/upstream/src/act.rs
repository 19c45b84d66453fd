//! The one place that misbehaves: performs what was decided, on a connection or on an attempt.
//!
//! Decisions say what; here is how. The cuts themselves are made below hyper, when what was to be sent has been sent.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::recording::{ConnectionFate, Hint};
use upstorm_world::{Clock, Stream};

use crate::fate::Decision;
use crate::fault::{Action, Farewell};
use crate::line::Line;
use crate::payload::{Extent, Payload};

/// What the recording says of a connection.
pub(crate) const fn connection_fate(action: Action) -> ConnectionFate {
    match action {
        Action::Drop => ConnectionFate::Reset,
        Action::Ignore => ConnectionFate::Stalled,
        Action::Serve | Action::Hang | Action::CutBefore(_) | Action::CutAfter(..) => ConnectionFate::Served,
    }
}

/// Performs what was decided for a connection. Returns the stream if it is to be served.
pub(crate) async fn on_connection(action: Action, mut stream: Stream) -> Option<Stream> {
    match action {
        Action::Drop => stream.abort(),
        Action::Ignore => ignore(&mut stream).await,
        Action::Serve | Action::Hang | Action::CutBefore(_) | Action::CutAfter(..) => return Some(stream),
    }
    None
}

/// Takes what is sent and answers nothing, until the caller leaves.
async fn ignore(stream: &mut Stream) {
    let mut scratch = [0; 4096];
    while let Ok(1..) = stream.read(&mut scratch).await {}
    // The caller is gone either way.
    let _ = stream.shutdown().await;
}

/// Performs what was decided for an attempt, when its time has come. Returns the response, if one is to be sent; never
/// returns otherwise.
pub(crate) async fn on_attempt(
    decision: &Decision,
    line: Arc<Line>,
    clock: &Arc<dyn Clock>,
) -> Response<Payload> {
    match decision.action {
        Action::Hang | Action::Ignore => pending().await,
        Action::CutBefore(farewell) => cut_before(farewell, &line).await,
        Action::Drop => cut_before(Farewell::Reset, &line).await,
        Action::CutAfter(bytes, farewell) => respond(decision, line, clock, Some((bytes, farewell))),
        Action::Serve => respond(decision, line, clock, None),
    }
}

async fn cut_before(farewell: Farewell, line: &Line) -> Response<Payload> {
    let mut told = false;
    poll_fn(|cx| {
        if !told {
            line.cut_instead(farewell, cx);
            told = true;
        }
        Poll::Pending
    })
    .await
}

/// Builds the response and tells the line that it is on its way.
fn respond(
    decision: &Decision,
    line: Arc<Line>,
    clock: &Arc<dyn Clock>,
    cut: Option<(u64, Farewell)>,
) -> Response<Payload> {
    let answer = &*decision.answer;
    let mut headers = answer.headers.clone();
    let hint: Option<Hint> = answer.advice.as_ref().map(|advice| {
        let wall = clock.wall(clock.now());
        advice.put(&mut headers, wall, decision.free_after)
    });
    let bodiless = decision.framing.is_none() || decision.body == 0;
    line.release((answer.status.as_u16(), hint), bodiless && cut.is_none());
    let extent = Extent { whole: decision.body, framing: answer.body.framing, cut };
    let mut response = Response::new(Payload::new(line, answer.body.content.clone(), extent));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers;
    response
}
