//! Fallback: what a call gets when everything else failed.
//!
//! A page without its recommendations is better than no page; but an answer that nobody can tell from a real one hides
//! an outage (Nygard, Release It!, 2nd edition, chapter 5). So it is marked by a header, and nothing made it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer that takes the place of a failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Fallback {
    /// Which fallback, if any.
    pub kind: FallbackKind,
    /// What it takes the place of.
    pub on: Vec<FallbackOn>,
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
    /// Its headers, besides the one that marks it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

impl Default for Fallback {
    fn default() -> Self {
        use FallbackOn::{ConnectFailure, Rejected, Reset, ServerError, Timeout};
        Self {
            kind: FallbackKind::Off,
            on: vec![ServerError, Timeout, Reset, ConnectFailure, Rejected],
            status: 200,
            body: String::new(),
            headers: BTreeMap::new(),
        }
    }
}

/// Which fallback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FallbackKind {
    /// None: a failure stays one.
    #[default]
    Off,
    /// The same answer to every call.
    Answer,
}

/// What a fallback takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FallbackOn {
    /// Status 500 to 599.
    #[serde(rename = "5xx")]
    ServerError,
    /// Status 429.
    #[serde(rename = "429")]
    TooManyRequests,
    /// Slower than the timeout of the attempt or the deadline of the call.
    Timeout,
    /// The connection broke before the head of the response was there.
    Reset,
    /// No connection was made.
    ConnectFailure,
    /// A limit, a bulkhead, a breaker or another policy did not let it through.
    Rejected,
}

impl Fallback {
    /// The response header that marks a fallback; its value is `true`.
    pub const HEADER: &'static str = "x-upstorm-fallback";
}
