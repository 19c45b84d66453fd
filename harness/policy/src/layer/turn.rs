//! A layer's turn: the one tower service that all layers are.
//!
//! Layers differ in what they do with a request, not in how tower asks them to; each is always ready, since what may
//! have to wait is decided with the request at hand.

use std::future::Future;
use std::task::{Context, Poll};

use tower::Service;

use super::Answer;
use crate::{Failure, Reply};

/// What a layer does with one request.
pub(crate) trait Layer<Req>: Clone + Send + Sync + 'static {
    /// What it answers.
    type Reply: Reply;

    /// Does it, with a clone of its own; clones share their machine.
    fn run(self, req: Req) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;
}

/// A layer as a tower service.
#[derive(Debug, Clone)]
pub(crate) struct Turn<L>(pub(crate) L);

impl<L: Layer<Req>, Req: Send + 'static> Service<Req> for Turn<L> {
    type Response = L::Reply;
    type Error = Failure;
    type Future = Answer<L::Reply>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: Req) -> Self::Future {
        Box::pin(self.0.clone().run(req))
    }
}
