//! `recovery`: what must become of a client once its trouble is over.
//!
//! A system that stays down after its cause is gone may be slow to heal, may be stuck for good, or may be metastable: held
//! down by its own load, and healed by taking that away for a while (Bronson et al., "Metastable failures in distributed
//! systems", HotOS 2021). Only the experiment tells the last two apart: a phase that drops the load, and one that
//! restores it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// `recovery`: of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Recovery {
    /// The client.
    pub of: String,
    /// The phase after whose end it must be well again.
    pub after: String,
    /// How soon.
    pub within: TimeSpan,
    /// What must become of it; without it, `"recovered"`.
    #[serde(skip_serializing_if = "is_recovered")]
    pub expect: RecoveryKind,
    /// For `"metastable"`: the phase that drops the load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<String>,
    /// For `"metastable"`: the phase that restores it, after which the client must be well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
}

/// What becomes of a client once its trouble is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecoveryKind {
    /// It is well again within the time.
    #[default]
    Recovered,
    /// It is well again, but only later.
    Slow,
    /// It is not well again as long as it is watched, nor on its way.
    Stuck,
    /// It is stuck, and dropping the load for a while and restoring it heals it.
    Metastable,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_recovered(kind: &RecoveryKind) -> bool {
    matches!(kind, RecoveryKind::Recovered)
}
