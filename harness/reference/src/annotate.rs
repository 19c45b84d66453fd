//! Annotations: what the policies of a host say of themselves, written into the recording.
//!
//! For the timeline of a report, so that a reader sees the breaker open where the failures begin. An overloaded
//! gateway rejects thousands of calls a second; rejections and their like are annotated once a
//! second, breaker states always.

use std::sync::atomic::{AtomicU64, Ordering};

use upstorm_model::recording::{Annotation, Mark, MarkKind, Record};
use upstorm_model::{HostId, Offset};
use upstorm_policy::{Listener, PolicyEvent};
use upstorm_world::{Env, Recorder};

/// Annotations that are written once a second.
const NOISY: [Annotation; 7] = [
    Annotation::BudgetExhausted,
    Annotation::RateLimited,
    Annotation::BulkheadFull,
    Annotation::Throttled,
    Annotation::Hedged,
    Annotation::ServedStale,
    Annotation::FellBack,
];

/// Writes what the policies of one host do into the recording.
#[derive(Debug)]
pub(crate) struct Annotator {
    host: HostId,
    recorder: Recorder,
    /// For each of the noisy ones, when it may be written next, in nanoseconds.
    next: [AtomicU64; NOISY.len()],
}

impl Annotator {
    /// For this host.
    pub(crate) fn new(env: &Env) -> Self {
        Self { host: env.host, recorder: env.recorder.clone(), next: Default::default() }
    }

    fn may_be_written(&self, annotation: Annotation, at: Offset) -> bool {
        let noisy = NOISY.iter().zip(&self.next).find(|(noisy, _)| **noisy == annotation);
        let Some((_, next)) = noisy else { return true };
        let now = at.as_nanos();
        let later = now.saturating_add(1_000_000_000);
        let written =
            next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| (now >= next).then_some(later));
        written.is_ok()
    }
}

impl Listener for Annotator {
    fn on(&self, at: Offset, event: PolicyEvent) {
        if let Some(annotation) = event.annotation().filter(|a| self.may_be_written(*a, at)) {
            self.recorder.record(Record::Mark(Mark { at, kind: MarkKind::Says(self.host, annotation) }));
        }
    }
}
