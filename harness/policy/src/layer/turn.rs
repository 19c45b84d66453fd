//! A layer's turn: the one tower service that all layers are.
//!
//! Layers differ in what they do with a request, not in how tower asks them to; each is always ready, since what may
//! have to wait is decided with the request at hand.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;

use super::Answer;
use crate::{Failure, Reply};

/// What a layer does with one request.
pub(crate) trait Layer<Req>: Send + Sync + 'static {
    /// What it answers.
    type Reply: Reply;

    /// Does it.
    fn run(self: Arc<Self>, req: Req) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;
}

/// A layer as a tower service. Clones share the layer: tower clones a service for each call, and a stack of layers that
/// hold each other would be copied whole, and again by each layer what is below it.
#[derive(Debug)]
pub(crate) struct Turn<L>(Arc<L>);

impl<L> Turn<L> {
    pub(crate) fn new(layer: L) -> Self {
        Self(Arc::new(layer))
    }
}

impl<L> Clone for Turn<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<L: Layer<Req>, Req: Send + 'static> Service<Req> for Turn<L> {
    type Response = L::Reply;
    type Error = Failure;
    type Future = Answer<L::Reply>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: Req) -> Self::Future {
        Box::pin(Arc::clone(&self.0).run(req))
    }
}
