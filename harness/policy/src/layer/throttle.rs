//! Adaptive throttle: rejects a call here that its upstream would probably turn away.
//!
//! It sees whole calls: what counts is whether a call was accepted in the end. Accepted is what was answered below 500 and
//! not with 429; a call that found an open breaker or no connection was not.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::{Stream, policy};

use super::{Around, Below, Layer, lock};
use crate::{Failure, PolicyEvent, Rejection, Replay, Reply, Throttle, Time};

#[derive(Debug)]
pub(crate) struct ThrottleLayer<S, T> {
    inner: S,
    throttle: Mutex<Throttle>,
    draws: Stream,
    around: Around<T>,
}

impl<S, T: Time> ThrottleLayer<S, T> {
    pub(crate) fn new(settings: &policy::Throttle, around: &Around<T>, inner: S) -> Self {
        let draws = Stream::named(&[&around.name, "throttle"]);
        Self { inner, throttle: Mutex::new(Throttle::new(settings)), draws, around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for ThrottleLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let now = self.around.time.now();
        let mut dice = self.around.seed.dice(self.draws, req.call(), 0);
        let passes = lock(&self.throttle).pass(now, &mut dice);
        if !passes {
            self.around.listener.on(now, PolicyEvent::Throttled);
            return Err(Rejection::Throttled.into());
        }
        let outcome = self.inner.clone().oneshot(req).await;
        if outcome.as_ref().is_ok_and(Reply::is_success) {
            lock(&self.throttle).accepted(self.around.time.now());
        }
        outcome
    }
}
