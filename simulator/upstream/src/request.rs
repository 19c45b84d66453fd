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
use crate::answer::Answer;
use crate::course::Asked;
use crate::deed::{Deed, Repeated};
use crate::fate::Decision;
use crate::fault::Action;
use crate::kept::Kept;
use crate::keys;
use crate::ledger::Ledger;
use crate::line::Line;
use crate::payload::Payload;
use crate::receive::{Unreceived, receive};
use crate::site::Site;
use crate::stage::{Draw, Held};
use crate::turn::Overdue;

/// A request whose fate is decided.
#[derive(Debug)]
pub(crate) struct Met {
    decision: Decision,
    attempt: Attempt,
    /// Whether the route remembers Idempotency-Keys.
    ledger: bool,
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
        peer: connection.peer,
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
        held: decision.kept.as_ref().map(Kept::held),
        effect: false,
    };
    Some(Met { decision, attempt, ledger: course.ledger })
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
    let begun = met.as_ref().map(|met| (met.attempt.head, met.attempt.route));
    let decision = met.map(|Met { mut decision, attempt, ledger }| {
        let (keys, rows) = (attempt.keys, site.rows_of(attempt.route));
        line.begin(attempt);
        act::put_instead(&mut decision, &parts.uri);
        // What a row is asked for is done or not when its version is compared.
        let deed = if rows.is_some() { None } else { Deed::of(&decision, &keys, ledger) };
        (decision, deed)
    });
    let (site, clock, line) = (Arc::clone(site), Arc::clone(&site.env.clock), Arc::clone(line));
    async move {
        let (Some((mut decision, deed)), Some((head, route))) = (decision, begun) else {
            return Err(Unreceived::NotWhole);
        };
        let doing = Doing { deed: deed.as_ref(), ledger: site.ledger_of(route), line: &line, clock: &clock };
        let waited = wait(decision.held.take(), (head, decision.fate.delay.get()), &doing);
        // The wait ends when its time is over, however long the caller goes on sending its request.
        let waited = async {
            let from = waited.await?;
            Ok((from, clock.now()))
        };
        let received = async {
            line.received(receive(body).await?);
            doing.on(Deed::whole)
        };
        let (from, until) = match tokio::try_join!(biased; received, waited) {
            Ok(((), held_back)) => held_back,
            Err(Early::Unreceived(Unreceived::TooLarge)) => {
                let decision = Decision::too_large(&parts.method);
                line.turn_away(decision.fate);
                return Ok(act::dismiss(&decision, line, &clock));
            }
            Err(Early::Unreceived(not_whole)) => return Err(not_whole),
            Err(Early::Overdue(answer)) => {
                let decision = Decision::overdue(answer, &parts.method);
                line.turn_away(decision.fate);
                return Ok(act::on_attempt(&decision, line, &clock).await);
            }
            Err(Early::Repeated(Repeated(status))) => {
                let decision = Decision::repeated(decision.answer.again(status), &parts.method);
                line.turn_away(decision.fate);
                return Ok(act::on_attempt(&decision, line, &clock).await);
            }
        };
        if decision.action != Action::Hang {
            line.held_back(from, until);
        }
        if let Some(kept) = decision.kept.take()
            && let Some(lasted) = kept.let_go(head, &clock).await
        {
            line.let_go(lasted);
        }
        if let Some(rows) = site.rows_of(route) {
            rows.meet(&mut decision, &parts);
            if Deed::is_done_at_last(&decision, &parts.method) {
                line.took_effect();
            }
        }
        Ok(act::on_attempt(&decision, line, &clock).await)
    }
}

/// Why a request does not wait for its time.
#[derive(Debug, thiserror::Error)]
enum Early {
    #[error(transparent)]
    Unreceived(#[from] Unreceived),
    #[error(transparent)]
    Repeated(#[from] Repeated),
    #[error("its turn came too late")]
    Overdue(Arc<Answer>),
}

/// What a request asks for, and who is told when it is done.
#[derive(Debug)]
struct Doing<'a> {
    deed: Option<&'a Deed>,
    ledger: Option<&'a Ledger>,
    line: &'a Line,
    clock: &'a Arc<dyn Clock>,
}

impl Doing<'_> {
    /// One of the things has come that it waits for.
    fn on(&self, came: fn(&Deed, Offset, Option<&Ledger>) -> Result<bool, Repeated>) -> Result<(), Early> {
        if let Some(deed) = self.deed
            && came(deed, self.clock.now(), self.ledger)?
        {
            self.line.took_effect();
        }
        Ok(())
    }
}

/// Waits for a worker, for its work and for the latency. Gives the time since when the latency counts: the head's, or
/// that of the worker.
///
/// # Errors
/// When what it asks for was done before, or its turn came too late.
async fn wait(
    held: Option<Held>,
    (head, delay): (Offset, Duration),
    doing: &Doing<'_>,
) -> Result<Offset, Early> {
    let from = match held {
        None => head,
        Some(Held { mut turn, then_latency, overflow }) => {
            let overdue = |Overdue| Early::Overdue(Arc::clone(&overflow));
            let begun = turn.begun().await.map_err(overdue)?;
            doing.on(Deed::begun)?;
            let finished = turn.finished().await.map_err(overdue)?;
            if !then_latency {
                return Ok(begun);
            }
            finished
        }
    };
    if !delay.is_zero() {
        doing.clock.sleep_until(from + delay).await;
    }
    Ok(from)
}
