//! `then`: how the attempts end that an upstream holds, as a step of a script would say it.
//!
//! A cohort shows nothing of a caller's retries unless all of it fails, and a probe that was held must be able to fail
//! late. Without it they meet what the route has for them, drawn one by one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, FaultKind, RetryAfter, ScriptStep};

/// How an attempt ends: by a status, by a fault, or by both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Ending {
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The Retry-After that goes with the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Headers that go with the status.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body that goes with the status, where it differs from the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What goes wrong, as a kind of `faults` without its share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
}

impl Ending {
    /// The step of a script that says the same.
    #[must_use]
    pub fn step(&self) -> ScriptStep {
        let Self { status, retry_after, headers, body, fault } = self.clone();
        ScriptStep { status, retry_after, headers, body, fault, ..ScriptStep::default() }
    }
}
