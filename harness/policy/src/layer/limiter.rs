//! Rate limit of calls: one that finds no token is rejected at once, never queued.
//!
//! A queue before a rate limit only turns rejections into timeouts; who may wait is the bulkhead's business.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tower::{Service, ServiceExt};
use upstorm_model::policy::Limits;

use super::{Answer, Around, Below, lock};
use crate::{Failure, Limiter, PolicyEvent, Rejection, Replay, Time};

#[derive(Debug, Clone)]
pub(crate) struct LimiterLayer<S, T> {
    inner: S,
    limiter: Arc<Mutex<Limiter>>,
    around: Around<T>,
}

impl<S, T: Time> LimiterLayer<S, T> {
    pub(crate) fn new(settings: &Limits, around: &Around<T>, inner: S) -> Self {
        Self { inner, limiter: Arc::new(Mutex::new(Limiter::new(settings))), around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Service<Req> for LimiterLayer<S, T> {
    type Response = S::Response;
    type Error = Failure;
    type Future = Answer<S::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: Req) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let now = this.around.time.now();
            let taken = lock(&this.limiter).take(now);
            if let Err(retry_after) = taken {
                this.around.listener.on(now, PolicyEvent::RateLimited);
                return Err(Rejection::RateLimited { retry_after }.into());
            }
            this.inner.oneshot(req).await
        })
    }
}
