//! `probes`: what the first requests after a silence meet.
//!
//! A breaker that is half-open lets a few requests through to see whether all is well again. How many these are can only
//! be counted while none of them is answered: an answer in a few milliseconds lets the breaker close, or open, before the
//! next request is due, so that one with no bound on its probes looks like one that sends a single one. And a probe
//! that is never answered is the end of a breaker that waits for it for ever. An upstream cannot know who probes; but
//! a breaker that was open has been silent, so it takes the first requests after a silence for its probes.
//!
//! | state of a caller | event | next |
//! |---|---|---|
//! | never came | a request | heard: it is no probe, as nothing was silent |
//! | heard, or probing | a request, `after_silence` or longer after the last one and after the last answer that was held | probing: it is the first probe |
//! | probing, fewer than `first`, the first one's answer still held | a request | it is a probe |
//! | probing, otherwise | a request | heard: it is as any other |

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ending;
use crate::TimeSpan;

/// What the first requests after a silence meet on each route that it is set for, each calling host by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Probes {
    /// How long a caller must have been silent.
    pub after_silence: TimeSpan,
    /// How many requests are taken for probes; without it, one. Where answers are `late`, only those that come before
    /// the first of them is answered.
    #[serde(default = "one")]
    pub first: u32,
    /// How long their answers are held beyond the latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<TimeSpan>,
    /// True where they are never answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
    /// How they end; without it, each as the route has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Ending>,
}

const fn one() -> u32 {
    1
}
