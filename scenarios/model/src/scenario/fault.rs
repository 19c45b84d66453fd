//! `faults`: what may go wrong with one response, and how often.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Stall;
use crate::{ByteSize, Ratio, Varying};

/// One entry of `faults`: a share, and exactly one kind. The first entry that hits an attempt wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Fault {
    /// How many of the attempts it hits.
    pub share: Varying<Ratio>,
    /// What it does.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is reset (a real RST).
    Reset(Cut),
    /// The connection is closed (FIN).
    Close(Cut),
    /// The request is read and never answered; the connection stays open until the caller leaves.
    Hang {},
    /// The headers promise the whole body, and less is sent before the connection is closed (FIN).
    Truncate {
        /// How much of the body is sent.
        #[serde(default)]
        keep: Keep,
    },
    /// The response falls silent for a while, then goes on.
    Stall(Stall),
    /// A part of the response is not what its grammar wants.
    Malformed {
        /// Which part.
        kind: Malformed,
    },
    /// The Content-Length is not that of the body; the connection is closed after it (FIN).
    ContentLength {
        /// Bytes, not 0: above it, so many more are promised than are sent; below it, so many more are sent than are
        /// promised, which is never fewer than none.
        off_by: i64,
    },
    /// A redirect (307) to where the request already went.
    RedirectLoop {},
    /// Headers nobody asked for, before the others.
    HeaderFlood {
        /// Bytes of the header lines that are added.
        size: ByteSize,
    },
}

/// What of a response is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Malformed {
    /// The status line: its status is no number.
    StatusLine,
    /// The headers: one of them has no colon.
    Header,
    /// The body's chunks: the size of the first is no number. The response is chunked even where the route's are not.
    ChunkSize,
    /// The body: it is no whole JSON text. Everything around it is as it should be.
    Json,
}

impl Malformed {
    /// The word a scenario writes for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StatusLine => "status-line",
            Self::Header => "header",
            Self::ChunkSize => "chunk-size",
            Self::Json => "json",
        }
    }
}

/// Where a response is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Cut {
    /// At a named place.
    At {
        /// The place.
        at: CutAt,
    },
    /// After so many bytes of the body (or at the end of a shorter one, before it is complete).
    After {
        /// Bytes of the body that are still sent.
        after: ByteSize,
    },
}

/// A named place in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CutAt {
    /// Before the first byte of the response.
    BeforeHeaders,
    /// After the headers and half of the body.
    MidBody,
}

/// How much of a body is kept: a size or a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Keep {
    /// So many bytes.
    Size(ByteSize),
    /// This share of the body.
    Share(Ratio),
}

impl Default for Keep {
    fn default() -> Self {
        Self::Share(Ratio::new(0.5))
    }
}

impl FaultKind {
    /// The status of a redirect loop: the one that lets nobody change the method (RFC 9110 section 15.4.8), so that the
    /// next request comes to the same route as this one.
    pub const REDIRECT: u16 = 307;
    /// The bytes that a flood of headers may have: less is no flood, and more than this nobody reads before giving up.
    pub const FLOOD: RangeInclusive<u64> = 1024..=16 * 1024 * 1024;

    /// The key, with what tells two faults of that kind apart where it is a word or a number.
    #[must_use]
    pub fn title(&self) -> String {
        let key = self.key();
        match self {
            Self::Malformed { kind } => format!("{key} {}", kind.word()),
            Self::ContentLength { off_by } => format!("{key} {off_by:+}"),
            Self::HeaderFlood { size } => format!("{key} {size}"),
            _ => key.to_owned(),
        }
    }

    /// The key a scenario writes for it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Reset(_) => "reset",
            Self::Close(_) => "close",
            Self::Hang {} => "hang",
            Self::Truncate { .. } => "truncate",
            Self::Stall(_) => "stall",
            Self::Malformed { .. } => "malformed",
            Self::ContentLength { .. } => "content_length",
            Self::RedirectLoop {} => "redirect_loop",
            Self::HeaderFlood { .. } => "header_flood",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_faults_of_one_kind_apart_by_the_words_of_the_scenario() {
        let malformed = FaultKind::Malformed { kind: Malformed::ChunkSize };
        assert_eq!(malformed.title(), "malformed chunk-size");
        assert_eq!(serde_json::to_value(malformed).unwrap()["malformed"]["kind"], "chunk-size");
        assert_eq!(FaultKind::ContentLength { off_by: 10 }.title(), "content_length +10");
        assert_eq!(FaultKind::ContentLength { off_by: -9 }.title(), "content_length -9");
        assert_eq!(FaultKind::HeaderFlood { size: ByteSize::new(65_536) }.title(), "header_flood 64KiB");
        assert_eq!(FaultKind::Hang {}.title(), "hang");
    }
}
