//! The front: accepts callers' connections and serves HTTP/1.1 on them.
//!
//! A caller that leaves makes hyper drop the handler, which drops the attempt in flight, which closes its connection:
//! work nobody waits for stops all the way down. Idle connections are left to the callers to close, since closing them
//! here would race with a request on its way.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderValue, Request, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use upstorm_model::{HostId, Plan};
use upstorm_policy::Failure;
use upstorm_world::{Env, HyperTimer, Listener, Stream, hyper_io};

use super::forward::Forwarder;
use crate::closing::Running;

/// How long to wait before accepting again when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// What the accepting side needs.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub(super) env: Env,
    pub(super) plan: Arc<Plan>,
    pub(super) forwarder: Arc<Forwarder>,
    pub(super) running: Running,
}

/// Accepts until it is time to stop; then the listener is closed.
pub(super) async fn accept_all(front: Front, listener: Listener) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = front.running.door.closed() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => front.env.spawn.spawn(serve(front.clone(), stream, peer)),
            Err(_) => front.env.clock.sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection until it ends or it is time to stop.
async fn serve(front: Front, stream: Stream, peer: Option<HostId>) {
    let caller = caller_name(&front.plan, peer);
    let until_close = Arc::new(AtomicBool::new(false));
    let (forwarder, framed_by_close) = (Arc::clone(&front.forwarder), Arc::clone(&until_close));
    let service = service_fn(move |request: Request<Incoming>| {
        framed_by_close.store(request.version() == Version::HTTP_10, Ordering::Relaxed);
        Box::pin(Arc::clone(&forwarder).handle(request, caller.clone()))
    });
    let mut builder = http1::Builder::new();
    builder.auto_date_header(false).timer(HyperTimer::new(Arc::clone(&front.env.clock)));
    builder.header_read_timeout(None);
    let mut connection = builder.serve_connection(hyper_io(stream), service);
    let ended = tokio::select! {
        biased;
        () = front.running.door.closed() => return,
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
    };
    if ended.is_err_and(|error| must_reset(&error, until_close.load(Ordering::Relaxed))) {
        connection.into_parts().io.into_inner().abort();
    }
}

/// Whether a broken answer needs an RST: because that is how it broke, or because a plain close is how a whole body
/// ends towards an HTTP/1.0 caller, who would take the part for the whole.
fn must_reset(error: &hyper::Error, framed_by_close: bool) -> bool {
    let failure = error.source().and_then(|source| source.downcast_ref::<Failure>());
    failure.is_some_and(|failure| framed_by_close || *failure == Failure::Reset)
}

/// How a caller is named in `X-Forwarded-For`: an obfuscated identifier of RFC 7239 section 6.3, since a host of a
/// plan has no address that is the same in every run.
fn caller_name(plan: &Plan, peer: Option<HostId>) -> HeaderValue {
    let name = peer.map(|host| format!("_{}", plan.host_name(host)));
    let value = name.and_then(|name| HeaderValue::try_from(name).ok());
    value.unwrap_or_else(|| HeaderValue::from_static("unknown"))
}
