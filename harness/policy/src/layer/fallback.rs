//! Fallback: answers in the place of what failed.
//!
//! Outermost, since it is the last resort: below the cache, its answers would be kept as if they were real, and a stale
//! one that is real would never be served.

use std::sync::Arc;

use tower::ServiceExt;
use upstorm_model::policy;

use super::{Around, Below, Layer};
use crate::{Failure, Fallback, PolicyEvent, Replay, Reply, Time};

#[derive(Debug)]
pub(crate) struct FallbackLayer<S, T> {
    inner: S,
    fallback: Option<Fallback>,
    around: Around<T>,
}

impl<S, T: Time> FallbackLayer<S, T> {
    pub(crate) fn new(settings: &policy::Fallback, around: &Around<T>, inner: S) -> Self {
        Self { inner, fallback: Fallback::new(settings), around: around.clone() }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for FallbackLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let Some(fallback) = &self.fallback else { return self.inner.clone().oneshot(req).await };
        let method = req.method().clone();
        let outcome = self.inner.clone().oneshot(req).await;
        let status = outcome.as_ref().map(Reply::status).map_err(|failure| *failure);
        if !fallback.replaces(status) {
            return outcome;
        }
        drop(outcome);
        self.around.listener.on(self.around.time.now(), PolicyEvent::FellBack);
        Ok(S::Response::whole(fallback.answer(&method)))
    }
}
