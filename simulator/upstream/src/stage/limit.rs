//! The limit stage: which requests are let through, and what the others are told.
//!
//! Besides the capacity, the only stage with a memory. It goes on from one segment to the next for as long as the limit is set the same, so a
//! phase that leaves the limit alone does not hand out a new burst.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use upstorm_model::scenario::Limit;
use upstorm_model::{Offset, Rate, Varying};

use super::BodyStage;
use crate::answer::{Answer, advice};
use crate::bucket::Setting;
use crate::limiter::{LimitKey, Limiter};

/// The limit of one route in one segment.
#[derive(Debug)]
pub(crate) struct LimitStage {
    rate: Varying<Rate>,
    burst: Option<u32>,
    key: LimitKey,
    limiter: Arc<Limiter>,
    rejection: Arc<Answer>,
}

/// A request that was not let through.
#[derive(Debug)]
pub(crate) struct Rejection {
    /// What it is told.
    pub(crate) answer: Arc<Answer>,
    /// How long until a token is free.
    pub(crate) free_after: Duration,
}

/// The limits of one route across the segments: equal ones in a row share their buckets.
///
/// # Errors
/// When a limit cannot be kept or its rejection not be sent: what was wrong.
pub(crate) fn limits<'a>(
    settings: impl Iterator<Item = Option<&'a Limit>>,
) -> Result<Vec<Option<LimitStage>>, String> {
    let mut stages = Vec::new();
    let mut before: Option<(&Limit, Arc<Limiter>)> = None;
    for limit in settings {
        before = limit.map(|limit| match before.take() {
            Some((same, limiter)) if same == limit => (limit, limiter),
            _ => (limit, Arc::default()),
        });
        let stage = before.as_ref().map(|(limit, limiter)| LimitStage::compile(limit, Arc::clone(limiter)));
        stages.push(stage.transpose()?);
    }
    Ok(stages)
}

impl LimitStage {
    fn compile(limit: &Limit, limiter: Arc<Limiter>) -> Result<Self, String> {
        let key = match &limit.key {
            None => LimitKey::Everybody,
            Some(text) => {
                let name =
                    text.strip_prefix("header:").and_then(|n| HeaderName::from_bytes(n.as_bytes()).ok());
                LimitKey::Header(name.ok_or_else(|| format!("limit key {text}"))?)
            }
        };
        let mut rejection = Answer::compile(limit.reject.status, None, BodyStage::empty())?;
        rejection.advice = advice(limit.reject.retry_after.as_ref())?;
        Ok(Self { rate: limit.rate, burst: limit.burst, key, limiter, rejection: Arc::new(rejection) })
    }

    /// Takes its tokens from the buckets of this one, which was set the same, from now on.
    pub(crate) fn share(&mut self, other: &Self) {
        self.limiter = Arc::clone(&other.limiter);
    }

    /// Takes a token, or says what the request is told instead.
    pub(crate) fn decide(&self, headers: &HeaderMap, now: Offset, progress: f64) -> Option<Rejection> {
        let taken = self.limiter.take(headers, now, (&self.key, self.setting(progress)));
        taken.err().map(|free_after| Rejection { answer: Arc::clone(&self.rejection), free_after })
    }

    /// How long until a token is free; zero if one is.
    pub(crate) fn wait(&self, headers: &HeaderMap, now: Offset, progress: f64) -> Duration {
        self.limiter.wait(headers, now, (&self.key, self.setting(progress)))
    }

    fn setting(&self, progress: f64) -> Setting {
        let rate = self.rate.at(progress).get();
        Setting { rate, burst: self.burst.map_or(rate, f64::from).max(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::{Reject, RetryAfter};

    fn limit(rate: f64, burst: Option<u32>) -> Limit {
        let reject = Reject { status: 429, retry_after: Some(RetryAfter::Exact) };
        Limit { rate: Varying::from(Rate::per_second(rate)), burst, key: None, reject }
    }

    fn taken(stage: &LimitStage, tries: usize) -> usize {
        let take = |_: &usize| stage.decide(&HeaderMap::new(), Offset::ZERO, 0.0).is_none();
        (0..tries).filter(take).count()
    }

    #[test]
    fn state_goes_on_while_the_setting_is_the_same_and_begins_anew_when_it_is_not() {
        let (a, b) = (limit(10.0, Some(5)), limit(10.0, Some(3)));
        let stages = limits([Some(&a), Some(&a), Some(&b), Some(&a), None, Some(&a)].into_iter()).unwrap();
        let taken: Vec<Option<usize>> =
            stages.iter().map(|stage| stage.as_ref().map(|stage| taken(stage, 9))).collect();
        assert_eq!(taken, [Some(5), Some(0), Some(3), Some(5), None, Some(5)]);
    }

    #[test]
    fn without_a_burst_it_holds_the_tokens_of_a_second_and_at_least_one() {
        let (fast, slow) = (limit(7.0, None), limit(0.1, None));
        let stages = limits([Some(&fast), Some(&slow)].into_iter()).unwrap();
        assert_eq!(taken(stages[0].as_ref().unwrap(), 20), 7);
        let slow = stages[1].as_ref().unwrap();
        assert_eq!(taken(slow, 20), 1);
        assert_eq!(slow.wait(&HeaderMap::new(), Offset::ZERO, 0.0), Duration::from_secs(10));
    }

    #[test]
    fn a_key_that_is_no_header_is_refused() {
        let odd = Limit { key: Some("cookie:x".to_owned()), ..limit(1.0, None) };
        assert_eq!(limits([Some(&odd)].into_iter()).unwrap_err(), "limit key cookie:x");
    }
}
