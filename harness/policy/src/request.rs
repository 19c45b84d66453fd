//! What a policy needs to know of a request.
//!
//! A retry sends the same request again, so it must be a copy with the same Idempotency-Key; and every draw is keyed
//! by the call, so the request must say which call it belongs to. How a request is stored or sent is left to whoever
//! implements this.

use upstorm_model::Offset;

/// A request as the policies see it.
pub trait Replay: Sized + Send + 'static {
    /// Its method.
    fn method(&self) -> &http::Method;

    /// Path and query as they are asked for: with the method, what an answer is kept by.
    fn target(&self) -> &str;

    /// Its headers.
    fn headers(&self) -> &http::HeaderMap;

    /// Whether it carries an Idempotency-Key.
    fn is_keyed(&self) -> bool;

    /// The call it belongs to, as a number: draws are keyed by it.
    fn call(&self) -> u64;

    /// A copy to send again; none if its body cannot be sent twice. Only asked before an attempt that may have
    /// another after or beside it.
    fn replay(&self) -> Option<Self>;

    /// Where it stands in its call: what [`Replay::set_scope`] last said, or the default.
    fn scope(&self) -> Scope;

    /// The layers say here which attempt this is and until when.
    fn set_scope(&mut self, scope: Scope);
}

/// A request of some size is better moved through the layers in a box.
impl<R: Replay> Replay for Box<R> {
    fn method(&self) -> &http::Method {
        (**self).method()
    }

    fn target(&self) -> &str {
        (**self).target()
    }

    fn headers(&self) -> &http::HeaderMap {
        (**self).headers()
    }

    fn is_keyed(&self) -> bool {
        (**self).is_keyed()
    }

    fn call(&self) -> u64 {
        (**self).call()
    }

    fn replay(&self) -> Option<Self> {
        (**self).replay().map(Self::new)
    }

    fn scope(&self) -> Scope {
        (**self).scope()
    }

    fn set_scope(&mut self, scope: Scope) {
        (**self).set_scope(scope);
    }
}

/// Where an attempt stands in its call. Fits well into an `http::Request`'s extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Which attempt of its call it is, from 1.
    pub ordinal: u32,
    /// When the call is over, if it has a deadline.
    pub deadline: Option<Offset>,
    /// Whether it is an extra attempt beside a slow one: sent once, whatever comes of it.
    pub extra: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { ordinal: 1, deadline: None, extra: false }
    }
}
