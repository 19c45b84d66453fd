//! A request on its way to the next hop, as the policies handle it.
//!
//! Every attempt of a call is a copy of the same request, with the same Idempotency-Key; only the span that sent it
//! differs, which is stamped on the wire ([`crate::wire`]).

use http::{HeaderMap, HeaderValue, Method, Uri, Version};
use upstorm_policy::{Replay, Scope};

use crate::body::OutBody;
use crate::headers::{ATTEMPT, IDEMPOTENCY_KEY};
use crate::trace::Trace;

/// Which of the requests of an attempt one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// The only one.
    #[default]
    Whole,
    /// Both of an update, which are not told apart yet.
    Update,
    /// The read of an update.
    Read,
    /// Its write.
    Write,
}

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
    /// What draws are keyed by: the call it belongs to, or where the hop before repeats it, that repetition of the call.
    pub(crate) call: u64,
    /// The attempts of the hops before that led here, such as `2.1`; empty where each was the first.
    pub(crate) led_by: Box<str>,
    /// The trace it belongs to.
    pub(crate) trace: Trace,
    /// Which attempt this is.
    pub(crate) scope: Scope,
    /// Which request of that attempt.
    pub(crate) part: Part,
}

impl Outbound {
    /// Which request of its call it is, from 1: the attempt, or where that is made of two requests, each of them.
    pub(crate) fn ordinal(&self) -> u32 {
        let attempt = self.scope.ordinal;
        match self.part {
            Part::Whole | Part::Update => attempt,
            Part::Read => attempt.saturating_mul(2).saturating_sub(1),
            Part::Write => attempt.saturating_mul(2),
        }
    }

    /// Says to the next hop which attempts led to this one. Without that, a gateway would make the same draws for each
    /// repetition of a call: the same waits, the same replicas, the same span ids.
    pub(crate) fn number(&mut self) {
        let ordinal = self.ordinal();
        let path = match (&*self.led_by, ordinal) {
            ("", 1) => return,
            ("", _) => ordinal.to_string(),
            (before, _) => format!("{before}.{ordinal}"),
        };
        if let Ok(value) = HeaderValue::try_from(path) {
            self.headers.insert(ATTEMPT, value);
        }
    }

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

    fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", |both| both.as_str())
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
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
            led_by: self.led_by.clone(),
            trace: self.trace,
            scope: self.scope,
            part: self.part,
        })
    }

    fn scope(&self) -> Scope {
        self.scope
    }

    fn set_scope(&mut self, scope: Scope) {
        self.scope = scope;
    }
}
