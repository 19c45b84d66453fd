//! The layers: one thin tower service around each machine.
//!
//! Each asks its machine, calls the service below, and hands the events on. What may be decided without waiting is
//! decided in the machines. A call whose future is dropped is given up: every layer lets go of what it holds.

mod balance;
mod breaker;
mod bulkhead;
mod cache;
mod deadline;
mod failover;
mod fallback;
mod filling;
mod hedge;
mod limiter;
mod purse;
mod retry;
mod throttle;
mod timeout;
mod turn;

pub(crate) use balance::BalanceLayer;
pub(crate) use breaker::BreakerLayer;
pub(crate) use bulkhead::BulkheadLayer;
pub(crate) use cache::CacheLayer;
pub(crate) use deadline::DeadlineLayer;
pub(crate) use failover::FailoverLayer;
pub(crate) use fallback::FallbackLayer;
pub(crate) use hedge::HedgeLayer;
pub(crate) use limiter::LimiterLayer;
pub(crate) use purse::Purse;
pub(crate) use retry::RetryLayer;
pub(crate) use throttle::ThrottleLayer;
pub(crate) use timeout::TimeoutLayer;
pub(crate) use turn::{Layer, Turn};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tower::Service;

use crate::{Failure, Reply, Surroundings};

/// A service that a layer stands on.
pub(crate) trait Below<Req>:
    Service<Req, Response: Reply, Error = Failure, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S, Req> Below<Req> for S where
    S: Service<Req, Response: Reply, Error = Failure, Future: Send> + Clone + Send + Sync + 'static
{
}

/// What a layer's call returns.
pub(crate) type Answer<Rep> = BoxFuture<'static, Result<Rep, Failure>>;

/// What the layers of a stack share.
pub(crate) type Around<T> = Arc<Surroundings<T>>;

/// A machine's turn. A thread that panicked while it held one left it between two steps, never inside one.
pub(crate) fn lock<M>(machine: &Mutex<M>) -> MutexGuard<'_, M> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}
