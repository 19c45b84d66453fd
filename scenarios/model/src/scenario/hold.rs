//! `hold`: so many requests are gathered, and answered or failed at one instant.
//!
//! Whether a caller's retries are spread cannot be told from a long outage: calls that arrive at random fail at random,
//! and what is displaced at random stays random. It shows where many calls fail together (Brooker, "Exponential Backoff
//! And Jitter", AWS 2015). That needs a cohort: calls that are kept waiting until there are enough of them, and then
//! fail within the same millisecond. Their first retries tell the rest.
//!
//! | state | event | next |
//! |---|---|---|
//! | gathering | a request comes | it is one of the cohort; the first begins the wait of `within` |
//! | gathering | one of the cohort leaves | it counts no more: its place is free for another |
//! | gathering | `calls` are there | full: who comes now is not of this cohort |
//! | full | the latency of all who are there is over | released: all get their answers at this instant |
//! | gathering, full | `within` is over | released, few as they are |
//! | released | – | the next cohort is gathered, with `again`; without it nothing is held until the next phase |

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ending;
use crate::TimeSpan;

/// A cohort to be gathered on each route that it is set for, anew with each phase, repeat and step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Hold {
    /// How many requests are gathered.
    pub calls: u32,
    /// How long the first of them waits at most, from its arrival; then all who are there are let go.
    pub within: TimeSpan,
    /// True where another cohort is gathered after each; without it, one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// True where retries are gathered too; without it, only the first attempt of each call at the route.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retries: bool,
    /// How all of them end; without it, each as the route has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Ending>,
}
