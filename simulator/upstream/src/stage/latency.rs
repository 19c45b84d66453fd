//! The latency stage: how long a response is held back, from the arrival of the request's head.

use std::time::Duration;

use upstorm_model::{Law, Stream};

use super::{Draw, Stage};

/// A law of one route in one segment.
#[derive(Debug)]
pub(crate) struct LatencyStage {
    law: Law,
    stream: Stream,
}

impl LatencyStage {
    /// Of this upstream and route.
    pub(crate) fn compile(path: [&str; 2], law: &Law) -> Self {
        Self::named(path, Stage::Latency, law)
    }

    /// The law of another stage that takes time.
    pub(crate) fn named(path: [&str; 2], stage: Stage, law: &Law) -> Self {
        Self { law: law.clone(), stream: Stream::named(&[path[0], path[1], stage.name()]) }
    }

    /// The delay of an attempt.
    pub(crate) fn decide(&self, draw: &Draw) -> Duration {
        match &self.law {
            // A constant costs no dice.
            Law::Constant(span) => span.at(draw.progress).get(),
            Law::Drawn(_) => self.law.sample(draw.progress, &mut draw.dice(self.stream)),
        }
    }
}
