//! Which family of backoff a subject's waits show: for one whose settings nobody knows, or where the check asks.
//!
//! Held where the waits show one law, be it written as one family or as two; Inconclusive where two laws fit about as
//! well, and where none does. There is nothing to fail: whether the backoff is the one that is wanted is told by what the
//! check states of it. For an unknown subject what it does not state is taken from here.

use upstorm_model::TimeSpan;
use upstorm_model::policy::{self, Curve};
use upstorm_model::verdict::{BackoffFamily, BoundSource, Estimate, Measure, Observation, Unit, Verdict};

use super::backoff_waits::Wait;
use crate::evidence::Edge;
use crate::reading::at_most;
use crate::recognise::{BLUR, Courses, LEAST, Named, UNLIKELY, name};
use crate::statistics::critical;
use crate::{Case, Reading};

/// The family that waits show, and how well.
pub(super) struct Naming {
    courses: Courses,
    named: Named,
}

impl Naming {
    /// Of waits in the order of their calls.
    pub(super) fn of(waits: &[Wait<'_>]) -> Self {
        let courses = Courses::of(calls(waits));
        let named = name(&courses);
        Self { courses, named }
    }

    /// What is told of it.
    pub(super) fn observe(&self, case: &Case<'_>, edge: &Edge<'_>) -> Observation {
        let n = self.courses.fewest() as u64;
        let retries = self.courses.by_retry().len().max(1) as f64;
        let reading = Reading::of(Measure::BackoffFamily, Unit::Number, n)
            .value(self.named.distance)
            .needs(LEAST as u64)
            .ruled(if self.named.is_one { Verdict::Held } else { Verdict::Inconclusive })
            .doubted(edge.doubt())
            .recognised(self.named.recognised.clone());
        let farthest = critical(UNLIKELY / retries, n) + BLUR;
        case.judge(reading, at_most(farthest, BoundSource::Rule))
    }

    /// The settings that were recognised; none where nothing was.
    pub(super) fn settings(&self) -> Option<policy::Backoff> {
        let best = self.named.recognised.families.first()?;
        Some(settings(best, self.courses.by_retry().len()))
    }
}

/// The waits of each call from its first retry on, up to the first that was not seen.
fn calls<'w>(waits: &'w [Wait<'_>]) -> impl Iterator<Item = Vec<f64>> + 'w {
    waits.chunk_by(|a, b| a.call == b.call).map(|call| {
        let unbroken = (1..).zip(call).take_while(|(retry, wait)| wait.retry == *retry);
        unbroken.map(|(_, wait)| wait.seconds).collect()
    })
}

/// A family as settings. A cap that no wait met is beyond all that were seen.
fn settings(family: &BackoffFamily, retries: usize) -> policy::Backoff {
    let seconds = |e: Estimate| TimeSpan::from_secs_f64(e.value);
    let plain = policy::Backoff::default();
    let multiplier = family.multiplier.map_or(plain.multiplier, |m| m.value);
    let curve = family.curve.unwrap_or(if retries > 1 { Curve::Exponential } else { Curve::Constant });
    policy::Backoff {
        curve,
        base: seconds(family.base),
        multiplier,
        max: family.cap.map_or(TimeSpan::from_secs(86_400), seconds),
        jitter: family.jitter,
        jitter_factor: family.jitter_factor.map_or(plain.jitter_factor, |f| f.value),
        ..plain
    }
}
