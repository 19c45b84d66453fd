//! `tally`: how many there were, held against a range.
//!
//! Published results are counts: a client whose quota is spent makes 35 retries, three layers of four attempts make 64 of
//! one call, a breaker lets fifty failures through. A share with an interval around it cannot say "exactly 64"; a count
//! within a range can.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TimeSpan;

/// `tally`: of an edge or of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tally {
    /// The edge, perhaps with a route; or the client, of which only calls can be counted.
    pub of: String,
    /// What is counted.
    pub count: Counted,
    /// Only those of this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only those answered with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Only those that ended so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<TallyOutcome>,
    /// Which moment says whether one lies within the phases looked at.
    pub by: TallyBy,
    /// Counted for each call or for each second; without it, all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<TallyPer>,
    /// At least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The last of them ends no sooner than this after the start of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_after: Option<TimeSpan>,
    /// The last of them ends within this time of that start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_within: Option<TimeSpan>,
    /// So many in one second are waited for: how long, `reach_after` and `reach_within` say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<f64>,
    /// The first second with so many begins no sooner than this after the start of the first phase looked at, or there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach_after: Option<TimeSpan>,
    /// It begins within this time of that start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach_within: Option<TimeSpan>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Calls that a client made; at an edge, those with at least one attempt there.
    #[default]
    Calls,
    /// Attempts that arrived.
    Attempts,
    /// Attempts after the first of their call.
    Retries,
    /// Calls that were sent and of which no attempt arrived at the edge.
    Rejected,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TallyOutcome {
    /// A complete response below 500 that is neither a 429 nor a 412.
    Success,
    /// A 429.
    Throttled,
    /// All else.
    Error,
}

/// Which moment says where something belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TallyBy {
    /// When a call was planned; of attempts, when the first one of their call arrived.
    #[default]
    Start,
    /// When it ended.
    End,
}

/// What a number is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TallyPer {
    /// The calls looked at: of a client and for `rejected` all of them, else those with at least one attempt at the edge.
    Call,
    /// The seconds of the phases looked at.
    Second,
}
