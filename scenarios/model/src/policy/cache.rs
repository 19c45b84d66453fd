//! Cache: answers that are kept for a while, and served again without asking, or where asking failed.
//!
//! A fresh answer spares the upstream the request (RFC 9111 section 4.2); a stale one is better than an error while the
//! upstream is gone (RFC 5861 section 4). One that is served for ever hides that nothing behind it works any more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ByteSize, TimeSpan};

/// Answers of status 200 to GET and HEAD that are kept, by path and query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Which cache, if any.
    pub kind: CacheKind,
    /// How long an answer is served without asking. An answer that says less of itself is fresh for less.
    pub fresh: TimeSpan,
    /// How long after that it is served where asking failed.
    pub stale_if_error: TimeSpan,
    /// Answers kept; beyond, the one that was not asked for the longest goes.
    pub max_entries: u32,
    /// An answer with a longer body is not kept.
    pub max_body: ByteSize,
    /// Whether requests for the same wait for the one that is being asked, instead of being asked beside it.
    pub coalesce: bool,
    /// When an answer that is no longer fresh is served.
    pub serve_stale: ServeStale,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            kind: CacheKind::Off,
            fresh: TimeSpan::from_secs(10),
            stale_if_error: TimeSpan::from_secs(60),
            max_entries: 1000,
            max_body: ByteSize::new(64 * 1024),
            coalesce: false,
            serve_stale: ServeStale::OnError,
        }
    }
}

/// Which cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CacheKind {
    /// None.
    #[default]
    Off,
    /// One in memory, of a bounded number of answers.
    Memory,
}

/// When an answer that is no longer fresh is served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServeStale {
    /// Where asking failed, for `stale_if_error`.
    #[default]
    OnError,
    /// For ever, without asking: a defect, there to be shown.
    Always,
}
