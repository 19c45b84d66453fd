//! `row`: a route whose paths are resources with a version, for optimistic locking.
//!
//! Two callers who read the same thing and both write it back undo each other's work. With a version (RFC 9110 section
//! 8.8.3) the second of them is told: a write says which version it was made from (`If-Match`, section 13.1.1), and is
//! answered 412 where that is no longer the current one. Whoever is told so must read again; what many who are told so
//! at once do to each other is what backoff and jitter were first measured on (Brooker, "Exponential backoff and
//! jitter", AWS 2015). What a row holds is not kept: only that it changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `row`: each path of the route is a row with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// What a write is told that does not say which version it was made from.
    pub unconditional: Unconditional,
    /// How many paths are remembered. Beyond, the one that was longest left alone is forgotten: who wants to write it
    /// must read it again.
    pub most: u32,
}

/// What becomes of a write without `If-Match`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unconditional {
    /// 428 (RFC 6585 section 3): nothing can be lost.
    #[default]
    Refuse,
    /// It is done, whatever was written since it was read: the lost update.
    Accept,
}

impl Default for Row {
    fn default() -> Self {
        Self { unconditional: Unconditional::default(), most: Self::MOST }
    }
}

impl Row {
    /// How many paths are remembered where nothing is said.
    pub const MOST: u32 = 10_000;
    /// The status of a write that was made from a version which is no longer the current one.
    pub const CONFLICT: u16 = 412;
    /// The status of a write that does not say which version it was made from, where it must.
    pub const REQUIRED: u16 = 428;
}
