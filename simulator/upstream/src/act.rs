//! The one place that misbehaves: performs what was decided, on a connection or on an attempt.
//!
//! Decisions say what; here is how. The cuts themselves are made below hyper, when what was to be sent has been sent.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Response, Uri};
use http_body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::TimeSpan;
use upstorm_model::recording::{Call, ConnectionFate, Hint};
use upstorm_model::scenario::Framing;
use upstorm_world::{Clock, Stream};

use crate::edit::Edit;
use crate::fate::Decision;
use crate::fault::{Action, Farewell, Flaw, location};
use crate::instead;
use crate::line::Line;
use crate::payload::{Extent, Payload};
use crate::tempo::Tempo;

/// Says when the response was made: a cache keeps it, and so its age can be told.
const MADE: HeaderName = HeaderName::from_static(Call::MADE);

/// What the recording says of how long a connection is held before it is served.
pub(crate) fn connection_delay(action: Action) -> TimeSpan {
    match action {
        Action::Delay(delay) => TimeSpan::from(delay),
        _ => TimeSpan::ZERO,
    }
}

/// What the recording says of a connection.
pub(crate) const fn connection_fate(action: Action) -> ConnectionFate {
    match action {
        Action::Drop => ConnectionFate::Reset,
        Action::Ignore => ConnectionFate::Stalled,
        _ => ConnectionFate::Served,
    }
}

/// Performs what was decided for a connection. Returns the stream if it is to be served.
pub(crate) async fn on_connection(
    action: Action,
    mut stream: Stream,
    clock: &Arc<dyn Clock>,
) -> Option<Stream> {
    match action {
        Action::Drop => stream.abort(),
        Action::Ignore => ignore(&mut stream).await,
        Action::Delay(delay) => {
            clock.sleep(delay).await;
            return Some(stream);
        }
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

/// Puts another answer to a request for this in the place of the one that was decided, where that is what goes wrong.
pub(crate) fn put_instead(decision: &mut Decision, target: &Uri) {
    let answer = match decision.action {
        Action::Redirect => instead::redirect(location(target)),
        Action::BreakJson => instead::broken_json(&decision.answer),
        _ => return,
    };
    decision.body.bytes = answer.body.content.len_at(0.0);
    decision.answer = Arc::new(answer);
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
        Action::Break(flaw) => {
            let framing = (flaw == Flaw::ChunkSize).then_some(Framing::Chunked);
            edited(decision, line, clock, (Edit::Break(flaw), Bend { framing, closes: true, ..whole })).await
        }
        Action::Promise(bytes) => {
            let framing = Some(Framing::ContentLength);
            edited(decision, line, clock, (Edit::Promise(bytes), Bend { framing, closes: true, ..whole }))
                .await
        }
        Action::Flood(bytes) => edited(decision, line, clock, (Edit::Flood(bytes), whole)).await,
        // Of the last two, the answer was put in the place of another; a delay was the connection's.
        Action::Serve | Action::Delay(_) | Action::Redirect | Action::BreakJson => {
            respond(decision, line, clock, whole)
        }
    }
}

/// Turns a request away whose body is not taken, and closes the connection: the rest of that body would be read as the
/// next request.
pub(crate) fn dismiss(decision: &Decision, line: Arc<Line>, clock: &Arc<dyn Clock>) -> Response<Payload> {
    respond(decision, line, clock, Bend { closes: true, ..Bend::default() })
}

/// A response that is edited on its way: what hyper has before it must be on the wire.
async fn edited(
    decision: &Decision,
    line: Arc<Line>,
    clock: &Arc<dyn Clock>,
    (edit, bend): (Edit, Bend),
) -> Response<Payload> {
    let mut since = None;
    poll_fn(|cx| line.poll_quiet(&mut since, cx)).await;
    line.edit(edit);
    respond(decision, line, clock, bend)
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

/// What is done to a response that is sent, by the bytes of its body.
#[derive(Debug, Clone, Copy, Default)]
struct Bend {
    cut: Option<(u64, Farewell)>,
    silence: Option<(u64, Duration)>,
    /// How its length is told, where that is not as the route has it.
    framing: Option<Framing>,
    /// True where the connection is closed after the last byte.
    closes: bool,
}

/// Builds the response and tells the line that it is on its way.
fn respond(decision: &Decision, line: Arc<Line>, clock: &Arc<dyn Clock>, bend: Bend) -> Response<Payload> {
    let (answer, now) = (&*decision.answer, clock.now());
    let mut headers = answer.headers.clone();
    headers.insert(MADE, HeaderValue::from(now.as_nanos()));
    let hint: Option<Hint> =
        answer.advice.as_ref().map(|advice| advice.put(&mut headers, clock.wall(now), decision.free_after));
    let tempo = Tempo { start: now, pace: decision.body.pace, silence: bend.silence };
    let framing = bend.framing.unwrap_or(answer.body.framing);
    let whole = decision.body.bytes;
    let cut = if bend.closes { Some((whole, Farewell::Close)) } else { bend.cut };
    let extent = Extent { whole, framing, cut, tempo };
    let payload = Payload::new(Arc::clone(&line), answer.body.content.clone(), extent);
    let bodiless = decision.body.framing.is_none() || payload.is_end_stream();
    line.release((answer.status.as_u16(), hint), bodiless && !bend.closes);
    if bend.closes && (bodiless || extent.is_empty()) {
        // hyper asks for no body, and writes the head before it flushes again.
        line.cut_after_head(Farewell::Close);
    }
    let mut response = Response::new(payload);
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers;
    response
}
