//! The one place that misbehaves: performs what was decided, on a connection or on an attempt.
//!
//! Decisions say what; here is how. The cuts themselves are made below hyper, when what was to be sent has been sent.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::Response;
use http_body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::recording::{ConnectionFate, Hint};
use upstorm_world::{Clock, Stream};

use crate::fate::Decision;
use crate::fault::{Action, Farewell};
use crate::line::Line;
use crate::payload::{Extent, Payload};
use crate::tempo::Tempo;

/// What the recording says of a connection.
pub(crate) const fn connection_fate(action: Action) -> ConnectionFate {
    match action {
        Action::Drop => ConnectionFate::Reset,
        Action::Ignore => ConnectionFate::Stalled,
        _ => ConnectionFate::Served,
    }
}

/// Performs what was decided for a connection. Returns the stream if it is to be served.
pub(crate) async fn on_connection(action: Action, mut stream: Stream) -> Option<Stream> {
    match action {
        Action::Drop => stream.abort(),
        Action::Ignore => ignore(&mut stream).await,
        // What the others do is done to an attempt.
        _ => return Some(stream),
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
    let whole = Bend::default();
    match decision.action {
        Action::Hang | Action::Ignore => pending().await,
        Action::CutBefore(farewell) => cut_before(farewell, &line).await,
        Action::Drop => cut_before(Farewell::Reset, &line).await,
        Action::CutAfter(bytes, farewell) => {
            respond(decision, line, clock, Bend { cut: Some((bytes, farewell)), ..whole })
        }
        Action::StallBefore(silence) => {
            clock.sleep(silence).await;
            respond(decision, line, clock, whole)
        }
        Action::StallAfter(bytes, silence) => {
            respond(decision, line, clock, Bend { silence: Some((bytes, silence)), ..whole })
        }
        Action::Serve => respond(decision, line, clock, whole),
    }
}

async fn cut_before(farewell: Farewell, line: &Line) -> Response<Payload> {
    let mut told = false;
    poll_fn(|cx| {
        if !told {
            line.cut_when_flushed(farewell, cx);
            told = true;
        }
        Poll::Pending
    })
    .await
}

/// What is done to a response that is sent: both by the bytes of its body.
#[derive(Debug, Clone, Copy, Default)]
struct Bend {
    cut: Option<(u64, Farewell)>,
    silence: Option<(u64, Duration)>,
}

/// Builds the response and tells the line that it is on its way.
fn respond(decision: &Decision, line: Arc<Line>, clock: &Arc<dyn Clock>, bend: Bend) -> Response<Payload> {
    let (answer, now) = (&*decision.answer, clock.now());
    let mut headers = answer.headers.clone();
    let hint: Option<Hint> =
        answer.advice.as_ref().map(|advice| advice.put(&mut headers, clock.wall(now), decision.free_after));
    let tempo = Tempo { start: now, pace: decision.body.pace, silence: bend.silence };
    let framing = answer.body.framing;
    let extent = Extent { whole: decision.body.bytes, framing, cut: bend.cut, tempo };
    let payload = Payload::new(Arc::clone(&line), answer.body.content.clone(), extent);
    let bodiless = decision.body.framing.is_none() || payload.is_end_stream();
    line.release((answer.status.as_u16(), hint), bodiless);
    let mut response = Response::new(payload);
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers;
    response
}
