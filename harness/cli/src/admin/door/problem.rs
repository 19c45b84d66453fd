//! What is answered where nothing can be done: problem details (RFC 9457), with the language's codes.
//!
//! A person who mistyped a key must learn the same from the API as from a file: which key, where, and what to write.

use http::StatusCode;
use http::header::{ALLOW, WWW_AUTHENTICATE};
use schemars::JsonSchema;
use serde::Serialize;
use upstorm_language::diagnostic::Code;
use upstorm_language::fragment;

use super::Reply;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No token, or a wrong one.
    NoToken,
    /// A page of another site speaks, or a name that is not this machine's.
    Foreign(String),
    /// No such path.
    NoSuchPath(String),
    /// The path takes other methods.
    Method {
        /// What was asked for.
        asked: String,
        /// What it takes.
        allowed: String,
    },
    /// The body is not of the kind that is read.
    Kind(String),
    /// The body is too large; so many bytes are read.
    TooLarge(usize),
    /// The body did not come to its end in time, or at all.
    Broken,
    /// The body is no JSON.
    NotJson(String),
    /// Somebody or something is named that does not exist.
    Unknown(Misfit),
    /// It is no piece of the language, or cannot be done.
    Misfits(Vec<Misfit>),
    /// The counters could not be written out.
    Metrics(String),
}

/// One thing that is wrong, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Misfit {
    /// The code of the language; `upstorm explain CODE` says more.
    pub(crate) code: String,
    /// What is wrong.
    pub(crate) message: String,
    /// Where in the body, as a JSON Pointer; empty for the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// Which parameter of the path or the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<String>,
    /// What to write instead.
    pub(crate) help: Vec<String>,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProblemView {
    /// Which kind of problem: `urn:upstorm:problem:` and a name.
    r#type: String,
    /// The kind in words, the same each time.
    title: &'static str,
    /// The status of the response.
    status: u16,
    /// What happened this time, and what to do.
    detail: String,
    /// Each thing that is wrong with what was written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    errors: Vec<Misfit>,
}

impl Misfit {
    /// About a parameter of the path or the query.
    pub(crate) fn of_parameter(code: &Code, parameter: &str, message: String) -> Self {
        let (code, parameter) = (code.id.to_owned(), Some(parameter.to_owned()));
        Self { code, message, pointer: None, parameter, help: Vec::new() }
    }

    /// About a place in the body.
    pub(crate) fn of_body(code: &Code, pointer: &str, message: String) -> Self {
        let (code, pointer) = (code.id.to_owned(), Some(pointer.to_owned()));
        Self { code, message, pointer, parameter: None, help: Vec::new() }
    }

    /// With what to write instead, where there is such advice.
    pub(crate) fn help(mut self, help: impl IntoIterator<Item = String>) -> Self {
        self.help.extend(help);
        self
    }
}

impl From<fragment::Refusal> for Problem {
    fn from(refusal: fragment::Refusal) -> Self {
        match refusal {
            fragment::Refusal::NotJson(message) => Self::NotJson(message),
            fragment::Refusal::Misfits(list) => {
                let told = |m: fragment::Misfit| Misfit::of_body(m.code, &m.pointer, m.message).help(m.help);
                Self::Misfits(list.into_iter().map(told).collect())
            }
        }
    }
}

impl Problem {
    /// The same, about a parameter of the query instead of a place in the body.
    pub(crate) fn in_parameter(self, parameter: &str) -> Self {
        let Self::Misfits(list) = self else { return self };
        let moved = |m: Misfit| Misfit { pointer: None, parameter: Some(parameter.to_owned()), ..m };
        Self::Misfits(list.into_iter().map(moved).collect())
    }

    /// As it is answered.
    pub(crate) fn reply(&self) -> Reply {
        let (status, name, title) = self.kind();
        let view = ProblemView {
            r#type: format!("urn:upstorm:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail(),
            errors: match self {
                Self::Unknown(misfit) => vec![misfit.clone()],
                Self::Misfits(list) => list.clone(),
                _ => Vec::new(),
            },
        };
        let body = serde_json::to_vec(&view).unwrap_or_default();
        let reply = Reply::typed(status, "application/problem+json", body);
        match self {
            Self::NoToken => reply.with(WWW_AUTHENTICATE, "Bearer realm=\"upstorm\""),
            Self::Method { allowed, .. } => reply.with(ALLOW, allowed),
            _ => reply,
        }
    }

    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no-token", "the admin API needs its token"),
            Self::Foreign(_) => (StatusCode::FORBIDDEN, "foreign", "this was not asked from this machine"),
            Self::NoSuchPath(_) => (StatusCode::NOT_FOUND, "no-such-path", "there is no such path"),
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method", "the path takes other methods"),
            Self::Kind(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "the body must be JSON"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is too large"),
            Self::Broken => (StatusCode::BAD_REQUEST, "broken", "the body did not come to its end"),
            Self::NotJson(_) => (StatusCode::BAD_REQUEST, "not-json", "the body must be JSON"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "unknown-name", "what is named does not exist"),
            Self::Misfits(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "not-the-language",
                "what is asked for is not in the language, or cannot be done",
            ),
            Self::Metrics(_) => (StatusCode::INTERNAL_SERVER_ERROR, "metrics", "the counters cannot be told"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NoToken => {
                "send `Authorization: Bearer TOKEN` with the token it was started with".to_owned()
            }
            Self::Foreign(what) => format!("{what}; nothing was read and nothing changed"),
            Self::NoSuchPath(path) => format!("there is no `{path}`; /openapi.json lists what there is"),
            Self::Method { asked, allowed } => format!("`{asked}` is not for this path; it takes {allowed}"),
            Self::Kind(kind) => {
                format!("send `Content-Type: application/json`; this was {kind}; nothing changed")
            }
            Self::TooLarge(most) => format!("at most {most} bytes are read; nothing changed"),
            Self::Broken => "the rest of it did not come; nothing changed".to_owned(),
            Self::NotJson(message) => format!("{message}; nothing changed"),
            Self::Unknown(misfit) => misfit.message.clone(),
            Self::Misfits(list) => {
                let what: Vec<&str> = list.iter().map(|misfit| misfit.message.as_str()).collect();
                format!("{}; nothing changed", what.join("; "))
            }
            Self::Metrics(message) => message.clone(),
        }
    }
}
