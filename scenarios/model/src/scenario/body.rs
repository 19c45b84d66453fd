//! Bodies: what a response or request carries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ByteRate, ByteSize, Varying};

/// A body: exactly one of `size`, `text`, `json`, `file`, how it is framed and how fast it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Body {
    /// What it holds.
    #[serde(flatten)]
    pub content: BodyContent,
    /// How its length is told.
    #[serde(default)]
    pub framing: Framing,
    /// How fast it is sent; without it, as fast as the network takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Varying<ByteRate>>,
    /// How much of it is sent at a time, beside `rate`; without it, what the rate sends in a tenth of a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<ByteSize>,
}

/// What a body holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyContent {
    /// So many bytes of filler.
    Size(Varying<ByteSize>),
    /// This text, as text/plain.
    Text(String),
    /// This JSON text, as application/json.
    Json(String),
    /// The text of this file, of the type that its name tells.
    File(BodyFile),
}

/// A file whose text is a body. A scenario names it; a plan holds what was read, so that it needs the file no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BodyFile {
    /// Its name, as written.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl BodyFile {
    /// The Content-Type that the end of its name tells; plain text where it tells none.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        let known = [
            ("json", "application/json"),
            ("html", "text/html; charset=utf-8"),
            ("xml", "application/xml"),
            ("csv", "text/csv; charset=utf-8"),
        ];
        let end = self.name.rsplit_once('.').map_or("", |(_, end)| end);
        known
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(end))
            .map_or("text/plain; charset=utf-8", |k| k.1)
    }
}

impl JsonSchema for BodyFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BodyFile".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "description": "A file of UTF-8 text, beside the scenario."})
    }
}

/// How the length of a body is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// A Content-Length header.
    #[default]
    ContentLength,
    /// Transfer-Encoding: chunked.
    Chunked,
}

impl Body {
    /// So many bytes of filler, with a Content-Length.
    #[must_use]
    pub fn of_size(size: ByteSize) -> Self {
        Self::holding(BodyContent::Size(size.into()))
    }

    /// This content, with a Content-Length, as fast as the network takes it.
    #[must_use]
    pub const fn holding(content: BodyContent) -> Self {
        Self { content, framing: Framing::ContentLength, rate: None, chunk: None }
    }

    /// How many bytes it has at `progress` through the phase.
    #[must_use]
    pub fn len_at(&self, progress: f64) -> u64 {
        match &self.content {
            BodyContent::Size(size) => size.at(progress).get(),
            BodyContent::Text(text) | BodyContent::Json(text) => text.len() as u64,
            BodyContent::File(file) => file.text.len() as u64,
        }
    }
}
