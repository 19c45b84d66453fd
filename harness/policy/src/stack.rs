//! The stack: the order of the layers, written once.
//!
//! From the outside in, and why each stands where it does:
//!
//! | layer | why here |
//! |---|---|
//! | deadline | it covers everything, the wait for a place and between retries included |
//! | limiter | before the bulkhead, so that a call over the rate takes no place; per call, so that retries need no token |
//! | bulkhead | a call holds one place through all its attempts: retries cannot multiply what is in flight |
//! | retry, with its budget | outside the breaker, each attempt passes the breaker and counts there, and a breaker that opens ends the retries |
//! | breaker | next to the wire, it sees each attempt |
//! | timeout | innermost, so that a cut attempt is a failure to the breaker and a reason to the retry |
//! | transport | one attempt on the wire; dropping it closes its connection |
//!
//! `retry.position = "inside-breaker"` swaps retry and breaker: the breaker then sees one outcome a call, opens later
//! by as many attempts as a call makes, and does not stop retries under way. A rejection is never retried: the layer
//! that rejects is either outside the retry or meant it.

use std::sync::Arc;

use tower::Service;
use tower::util::BoxCloneSyncService;
use upstorm_model::policy::{PolicySettings, Position};

use crate::layer::{
    BreakerLayer, BulkheadLayer, DeadlineLayer, LimiterLayer, RetryLayer, TimeoutLayer, Turn,
};
use crate::{Failure, Replay, Reply, Surroundings, Time};

/// A whole stack: one call above, one attempt on the wire below. Clones share the breaker, the budget and the limits.
pub type Stack<Req, Rep> = BoxCloneSyncService<Req, Rep, Failure>;

/// Builds the stack over a transport that makes one attempt on the wire. Build one for each target, since that is what
/// its breaker and budget are about.
///
/// The transport fails with [`Failure::ConnectFailed`] when no connection is made (its connect timeout included), and
/// gives the response as soon as its head is in. Dropping its future, or the body of its response before the end, must
/// close the connection.
pub fn stack<S, T, Req, Rep>(
    settings: &PolicySettings,
    around: &Surroundings<T>,
    transport: S,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let around = Arc::new(around.clone());
    let attempt = Turn::new(TimeoutLayer::new(&settings.deadline, &around, transport));
    match settings.retry.position {
        Position::OutsideBreaker => {
            let breaker = Turn::new(BreakerLayer::new(&settings.breaker, &around, attempt));
            outer(settings, &around, Turn::new(RetryLayer::new(&settings.retry, &around, breaker)))
        }
        Position::InsideBreaker => {
            let retry = Turn::new(RetryLayer::new(&settings.retry, &around, attempt));
            outer(settings, &around, Turn::new(BreakerLayer::new(&settings.breaker, &around, retry)))
        }
    }
}

/// The layers that see whole calls.
fn outer<S, T, Req, Rep>(
    settings: &PolicySettings,
    around: &Arc<Surroundings<T>>,
    attempts: S,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let bulkhead = Turn::new(BulkheadLayer::new(&settings.limits, around, attempts));
    let limiter = Turn::new(LimiterLayer::new(&settings.limits, around, bulkhead));
    BoxCloneSyncService::new(Turn::new(DeadlineLayer::new(&settings.deadline, around, limiter)))
}
