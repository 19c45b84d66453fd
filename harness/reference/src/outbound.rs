//! A request on its way to the next hop, as the policies handle it.
//!
//! Every attempt of a call is a copy of the same request, with the same Idempotency-Key; only the span that sent it
//! differs, which is stamped on the wire ([`crate::wire`]).

use http::{HeaderMap, Method, Uri, Version};
use upstorm_policy::{Replay, Scope};

use crate::body::OutBody;
use crate::headers::IDEMPOTENCY_KEY;
use crate::trace::Trace;

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// Its method.
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) uri: Uri,
    /// Its headers, without those of the last hop.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: OutBody,
    /// The call it belongs to: draws are keyed by it.
    pub(crate) call: u64,
    /// The trace it belongs to.
    pub(crate) trace: Trace,
    /// Which attempt this is.
    pub(crate) scope: Scope,
}

impl Outbound {
    /// As hyper sends it.
    pub(crate) fn into_request(self) -> http::Request<OutBody> {
        let mut request = http::Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = self.headers;
        request
    }
}

impl Replay for Outbound {
    fn method(&self) -> &Method {
        &self.method
    }

    fn is_keyed(&self) -> bool {
        self.headers.contains_key(IDEMPOTENCY_KEY)
    }

    fn call(&self) -> u64 {
        self.call
    }

    fn replay(&self) -> Option<Self> {
        Some(Self {
            body: self.body.replay()?,
            method: self.method.clone(),
            uri: self.uri.clone(),
            headers: self.headers.clone(),
            call: self.call,
            trace: self.trace,
            scope: self.scope,
        })
    }

    fn scope(&self) -> Scope {
        self.scope
    }

    fn set_scope(&mut self, scope: Scope) {
        self.scope = scope;
    }
}
