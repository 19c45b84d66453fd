//! The stack: the order of the layers, written once.
//!
//! From the outside in, and why each stands where it does:
//!
//! | layer | why here |
//! |---|---|
//! | fallback | the last resort: below the cache, its answers would be kept, and would hide that stale ones are called for |
//! | cache | an answer that is here costs nothing of what is below; it sees every failure that a stale answer may replace |
//! | deadline | it covers everything, the wait for a place and between retries included |
//! | failover | below the deadline, which no target may use up alone; above all that is about one target, for it holds a stack of the layers below for each |
//! | limiter | before the bulkhead, so that a call over the rate takes no place; per call, so that retries need no token |
//! | bulkhead | a call holds one place through all its attempts: retries cannot multiply what is in flight |
//! | throttle | after the limits, which reject for this gateway's own sake; before the retry, so that a call held back makes no attempt |
//! | hedge | inside the bulkhead, since a call holds one place however often it is sent; outside the retry, so that an extra attempt is not retried |
//! | retry, with its budget | outside the breaker, each attempt passes the breaker and counts there, and a breaker that opens ends the retries |
//! | breaker | next to the wire, it sees each attempt |
//! | balance | below the breaker, which is about all replicas of a name; above the timeouts, so that a cut attempt counts against its replica |
//! | timeout | innermost, so that a cut attempt is a failure to the breaker and a reason to the retry |
//! | transport | one attempt on the wire; dropping it closes its connection |
//!
//! `retry.position = "inside-breaker"` swaps retry and breaker: the breaker then sees one outcome a call, opens later
//! by as many attempts as a call makes, and does not stop retries under way. A rejection is never retried: the layer
//! that rejects is either outside the retry or meant it.

use std::sync::Arc;

use tower::Service;
use tower::util::BoxCloneSyncService;
use upstorm_model::policy::{CacheKind, FallbackKind, PolicySettings, Position};

use crate::layer::{
    BalanceLayer, BreakerLayer, BulkheadLayer, CacheLayer, DeadlineLayer, FailoverLayer, FallbackLayer,
    HedgeLayer, LimiterLayer, Purse, RetryLayer, ThrottleLayer, TimeoutLayer, Turn,
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
    stack_over(settings, around, vec![Tier { around: around.clone(), replicas: vec![transport] }])
}

/// One of the targets that a call may go to, in the order they are tried.
#[derive(Debug)]
pub struct Tier<S, T> {
    /// What its layers are handed: a name and a listener of its own, so that its draws and its breaker are told apart.
    pub around: Surroundings<T>,
    /// A transport for each of its replicas, at least one.
    pub replicas: Vec<S>,
}

/// Builds the stack over several targets and their replicas: what holds for [`stack`] holds for each transport.
pub fn stack_over<S, T, Req, Rep>(
    settings: &PolicySettings,
    around: &Surroundings<T>,
    tiers: Vec<Tier<S, T>>,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let around = Arc::new(around.clone());
    let mut targets: Vec<Stack<Req, Rep>> = tiers.into_iter().map(|tier| target(settings, tier)).collect();
    match targets.len() {
        1 => whole(settings, &around, targets.remove(0)),
        _ => whole(settings, &around, Turn::new(FailoverLayer::new(settings, &around, targets))),
    }
}

/// One target: its replicas below one breaker, one budget and one set of limits.
fn target<S, T, Req, Rep>(settings: &PolicySettings, tier: Tier<S, T>) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let around = Arc::new(tier.around);
    let attempt = |transport| Turn::new(TimeoutLayer::new(&settings.deadline, &around, transport));
    let mut replicas: Vec<_> = tier.replicas.into_iter().map(attempt).collect();
    match replicas.len() {
        1 => attempts(settings, &around, replicas.remove(0)),
        _ => attempts(settings, &around, Turn::new(BalanceLayer::new(settings, &around, replicas))),
    }
}

/// The layers that see each attempt.
fn attempts<S, T, Req, Rep>(
    settings: &PolicySettings,
    around: &Arc<Surroundings<T>>,
    attempt: S,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let purse = Purse::new(&settings.retry.budget, around);
    match settings.retry.position {
        Position::OutsideBreaker => {
            let breaker = Turn::new(BreakerLayer::new(&settings.breaker, around, attempt));
            calls(
                settings,
                &purse,
                around,
                Turn::new(RetryLayer::new(&settings.retry, &purse, around, breaker)),
            )
        }
        Position::InsideBreaker => {
            let retry = Turn::new(RetryLayer::new(&settings.retry, &purse, around, attempt));
            calls(settings, &purse, around, Turn::new(BreakerLayer::new(&settings.breaker, around, retry)))
        }
    }
}

/// The layers that see each call at one target.
fn calls<S, T, Req, Rep>(
    settings: &PolicySettings,
    purse: &Purse<T>,
    around: &Arc<Surroundings<T>>,
    attempts: S,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let hedge = Turn::new(HedgeLayer::new(settings, purse, around, attempts));
    let throttle = Turn::new(ThrottleLayer::new(&settings.throttle, around, hedge));
    let bulkhead = Turn::new(BulkheadLayer::new(&settings.limits, around, throttle));
    let limiter = Turn::new(LimiterLayer::new(&settings.limits, around, bulkhead));
    BoxCloneSyncService::new(limiter)
}

/// The layers that see each call once, wherever it goes.
fn whole<S, T, Req, Rep>(
    settings: &PolicySettings,
    around: &Arc<Surroundings<T>>,
    calls: S,
) -> Stack<Req, Rep>
where
    S: Service<Req, Response = Rep, Error = Failure, Future: Send> + Clone + Send + Sync + 'static,
    T: Time,
    Req: Replay,
    Rep: Reply,
{
    let deadline = Turn::new(DeadlineLayer::new(&settings.deadline, around, calls));
    if settings.cache.kind == CacheKind::Off && settings.fallback.kind == FallbackKind::Off {
        return BoxCloneSyncService::new(deadline);
    }
    let cache = Turn::new(CacheLayer::new(&settings.cache, around, deadline));
    BoxCloneSyncService::new(Turn::new(FallbackLayer::new(&settings.fallback, around, cache)))
}
