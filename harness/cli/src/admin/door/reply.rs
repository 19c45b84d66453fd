//! What is answered: a status, a body of some kind, and perhaps a header.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde::Serialize;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: StatusCode,
    kind: &'static str,
    body: Vec<u8>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// This, as JSON.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::typed(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    /// A body of another kind.
    pub(crate) const fn typed(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Self {
        Self { status, kind, body, header: None }
    }

    /// With one more header; a value that cannot be one is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.header = HeaderValue::from_str(value).ok().map(|value| (name, value));
        self
    }

    /// As it is sent. Nothing of it may be kept by a cache: it is true for a moment.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // What is answered is never a page: a browser must not take it for one.
        headers.insert(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}
