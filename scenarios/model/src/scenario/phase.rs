//! `[[phase]]`: what goes wrong when.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{LoadShape, UpstreamOverlay};
use crate::TimeSpan;

/// `[[phase]]`: the base with an overlay for a while, or `steps` gone through `repeat` times.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Phase {
    /// Its name, unique, for checks to speak of.
    pub name: String,
    /// How long; left out where there are steps.
    #[serde(default)]
    pub duration: Option<TimeSpan>,
    /// How often the steps are gone through; without it, once.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// Overlays one after the other, instead of one.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What differs from the base.
    #[serde(flatten)]
    pub overlay: Overlay,
}

/// One step of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// How long.
    pub duration: TimeSpan,
    /// What differs from the base with the phase's own overlay.
    #[serde(flatten)]
    pub overlay: Overlay,
}

/// What differs from the base for a while.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
pub struct Overlay {
    /// By upstream.
    pub upstream: BTreeMap<String, UpstreamOverlay>,
    /// By client: its load.
    pub client: BTreeMap<String, LoadShape>,
    /// Pairs of hosts between which packets go nowhere while sockets stay open.
    pub partition: Vec<[String; 2]>,
}
