//! The scenario file as a whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Check, Client, Gateway, Phase, Run, Upstream};

/// One scenario file, with `extends`, `vars` and `--set` already applied.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// The version of the language; 1.
    pub version: u32,
    /// The scenario's name.
    pub name: String,
    /// What it shows, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// Seed, warm-up, world and the like.
    #[serde(default)]
    pub run: Run,
    /// Who answers.
    pub upstream: BTreeMap<String, Upstream>,
    /// What stands between.
    #[serde(default)]
    pub gateway: BTreeMap<String, Gateway>,
    /// Who calls.
    pub client: BTreeMap<String, Client>,
    /// What goes wrong when, in order.
    pub phase: Vec<Phase>,
    /// What must hold.
    #[serde(default)]
    pub check: Vec<Check>,
}
