//! `tower-resilience`: its retry layer with exponential random backoff, and its circuit breaker.
//!
//! They are taken by themselves: 0.14, a release ahead of the 0.13 of the crate that gathers them. Retries wait by tokio's
//! time; the breaker asks the machine's clock.

use std::sync::{Arc, Mutex, PoisonError};

use http::Request;
use hyper::body::Bytes;
use tower::{Layer, ServiceExt};
use tower_resilience_circuitbreaker::{
    CircuitBreaker, CircuitBreakerError, CircuitBreakerLayer, FailureClassifier,
};
use tower_resilience_retry::{ExponentialRandomBackoff, Retry, RetryLayer};
use upstorm_model::policy::{BreakerKind, Window};
use upstorm_model::recording::Outcome;

use crate::ground::{Ground, Subject};
use crate::wire::{Ended, Ending, Reply, Wire};

/// The retry layer: jitter to both sides of the wait.
pub(crate) fn retry(ground: &Ground) -> Arc<dyn Subject> {
    let retry = &ground.settings.retry;
    let backoff = ExponentialRandomBackoff::new(retry.backoff.base.get(), retry.backoff.jitter_factor);
    let backoff = backoff.and_then(|backoff| backoff.multiplier(retry.backoff.multiplier));
    let backoff = backoff.expect("the scenario's backoff is one of the crate's");
    let layer = RetryLayer::<Request<Bytes>, Reply, Outcome>::builder()
        .max_attempts(retry.max_attempts as usize)
        .backoff(backoff.max_interval(retry.backoff.max.get()))
        .retry_on_response(|reply: &Reply| !reply.is_good())
        .build();
    Arc::new(Retried(layer.layer(ground.wire())))
}

struct Retried(Retry<Wire, Request<Bytes>, Reply, Outcome>);

impl Subject for Retried {
    fn call(&self, request: Request<Bytes>) -> Ending {
        Box::pin(self.0.clone().oneshot(request))
    }
}

/// The circuit breaker, by a window of calls or by failures in a row.
pub(crate) fn breaker(ground: &Ground) -> Arc<dyn Subject> {
    let breaker = &ground.settings.breaker;
    let config = CircuitBreakerLayer::builder()
        .failure_rate_threshold(breaker.failure_rate.get())
        .wait_duration_in_open(breaker.open_for.get())
        .permitted_calls_in_half_open(breaker.half_open_permits as usize);
    let config = match (breaker.kind, breaker.window) {
        (BreakerKind::Consecutive, _) => config.consecutive_failures(breaker.failures as usize),
        (_, Window::Calls(calls)) => config.sliding_window_size(calls as usize),
        (_, Window::Time(_)) => panic!("the scenarios have windows of calls"),
    };
    let layer =
        config.failure_classifier_type(Bad).build().expect("the scenario's breaker is one of the crate's");
    Arc::new(Broken(Mutex::new(layer.layer(ground.wire()))))
}

#[derive(Clone, Copy)]
struct Bad;

impl FailureClassifier<Reply, Outcome> for Bad {
    fn classify(&self, ended: &Ended) -> bool {
        !ended.is_ok_and(Reply::is_good)
    }
}

/// Its clones share one circuit. A clone may be made anywhere, but not looked at from two threads at once.
struct Broken(Mutex<CircuitBreaker<Wire, Bad>>);

impl Subject for Broken {
    fn call(&self, request: Request<Bytes>) -> Ending {
        let breaker = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            breaker.oneshot(request).await.map_err(|error| match error {
                CircuitBreakerError::OpenCircuit => Outcome::Rejected,
                CircuitBreakerError::Inner(outcome) => outcome,
            })
        })
    }
}
