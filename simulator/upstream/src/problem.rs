//! The upstream's own refusals, as problem details (RFC 9457): of requests that no scenario could serve.
//!
//! They are no failure that a scenario asked for, and must be told from one at a glance.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use upstorm_model::scenario::{Body, BodyContent, Framing};

use crate::answer::Answer;
use crate::stage::BodyStage;

/// What a refusal says: its name, which ends its type; its title; and what was wrong this time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The last part of its type.
    pub(crate) name: &'a str,
    /// What it is about.
    pub(crate) title: &'a str,
    /// What was wrong, and what to do instead.
    pub(crate) detail: &'a str,
}

/// The refusal of this status.
pub(crate) fn problem(status: StatusCode, Words { name, title, detail }: Words<'_>) -> Answer {
    let text = json!({
        "type": format!("urn:upstorm:problem:{name}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    let content = BodyContent::Json(text.to_string());
    let body = Body { content, framing: Framing::ContentLength, rate: None, chunk: None };
    let kind = (CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    Answer { status, headers: HeaderMap::from_iter([kind]), advice: None, body: BodyStage::compile(&body) }
}
