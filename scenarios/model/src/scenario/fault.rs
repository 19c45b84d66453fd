//! `faults`: what may go wrong with one response, and how often.

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
    /// The key a scenario writes for it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Reset(_) => "reset",
            Self::Close(_) => "close",
            Self::Hang {} => "hang",
            Self::Truncate { .. } => "truncate",
            Self::Stall(_) => "stall",
        }
    }
}
