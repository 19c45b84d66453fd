//! What a policy needs of a response, beside its status: to hear how its body ends, and to cut it.
//!
//! A response whose head is in is not over. A timeout that stops at the head lets a trickling body hang for ever; a
//! breaker that counts at the head takes every truncated response for a success; a bulkhead that frees its place at
//! the head is no limit. So guards are attached to the body and told its end. A body that breaks after its head was
//! passed on cannot be retried any more: the caller has seen part of it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Response};

use crate::{Detach, Failure};

/// A response as the policies see it. [`crate::Guarded`] makes one of any `http::Response`.
pub trait Reply: Sized + Send + 'static {
    /// Its status.
    fn status(&self) -> u16;

    /// Its headers.
    fn headers(&self) -> &HeaderMap;

    /// An answer that nobody has to wait for.
    fn whole(response: Response<Bytes>) -> Self;

    /// Shows the body to somebody as it passes.
    #[must_use]
    fn tap(self, tap: Box<dyn Tap>) -> Self;

    /// Its Retry-After, as written.
    fn retry_after(&self) -> Option<&str>;

    /// Its grpc-retry-pushback-ms, as written.
    fn pushback(&self) -> Option<&str>;

    /// Whether it is neither the upstream's failure nor a 429.
    fn is_success(&self) -> bool {
        self.status() < 500 && self.status() != 429
    }

    /// Its Date, as written.
    fn date(&self) -> Option<&str>;

    /// Tells the guard how the body ends: once, and at once if it has ended.
    #[must_use]
    fn guard(self, guard: Box<dyn Settle>) -> Self;

    /// Cuts the body when its time is over.
    #[must_use]
    fn limit(self, limit: Limit) -> Self;

    /// Reads the body to its end and forgets it.
    fn drain(self) -> BoxFuture<'static, ()>;
}

/// Hears how a body ends. Dropped unheard only if the response itself was never there.
pub trait Settle: Send {
    /// The body has ended.
    fn settled(self: Box<Self>, end: BodyEnd);
}

/// Sees a body as it passes, and hears how it ends.
pub trait Tap: Settle {
    /// The next of its bytes.
    fn passes(&mut self, bytes: &Bytes);
}

/// How the body of a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEnd {
    /// It was read to its last byte.
    Complete,
    /// It broke, or was cut by a limit.
    Broke(Failure),
    /// Whoever read it stopped before its end.
    Dropped,
}

/// How long a body may take.
#[must_use]
pub struct Limit {
    /// Completes when its time is over.
    pub sleep: BoxFuture<'static, ()>,
    /// What the reader is then told.
    pub failure: Failure,
    /// What is called when it is cut.
    pub on_cut: Box<dyn FnOnce() + Send>,
    /// Runs the rest of the body unheard, instead of closing its connection.
    pub abandon: Option<Arc<dyn Detach>>,
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("failure", &self.failure).finish_non_exhaustive()
    }
}
