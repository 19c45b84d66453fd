//! The body stage: what the response holds, how long it is, how its length is told, and how fast it is sent.

use bytes::Bytes;
use http::HeaderValue;
use upstorm_model::scenario::{Body, BodyContent, Framing};

use crate::payload::Content;
use crate::tempo::Slowness;

/// A body, ready to be sent again and again.
#[derive(Debug, Clone)]
pub(crate) struct BodyStage {
    /// What it holds.
    pub(crate) content: Content,
    /// How its length is told.
    pub(crate) framing: Framing,
    /// How fast it is sent, where that is bounded.
    pub(crate) slowness: Option<Slowness>,
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
            BodyContent::File(file) => (Content::Bytes(Bytes::from(file.text.clone())), file.content_type()),
        };
        let slowness = Slowness::of(body);
        Self { content, framing: body.framing, slowness, content_type: Some(content_type) }
    }

    /// No body, and no type of one.
    pub(crate) const fn empty() -> Self {
        let content = Content::Bytes(Bytes::new());
        Self { content, framing: Framing::ContentLength, slowness: None, content_type: None }
    }

    /// What Content-Type says of it.
    pub(crate) fn content_type(&self) -> Option<HeaderValue> {
        self.content_type.map(HeaderValue::from_static)
    }
}
