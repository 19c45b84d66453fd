//! Listening: connections, requests, and bounds on all of them.
//!
//! So that nobody who may come in can hold it up: so many connections at once, so many bytes of a body, so long for a
//! head and for a body. hyper reads and writes HTTP; what a path means stands in one table.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::sync::Semaphore;
use upstorm_world::{BindError, Clock, Env, HyperTimer, Stream, hyper_io};

use super::asked::{json_only, segments};
use super::guard::Guard;
use super::{Asked, Problem, Reply};
use crate::admin::api::{Endpoint, find};
use crate::admin::{Desk, Way};

/// No body is read beyond this: a behaviour fits in a hundredth.
const MOST_BYTES: usize = 64 * 1024;
/// Connections at once; more wait.
const CONNECTIONS: usize = 64;
/// How long a head, or a body, may take; also how long an idle connection is kept.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before an accept that failed is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// Listens, and answers in the background for as long as the world goes on. Gives the address.
///
/// # Errors
/// When the address is taken or not this machine's.
pub(crate) async fn listen(env: Env, way: Way, desk: Arc<Desk>) -> Result<SocketAddr, BindError> {
    let listener = env.net.bind(Some(way.address)).await?;
    let address = listener.local_addr();
    let guard = Arc::new(Guard::new(address, way.token));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let spawn = Arc::clone(&env.spawn);
    spawn.spawn(async move {
        // The semaphore is never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                env.clock.sleep(AGAIN).await;
                continue;
            };
            let (guard, desk, clock) = (Arc::clone(&guard), Arc::clone(&desk), Arc::clone(&env.clock));
            env.spawn.spawn(async move {
                attend(stream, &guard, &desk, clock).await;
                drop(place);
            });
        }
    });
    Ok(address)
}

async fn attend(stream: Stream, guard: &Guard, desk: &Desk, clock: Arc<dyn Clock>) {
    let service = service_fn(|request: Request<Incoming>| {
        let clock = Arc::clone(&clock);
        async move {
            let answered = answer(request, guard, desk, &clock).await;
            let reply = answered.unwrap_or_else(|problem| problem.reply());
            Ok::<Response<Full<Bytes>>, std::convert::Infallible>(reply.into_response())
        }
    });
    let served = http1::Builder::new()
        .timer(HyperTimer::new(Arc::clone(&clock)))
        .header_read_timeout(PATIENCE)
        .serve_connection(hyper_io(stream), service)
        .await;
    // A caller that left needs no answer.
    drop(served);
}

async fn answer(
    request: Request<Incoming>,
    guard: &Guard,
    desk: &Desk,
    clock: &Arc<dyn Clock>,
) -> Result<Reply, Problem> {
    let (parts, body) = request.into_parts();
    guard.admit(&parts.headers)?;
    let (endpoint, names) = find(parts.method.as_str(), parts.uri.path(), &segments(parts.uri.path()))?;
    let body = read(endpoint, &parts, body, clock).await?;
    let asked = Asked::of(&parts, names, body);
    asked.only(endpoint.parameters)?;
    if endpoint.settles {
        desk.settle().await;
    }
    (endpoint.answer)(desk, &asked)
}

/// The body as text; empty where the endpoint takes none.
async fn read(
    endpoint: &Endpoint,
    parts: &Parts,
    body: Incoming,
    clock: &Arc<dyn Clock>,
) -> Result<String, Problem> {
    if body.size_hint().lower() > MOST_BYTES as u64 {
        return Err(Problem::TooLarge(MOST_BYTES));
    }
    let whole = clock.timeout_at(clock.now() + PATIENCE, Limited::new(body, MOST_BYTES).collect()).await;
    let bytes = match whole {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Problem::TooLarge(MOST_BYTES)),
        Ok(Err(_)) | Err(_) => return Err(Problem::Broken),
    };
    if endpoint.takes.is_none() || (bytes.is_empty() && endpoint.body_may_be_left_out()) {
        return Ok(String::new());
    }
    json_only(parts)?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::NotJson("it is not UTF-8".to_owned()))
}
