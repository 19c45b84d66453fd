//! What the policies did goes into the recording as annotations, and into the metrics as counts.

use std::sync::Arc;

use upstorm_model::Offset;
use upstorm_policy::{Listener, PolicyEvent};
use upstorm_world::Env;

use super::metrics::{BreakerShown, Metrics};
use crate::annotate::Annotator;

/// Hears the policies of one gateway.
pub(super) struct GatewayListener {
    annotator: Annotator,
    metrics: Arc<Metrics>,
}

impl GatewayListener {
    pub(super) fn new(env: &Env, metrics: Arc<Metrics>) -> Self {
        Self { annotator: Annotator::new(env), metrics }
    }
}

impl Listener for GatewayListener {
    fn on(&self, at: Offset, event: PolicyEvent) {
        match event {
            PolicyEvent::BreakerOpened => self.metrics.breaker_is(BreakerShown::Open),
            PolicyEvent::BreakerHalfOpened => self.metrics.breaker_is(BreakerShown::HalfOpen),
            PolicyEvent::BreakerClosed => self.metrics.breaker_is(BreakerShown::Closed),
            PolicyEvent::BudgetExhausted => self.metrics.budget_refused(),
            // The attempts and the gateway's own answers are counted where they are made.
            _ => {}
        }
        self.annotator.on(at, event);
    }
}
