//! `script`: what a call, or a route, meets in turn.
//!
//! Shares say how often something goes wrong; some questions are about the order. Whether a caller gets through on its
//! third try, whether a breaker that has opened notices that all is well again, whether a caller that is told to come
//! back does so: these need "twice a 503, then an answer", and no share gives it.
//!
//! | at the step | an attempt comes | it meets | next |
//! |---|---|---|---|
//! | `times = n` | as the n-th or sooner | this step | after the n-th, the next step begins, then |
//! | `for = t` | less than t after the step began | this step | – |
//! | `for = t` | later | the next step, which began at the end of this one | – |
//! | neither, or past the last | at any time | this step, or the route's own behaviour | – |

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, FaultKind, RetryAfter, StatusTable};
use crate::{Law, Offset, TimeSpan};

/// What is met in turn: a list of steps, or a table that also says whose turn it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Script {
    /// Each call goes through the steps by itself.
    Steps(Vec<ScriptStep>),
    /// With a word on who goes through them.
    Table(ScriptTable),
}

/// A script that says who goes through it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ScriptTable {
    /// Who goes through the steps.
    #[serde(default)]
    pub by: ScriptBy,
    /// The steps; after the last, the route's own behaviour.
    pub steps: Vec<ScriptStep>,
}

/// Who goes through the steps of a script.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptBy {
    /// Each call by itself, from its first attempt at the route on. A request without a call id is a call of its own.
    #[default]
    Call,
    /// All attempts at the route together, as they arrive, from the beginning of each phase, repeat and step on.
    Route,
}

/// One step: for how long, and what is met. What it leaves out is as on the route; an empty one is all as on the route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ScriptStep {
    /// For so many attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// For so long.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<TimeSpan>,
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
    /// How long until the first byte of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Law>,
    /// What goes wrong, as a kind of `faults` without its share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
}

impl Script {
    /// Who goes through it.
    #[must_use]
    pub fn by(&self) -> ScriptBy {
        match self {
            Self::Steps(_) => ScriptBy::Call,
            Self::Table(table) => table.by,
        }
    }

    /// Its steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[ScriptStep] {
        match self {
            Self::Steps(steps) => steps,
            Self::Table(table) => &table.steps,
        }
    }
}

impl ScriptStep {
    /// True where it leaves everything as it is on the route.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.status.is_none() && self.latency.is_none() && self.fault.is_none()
    }

    /// True where it says how an attempt ends, so that the route's own status and faults are not asked.
    #[must_use]
    pub const fn decides_the_end(&self) -> bool {
        self.status.is_some() || self.fault.is_some()
    }

    /// What it says beside the status.
    #[must_use]
    pub fn table(&self) -> StatusTable {
        StatusTable {
            share: None,
            retry_after: self.retry_after.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

/// How far a script has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptPlace {
    step: u8,
    used: u32,
    since: Offset,
}

impl ScriptPlace {
    /// At the first step, which begins then.
    #[must_use]
    pub const fn beginning(since: Offset) -> Self {
        Self { step: 0, used: 0, since }
    }

    /// The index of the step that an attempt meets that comes now, and the place after it; none past the last step.
    pub fn meet(&mut self, steps: &[ScriptStep], now: Offset) -> Option<u8> {
        loop {
            let step = steps.get(usize::from(self.step))?;
            match (step.times, step.lasts) {
                (_, Some(span)) if self.since + span.get() <= now => self.next(self.since + span.get()),
                (Some(times), _) => {
                    let met = self.step;
                    self.used = self.used.saturating_add(1);
                    if self.used >= times {
                        self.next(now);
                    }
                    return Some(met);
                }
                _ => return Some(self.step),
            }
        }
    }

    fn next(&mut self, since: Offset) {
        *self = Self { step: self.step.saturating_add(1), used: 0, since };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(n: u32) -> ScriptStep {
        ScriptStep { times: Some(n), ..ScriptStep::default() }
    }

    fn lasts(ms: u64) -> ScriptStep {
        ScriptStep { lasts: Some(TimeSpan::from_millis(ms)), ..ScriptStep::default() }
    }

    fn met(steps: &[ScriptStep], since: u64, arrivals: &[u64]) -> Vec<Option<u8>> {
        let mut place = ScriptPlace::beginning(Offset::from_millis(since));
        arrivals.iter().map(|at| place.meet(steps, Offset::from_millis(*at))).collect()
    }

    #[test]
    fn by_count_and_then_for_ever() {
        let steps = [times(2), times(1), ScriptStep::default()];
        let expected = [Some(0), Some(0), Some(1), Some(2), Some(2)];
        assert_eq!(met(&steps, 0, &[5, 5, 6, 7, 9_999_999]), expected);
        assert_eq!(met(&steps[..2], 0, &[0, 0, 0, 0]), [Some(0), Some(0), Some(1), None]);
        assert_eq!(met(&[], 0, &[0]), [None]);
    }

    #[test]
    fn by_time_steps_follow_each_other_even_where_nothing_arrives() {
        let steps = [lasts(100), lasts(50), ScriptStep::default()];
        assert_eq!(met(&steps, 10, &[10, 109, 110, 159, 160]), [0, 0, 1, 1, 2].map(Some));
        assert_eq!(met(&steps, 10, &[400]), [Some(2)]);
    }

    #[test]
    fn time_after_a_count_begins_with_the_last_attempt_of_the_count() {
        let steps = [times(2), lasts(100), times(1), ScriptStep::default()];
        assert_eq!(met(&steps, 0, &[5, 1000, 1099, 1100, 1101]), [0, 0, 1, 2, 3].map(Some));
    }

    #[test]
    fn the_two_forms_read_back_as_they_were_written() {
        for written in [
            r#"[{"times":2,"status":503},{"for":"5s","status":429},{}]"#,
            r#"{"by":"route","steps":[{"times":1,"fault":{"hang":{}}}]}"#,
        ] {
            let script: Script = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_string(&script).unwrap(), written);
        }
    }
}
