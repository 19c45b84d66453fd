//! `limit`: the upstream's rate limit, and the Retry-After it sends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Rate, TimeSpan, Varying};

/// A token bucket at the upstream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Tokens per time.
    pub rate: Varying<Rate>,
    /// Tokens the bucket holds; without it, those of one second, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// `"header:NAME"`: a bucket for each value of that header; without it, one for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What a request without a token gets.
    #[serde(default)]
    pub reject: Reject,
}

/// What a rejected request gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reject {
    /// The status.
    pub status: u16,
    /// The Retry-After, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
}

impl Default for Reject {
    fn default() -> Self {
        Self { status: 429, retry_after: None }
    }
}

/// A Retry-After header (RFC 9110 section 10.2.3), in all the forms that occur.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// Whole seconds.
    Seconds(u32),
    /// An HTTP-date this far ahead; it has a grain of one second and is rounded up.
    Date(TimeSpan),
    /// This text, malformed on purpose.
    Text(String),
    /// Seconds until a token is free, rounded up.
    Exact,
}
