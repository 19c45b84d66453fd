//! Failover: whether a call goes on to the next target, and when traffic moved there and back.
//!
//! | a call that | and | goes on |
//! |---|---|---|
//! | the breaker rejected, or that found no connection | `on` has it; nothing was sent | whatever its method |
//! | failed otherwise, or was answered with a status of `on` | it may be sent again | yes |
//! | failed otherwise | it may not be sent again: a POST without a key | no, its effect may be there |
//! | was rejected by another policy, or is past its deadline | | no: the policy meant it, or no time is left |
//!
//! A call goes on only after the retries of its target are over, so failover multiplies nothing: each target has its own
//! breaker and budget. Calls always begin at the first target; while its breaker is open that costs nothing, and its
//! probes are what brings the traffic back.

use upstorm_model::policy::{self, FailoverOn, RetryOn};

use crate::{Failure, PolicyEvent, Rejection};

/// The failover of one target and those behind it.
#[derive(Debug, Clone)]
pub struct Failover {
    on: Vec<FailoverOn>,
    /// For each target but the last, whether the last call that was there went on.
    away: Vec<bool>,
}

impl Failover {
    /// With so many targets in all.
    #[must_use]
    pub fn new(settings: &policy::Failover, targets: usize) -> Self {
        Self { on: settings.on.clone(), away: vec![false; targets.saturating_sub(1)] }
    }

    /// Whether an outcome at one target sends the call on. `repeatable`: whether the same request may be sent again.
    #[must_use]
    pub fn goes_on(&self, outcome: Result<u16, Failure>, repeatable: bool) -> bool {
        let (reason, nothing_sent) = match outcome {
            Ok(status) => (FailoverOn::Failure(RetryOn::Status(status)), false),
            // A request that may not be repeated had one attempt, and this is how it ended: unsent.
            Err(Failure::Rejected(Rejection::BreakerOpen { .. })) => (FailoverOn::BreakerOpen, true),
            Err(Failure::ConnectFailed) => (FailoverOn::Failure(RetryOn::ConnectFailure), true),
            Err(Failure::Reset | Failure::Closed | Failure::Malformed) => {
                (FailoverOn::Failure(RetryOn::Reset), false)
            }
            Err(Failure::Timeout) => (FailoverOn::Failure(RetryOn::Timeout), false),
            Err(_) => return false,
        };
        (nothing_sent || repeatable) && self.on.contains(&reason)
    }

    /// Says that a call went on from this target, or stayed. The event where that is news.
    pub fn moved(&mut self, target: usize, went_on: bool) -> Option<PolicyEvent> {
        let away = self.away.get_mut(target)?;
        if std::mem::replace(away, went_on) == went_on {
            return None;
        }
        Some(if went_on {
            PolicyEvent::FailedOver { to: target + 1 }
        } else {
            PolicyEvent::FailedBack { to: target }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const OPEN: Failure = Failure::Rejected(Rejection::BreakerOpen { retry_after: Duration::ZERO });

    #[test]
    fn what_may_have_had_an_effect_is_not_sent_elsewhere() {
        let failover = Failover::new(&policy::Failover::default(), 2);
        for (outcome, repeatable, expected) in [
            (Err(OPEN), false, true),
            (Err(Failure::ConnectFailed), false, true),
            (Err(Failure::Reset), false, false),
            (Err(Failure::Reset), true, true),
            (Err(Failure::Timeout), true, true),
            (Ok(503), false, false),
            (Ok(503), true, true),
            (Ok(500), true, false),
            (Ok(200), true, false),
            (Err(Failure::DeadlineExceeded), true, false),
            (Err(Failure::Rejected(Rejection::BulkheadFull)), true, false),
        ] {
            assert_eq!(failover.goes_on(outcome, repeatable), expected, "{outcome:?} {repeatable}");
        }
    }

    #[test]
    fn only_what_is_listed_sends_a_call_on() {
        let on = vec![FailoverOn::BreakerOpen];
        let failover = Failover::new(&policy::Failover { on, ..policy::Failover::default() }, 2);
        assert!(failover.goes_on(Err(OPEN), true));
        assert!(!failover.goes_on(Ok(503), true) && !failover.goes_on(Err(Failure::Timeout), true));
    }

    #[test]
    fn only_the_first_call_over_and_the_first_back_are_news() {
        let mut failover = Failover::new(&policy::Failover::default(), 3);
        let went: Vec<_> = [false, true, true, false, false].map(|on| failover.moved(0, on)).into();
        let over = Some(PolicyEvent::FailedOver { to: 1 });
        assert_eq!(went, [None, over, None, Some(PolicyEvent::FailedBack { to: 0 }), None]);
        assert_eq!(failover.moved(1, true), Some(PolicyEvent::FailedOver { to: 2 }));
        assert_eq!(failover.moved(2, true), None, "there is nobody behind the last");
    }
}
