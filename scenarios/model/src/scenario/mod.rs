//! The scenario as it was written: who calls, what stands between, who answers, what goes wrong when, what must hold.
//!
//! One type a table of the language, serialised in the language's own form, so that the JSON Schema is derived
//! from what is decoded. Nothing here is resolved yet: names are text, phases are overlays. The plan resolves.

mod body;
mod check;
mod client;
mod connect;
mod fault;
mod limit;
mod phase;
mod run;
mod status;
mod upstream;

pub use body::{Body, BodyContent, Framing};
pub use check::{
    ALWAYS_ON, AlwaysOn, Amplification, BreakerCheck, Check, CheckKind, JitterCheck, Recovery,
    RetryAfterCheck, RetryBudgetCheck, Severity, Slo,
};
pub use client::{Arrivals, Client, Gateway, LoadShape, Request, RequestBody};
pub use connect::Connect;
pub use fault::{Cut, CutAt, Fault, FaultKind, Keep};
pub use limit::{Limit, Reject, RetryAfter};
pub use phase::{Overlay, Phase, Step};
pub use run::{Run, WorldKind};
pub use status::{StatusEntry, StatusMix, StatusTable};
pub use upstream::{Behaviour, Route, RouteMatch, Upstream, UpstreamOverlay};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

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
