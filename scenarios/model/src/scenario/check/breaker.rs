//! `breaker`: when a circuit breaker must open and close, and the settings it is held to.
//!
//! A subject whose settings the plan knows is held to those; what they call a defect is never part of what it is held to.
//! Of a stranger nothing is known but what the scenario says here, in the same words as `[gateway.NAME.breaker]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{
    Breaker, BreakerKind, Compare, Evaluate, FailureKind, HalfOpenDecides, LateResults, Window,
};
use crate::{Ratio, TimeSpan};

/// `breaker`: of an edge, such as `"edge -> payments"`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerCheck {
    /// The edge.
    pub of: String,
    /// It opens within this time of the start of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_within: Option<TimeSpan>,
    /// It lets calls through for good within this time of the end of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_within: Option<TimeSpan>,
    /// It must not open at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stays_closed: bool,
    /// It opens at most so often in the phases looked at; opening again after a failed probe is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_openings: Option<u32>,
    /// The settings it is held to. What is left out comes from the subject's own, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Box<BreakerTerms>>,
}

/// Settings that a breaker is held to, in the words of `[gateway.NAME.breaker]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerTerms {
    /// What is looked back on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Fewer calls than this in the window never open it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_calls: Option<u32>,
    /// The share of failures that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_rate: Option<Ratio>,
    /// Whether the share itself opens it or only more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// Which results make it look at the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluate: Option<Evaluate>,
    /// Failures in a row that open it, whatever the window holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// How long it rejects before it lets probes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_for: Option<TimeSpan>,
    /// Probes at once while half open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_open_permits: Option<u32>,
    /// What decides while half open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_open_decides: Option<HalfOpenDecides>,
    /// A probe without answer counts as failed after this; `"0s"` waits for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_open_max_wait: Option<TimeSpan>,
    /// Answers to calls of an older state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_results: Option<LateResults>,
    /// What counts as a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Vec<FailureKind>>,
}

impl BreakerTerms {
    /// These settings laid over others.
    #[must_use]
    pub fn over(&self, own: &Breaker) -> Breaker {
        let kind = match (self.failures, self.window.is_some() || self.failure_rate.is_some()) {
            (Some(_), _) => BreakerKind::Consecutive,
            (None, true) => BreakerKind::Rate,
            (None, false) => own.kind,
        };
        Breaker {
            kind,
            window: self.window.unwrap_or(own.window),
            min_calls: self.min_calls.unwrap_or(own.min_calls),
            failure_rate: self.failure_rate.unwrap_or(own.failure_rate),
            compare: self.compare.unwrap_or(own.compare),
            evaluate: self.evaluate.unwrap_or(own.evaluate),
            failures: self.failures.unwrap_or(own.failures),
            open_for: self.open_for.unwrap_or(own.open_for),
            half_open_permits: self.half_open_permits.unwrap_or(own.half_open_permits),
            half_open_decides: self.half_open_decides.unwrap_or(own.half_open_decides),
            half_open_max_wait: self.half_open_max_wait.unwrap_or(own.half_open_max_wait),
            late_results: self.late_results.unwrap_or(own.late_results),
            failure: self.failure.clone().unwrap_or_else(|| own.failure.clone()),
            ..own.clone()
        }
    }

    /// Whether they alone say when a breaker opens.
    #[must_use]
    pub const fn tell_the_trip(&self) -> bool {
        self.failures.is_some() || self.window.is_some() && self.failure_rate.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_stands_over_what_is_known() {
        let own = Breaker { kind: BreakerKind::Rate, min_calls: 7, ..Breaker::default() };
        assert_eq!(BreakerTerms::default().over(&own), own);
        let stated = BreakerTerms {
            failures: Some(3),
            open_for: Some(TimeSpan::from_secs(1)),
            ..BreakerTerms::default()
        };
        let held = stated.over(&own);
        assert_eq!((held.kind, held.failures, held.min_calls), (BreakerKind::Consecutive, 3, 7));
        assert_eq!(held.open_for, TimeSpan::from_secs(1));
    }

    #[test]
    fn a_share_without_a_window_tells_no_trip() {
        let share = BreakerTerms { failure_rate: Some(Ratio::ONE), ..BreakerTerms::default() };
        assert!(!share.tell_the_trip() && !BreakerTerms::default().tell_the_trip());
        assert!(BreakerTerms { window: Some(Window::Calls(9)), ..share }.tell_the_trip());
        assert!(BreakerTerms { failures: Some(5), ..BreakerTerms::default() }.tell_the_trip());
    }
}
