//! `stall`: a response that falls silent for a while and then goes on.
//!
//! What a timeout on each read would end and a timeout on the whole response may not: the two are told apart by this.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cut;
use crate::{TimeSpan, Varying};

/// A silence in a response.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stall {
    /// Where it falls silent.
    #[serde(flatten)]
    pub place: Cut,
    /// For how long; then it goes on.
    pub r#for: Varying<TimeSpan>,
}
