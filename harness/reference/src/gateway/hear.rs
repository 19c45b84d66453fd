//! What the policies did goes into the recording as annotations, and into the metrics as counts.

use std::sync::Arc;

use upstorm_model::Offset;
use upstorm_policy::{Listener, PolicyEvent};

use super::metrics::{BreakerShown, Metrics};
use crate::annotate::Annotator;

/// Hears the policies of one gateway before one of its targets.
pub(super) struct GatewayListener {
    /// One for the whole gateway: what it says is written once a second, whichever target it is about.
    pub(super) annotator: Arc<Annotator>,
    pub(super) metrics: Arc<Metrics>,
    /// The target.
    pub(super) target: String,
}

impl Listener for GatewayListener {
    fn on(&self, at: Offset, event: PolicyEvent) {
        let breaker = |shown| self.metrics.breaker_is(&self.target, shown);
        match event {
            PolicyEvent::BreakerOpened => breaker(BreakerShown::Open),
            PolicyEvent::BreakerHalfOpened => breaker(BreakerShown::HalfOpen),
            PolicyEvent::BreakerClosed => breaker(BreakerShown::Closed),
            PolicyEvent::BudgetExhausted => self.metrics.budget_refused(),
            PolicyEvent::ServedFresh => self.metrics.cached(false),
            PolicyEvent::ServedStale => self.metrics.cached(true),
            PolicyEvent::FellBack => self.metrics.fell_back(),
            // The attempts and the gateway's own answers are counted where they are made.
            _ => {}
        }
        self.annotator.on(at, event);
    }
}
