//! The body stage: what the response holds, how long it is, and how its length is told.

use bytes::Bytes;
use http::HeaderValue;
use upstorm_model::scenario::{Body, BodyContent, Framing};

use crate::payload::Content;

/// A body, ready to be sent again and again.
#[derive(Debug, Clone)]
pub(crate) struct BodyStage {
    /// What it holds.
    pub(crate) content: Content,
    /// How its length is told.
    pub(crate) framing: Framing,
    content_type: Option<&'static str>,
}

impl BodyStage {
    /// Makes it ready.
    pub(crate) fn compile(body: &Body) -> Self {
        let (content, content_type) = match &body.content {
            BodyContent::Size(size) => (Content::Filler(*size), "application/octet-stream"),
            BodyContent::Text(text) => {
                (Content::Bytes(Bytes::from(text.clone())), "text/plain; charset=utf-8")
            }
            BodyContent::Json(json) => (Content::Bytes(Bytes::from(json.clone())), "application/json"),
        };
        Self { content, framing: body.framing, content_type: Some(content_type) }
    }

    /// No body, and no type of one.
    pub(crate) const fn empty() -> Self {
        Self { content: Content::Bytes(Bytes::new()), framing: Framing::ContentLength, content_type: None }
    }

    /// What Content-Type says of it.
    pub(crate) fn content_type(&self) -> Option<HeaderValue> {
        self.content_type.map(HeaderValue::from_static)
    }
}
