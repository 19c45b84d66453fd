//! The wire: the lowest service of the stack, which makes one attempt.
//!
//! What differs from attempt to attempt of a call is stamped here, below the retries: the parent id of `traceparent`, and
//! with `retry.key = "per-attempt"` (a defect, there to be shown) the Idempotency-Key of every attempt but the first.
//! Whether and when there is another attempt is left to the layers above.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::Response;
use tower::Service;
use upstorm_model::policy::AttemptKey;
use upstorm_model::{Seed, Stream};
use upstorm_policy::{Failure, Guarded, Stack};

use crate::headers::IDEMPOTENCY_KEY;
use crate::hex;
use crate::outbound::Outbound;
use crate::pool::{AnswerBody, Pool};
use crate::trace::TRACEPARENT;

/// An answer as it comes through the stack.
pub(crate) type Answered = Response<Guarded<AnswerBody>>;
/// The whole stack over the wire.
pub(crate) type Calls = Stack<Box<Outbound>, Answered>;

/// Makes attempts. Clones share the pool.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pool: Arc<Pool>,
    seed: Seed,
    spans: Stream,
    /// Where each retry gets a new Idempotency-Key: what draws it.
    new_keys: Option<Stream>,
    /// Whether the next hop is told which attempts led to this one.
    numbered: bool,
}

impl Wire {
    /// Sends over this pool, for the host of this name.
    pub(crate) fn new(pool: Pool, seed: Seed, name: &str) -> Self {
        Self {
            pool: Arc::new(pool),
            seed,
            spans: Stream::named(&[name, "traceparent", "span"]),
            new_keys: None,
            numbered: false,
        }
    }

    /// Whether the next hop is a gateway, which must tell apart the attempts it is asked for.
    pub(crate) fn numbered(self, numbered: bool) -> Self {
        Self { numbered, ..self }
    }

    /// Whether all attempts of a call keep its Idempotency-Key.
    pub(crate) fn with_keys(self, keys: AttemptKey, name: &str) -> Self {
        let fresh = || Stream::named(&[name, "idempotency-key", "attempt"]);
        Self { new_keys: (keys == AttemptKey::PerAttempt).then(fresh), ..self }
    }
}

impl Service<Box<Outbound>> for Wire {
    type Response = Answered;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Answered, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        // Waiting for a connection is part of the attempt: its timeout must cover it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut outbound: Box<Outbound>) -> Self::Future {
        let mut dice = self.seed.dice(self.spans, outbound.call, u64::from(outbound.ordinal()));
        outbound.headers.insert(TRACEPARENT, outbound.trace.with_parent(&mut dice));
        let again = outbound.scope.ordinal > 1 && outbound.headers.contains_key(IDEMPOTENCY_KEY);
        if let Some(keys) = self.new_keys.filter(|_| again) {
            let mut dice = self.seed.dice(keys, outbound.call, u64::from(outbound.scope.ordinal));
            outbound.headers.insert(IDEMPOTENCY_KEY, hex::value::<32>(dice.long_bits()));
        }
        if self.numbered {
            outbound.number();
        }
        let pool = Arc::clone(&self.pool);
        Box::pin(async move {
            let response = pool.exchange(outbound.into_request()).await?;
            Ok(response.map(Guarded::new))
        })
    }
}
