//! One request, from its head to the release of its answer.
//!
//! Everything is decided when the head arrives. The request's body is read and thrown away before anything else
//! happens: an answer to half a request would end a kept-alive connection that nobody wanted to end. Meanwhile it waits
//! for a worker, where these are bounded, and until its time, counted from the head or from the worker.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use upstorm_model::Offset;
use upstorm_model::recording::{Attempt, Connection, End};
use upstorm_world::Clock;

use crate::act;
use crate::course::Asked;
use crate::fate::Decision;
use crate::fault::Action;
use crate::keys;
use crate::line::Line;
use crate::payload::Payload;
use crate::receive::{Unreceived, receive};
use crate::site::Site;
use crate::stage::{Draw, Held};

/// A request whose fate is decided.
#[derive(Debug)]
pub(crate) struct Met {
    decision: Decision,
    attempt: Attempt,
}

/// Decides everything about a request whose head has just arrived, and notes it on the line. `None` only for a plan
/// that has no such segment, which raising refuses.
pub(crate) fn meet(site: &Site, connection: &Connection, parts: &Parts) -> Option<Met> {
    let watch = site.watch();
    let (head, segment) = (watch.at, watch.segment);
    let arrival = site.next_arrival();
    let said = keys::read(parts);
    let call = said.call.unwrap_or(arrival);
    let route = site.routes.find(parts, site.env.seed, call);
    let ordinal = said
        .call
        .map(|call| site.ordinals.lock().unwrap_or_else(PoisonError::into_inner).count(route, call, head));
    let draw =
        Draw { seed: site.env.seed, call, ordinal: ordinal.map_or(1, u64::from), progress: watch.progress };
    let course = watch.course(route)?;
    let asked = Asked {
        method: &parts.method,
        headers: &parts.headers,
        head,
        named: said.call.is_some(),
        since: watch.since(route),
        may_demand: site.fate_header,
    };
    let decision = course.decide(&draw, asked);
    let attempt = Attempt {
        upstream: connection.upstream,
        route,
        segment: u16::try_from(segment).unwrap_or(u16::MAX),
        peer: connection.peer,
        keys: said.keys,
        ordinal: ordinal.unwrap_or_else(|| u32::try_from(arrival.saturating_add(1)).unwrap_or(u32::MAX)),
        connection: connection.id,
        request: 0,
        accepted: connection.accepted,
        head,
        first_byte: None,
        end: head,
        fate: decision.fate,
        delay: None,
        status: None,
        hint: None,
        ended: End::Unfinished,
    };
    Some(Met { decision, attempt })
}

/// Serves a request. Never completes where its fate is to get no answer.
///
/// # Errors
/// When the caller did not send its request to the end.
pub(crate) fn serve(
    site: &Arc<Site>,
    line: &Arc<Line>,
    connection: &Connection,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Payload>, Unreceived>> + Send + use<> {
    let (parts, body) = request.into_parts();
    let met = meet(site, connection, &parts);
    let head = met.as_ref().map(|met| met.attempt.head);
    let decision = met.map(|Met { mut decision, attempt }| {
        line.begin(attempt);
        act::put_instead(&mut decision, &parts.uri);
        decision
    });
    let (clock, line) = (Arc::clone(&site.env.clock), Arc::clone(line));
    async move {
        let (Some(mut decision), Some(head)) = (decision, head) else { return Err(Unreceived::NotWhole) };
        let waited = wait(decision.held.take(), (head, decision.fate.delay.get()), &clock);
        // The wait ends when its time is over, however long the caller goes on sending its request.
        let waited = async {
            let from = waited.await;
            Ok((from, clock.now()))
        };
        let received = async {
            line.received(receive(body).await?);
            Ok(())
        };
        let (from, until) = match tokio::try_join!(biased; received, waited) {
            Ok(((), held_back)) => held_back,
            Err(Unreceived::TooLarge) => {
                let decision = Decision::too_large(&parts.method);
                line.turn_away(decision.fate);
                return Ok(act::dismiss(&decision, line, &clock));
            }
            Err(not_whole) => return Err(not_whole),
        };
        if decision.action != Action::Hang {
            line.held_back(from, until);
        }
        Ok(act::on_attempt(&decision, line, &clock).await)
    }
}

/// Waits for a worker, for its work and for the latency. Gives the time since when the latency counts: the head's, or
/// that of the worker.
async fn wait(held: Option<Held>, (head, delay): (Offset, Duration), clock: &Arc<dyn Clock>) -> Offset {
    let from = match held {
        None => head,
        Some(Held { mut turn, then_latency: true }) => turn.finished().await,
        Some(Held { mut turn, then_latency: false }) => {
            let begun = turn.begun().await;
            turn.finished().await;
            return begun;
        }
    };
    if !delay.is_zero() {
        clock.sleep_until(from + delay).await;
    }
    from
}
