//! The staged gateway's own limits: a token bucket and a bulkhead, as simple as they can be.

use std::collections::BTreeSet;

use upstorm_model::Offset;
use upstorm_model::policy::Limits;

use crate::defects::Defects;

/// What lets calls in.
pub(crate) struct OwnLimits {
    rate: Option<f64>,
    burst: f64,
    most: Option<usize>,
    tokens: f64,
    filled: Offset,
    inside: BTreeSet<usize>,
}

impl OwnLimits {
    /// Those of these settings, with what is wrong with them.
    pub(crate) fn new(limits: &Limits, defects: Defects) -> Self {
        let scale = if defects.miserly { 1.0 / 3.0 } else { 1.0 };
        let burst = f64::from(limits.effective_burst());
        Self {
            rate: limits.rate.filter(|_| !defects.limitless).map(|r| r.get() * scale),
            burst,
            most: limits.max_requests.filter(|_| !defects.limitless).map(|m| m as usize),
            tokens: burst,
            filled: Offset::ZERO,
            inside: BTreeSet::new(),
        }
    }

    /// The status of a refusal, if a call that comes now is refused.
    pub(crate) fn refuses(&mut self, call: usize, now: Offset) -> Option<u16> {
        if let Some(rate) = self.rate {
            self.tokens = (self.tokens + rate * now.since(self.filled).as_secs_f64()).min(self.burst);
            self.filled = now;
            if self.tokens < 1.0 {
                return Some(429);
            }
            self.tokens -= 1.0;
        }
        if self.most.is_some_and(|most| self.inside.len() >= most) {
            return Some(503);
        }
        self.inside.insert(call);
        None
    }

    /// A call is over.
    pub(crate) fn leaves(&mut self, call: usize) {
        self.inside.remove(&call);
    }
}
