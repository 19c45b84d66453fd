//! Deadline (whole call) and timeouts (one attempt, one connect).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// How long a call, an attempt and a connect may take. Without one, for ever.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deadline {
    /// The whole call, retries and waits included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<TimeSpan>,
    /// One attempt, from its start to the last byte of its response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_try: Option<TimeSpan>,
    /// Making a connection, part of its attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<TimeSpan>,
    /// What becomes of an attempt that took too long.
    pub on_per_try_timeout: OnPerTryTimeout,
}

/// What becomes of an attempt that took too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnPerTryTimeout {
    /// Its connection is closed, so the upstream can stop working on it.
    #[default]
    Abort,
    /// It goes on unheard: a defect, there to be shown.
    Abandon,
}
