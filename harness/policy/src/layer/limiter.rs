//! Rate limit of calls: one that finds no token is rejected at once, never queued.
//!
//! A queue before a rate limit only turns rejections into timeouts; who may wait is the bulkhead's business.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::policy::Limits;

use super::{Around, Below, Layer, lock};
use crate::{Failure, Limiter, PolicyEvent, Rejection, Replay, Time};

#[derive(Debug)]
pub(crate) struct LimiterLayer<S, T> {
    inner: S,
    limiter: Mutex<Limiter>,
    around: Around<T>,
}

impl<S, T: Time> LimiterLayer<S, T> {
    pub(crate) fn new(settings: &Limits, around: &Around<T>, inner: S) -> Self {
        Self { inner, limiter: Mutex::new(Limiter::new(settings)), around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for LimiterLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let now = self.around.time.now();
        let taken = lock(&self.limiter).take(now);
        if let Err(retry_after) = taken {
            self.around.listener.on(now, PolicyEvent::RateLimited);
            return Err(Rejection::RateLimited { retry_after }.into());
        }
        self.inner.clone().oneshot(req).await
    }
}
