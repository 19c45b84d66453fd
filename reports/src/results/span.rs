//! The span of a run: how far its recording goes, and the bands of warm-up, phases and drain on it.
//!
//! A run that was cut short must not be divided by the time it would have taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::recording::Recording;
use upstorm_model::{Offset, Plan};

/// A stretch of the run with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// The phase's name; `warm-up` and `drain` for the two that are none.
    pub name: String,
    /// Which of the three it is.
    pub kind: BandKind,
    /// When it begins, in seconds.
    pub start: f64,
    /// When it ends, in seconds.
    pub end: f64,
}

/// What a band is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BandKind {
    /// Before the first phase; checks leave it out.
    WarmUp,
    /// A phase of the scenario.
    Phase,
    /// After the last phase: calls in flight are waited for.
    Drain,
}

/// A time in which packets between two hosts went nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Partition {
    /// One of the two.
    pub a: String,
    /// The other.
    pub b: String,
    /// When it begins, in seconds.
    pub start: f64,
    /// When it ends, in seconds.
    pub end: f64,
}

/// How far a recording goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The end of the last phase, or where the recording stops if that is earlier.
    pub(super) until: Offset,
    /// The last thing that happened, never before `until`.
    pub(super) last: Offset,
}

impl Span {
    pub(super) fn of(plan: &Plan, recording: &Recording) -> Self {
        let calls = recording.calls.iter().map(|c| c.done).max().unwrap_or_default();
        let attempts = recording.attempts.iter().map(|a| a.end).max().unwrap_or_default();
        let marks = recording.marks.last().map(|m| m.at).unwrap_or_default();
        let happened = calls.max(attempts).max(marks);
        let until = if recording.partial { plan.end.min(happened) } else { plan.end };
        // What lies beyond the drain is damage, not time.
        let latest = plan.end + plan.drain.get();
        Self { until, last: happened.max(until).min(latest.max(until)) }
    }

    /// How much of a stretch was performed, in seconds.
    pub(super) fn performed(&self, start: Offset, end: Offset) -> f64 {
        end.min(self.until).since(start).as_secs_f64()
    }

    pub(super) fn bands(&self, plan: &Plan) -> Vec<Band> {
        let band = |name: &str, kind, start: Offset, end: Offset| Band {
            name: name.to_owned(),
            kind,
            start: start.as_secs_f64(),
            end: end.as_secs_f64(),
        };
        let warmup = band("warm-up", BandKind::WarmUp, Offset::ZERO, plan.warmup_until);
        let drain = band("drain", BandKind::Drain, plan.end, self.last);
        let phases = plan.phases.iter().map(|p| band(&p.name, BandKind::Phase, p.start, p.end));
        std::iter::once(warmup).chain(phases).chain([drain]).filter(|b| b.end > b.start).collect()
    }

    /// The partitions of the plan, those of segments that follow each other joined.
    pub(super) fn partitions(&self, plan: &Plan) -> Vec<Partition> {
        let mut found: Vec<Partition> = Vec::new();
        for segment in plan.segments.iter().filter(|s| s.start < self.until) {
            let (start, end) = (segment.start.as_secs_f64(), segment.end.min(self.until).as_secs_f64());
            for [a, b] in &segment.partitions {
                let (a, b) = (plan.host_name(*a), plan.host_name(*b));
                match found.iter_mut().find(|p| p.a == a && p.b == b && p.end >= start) {
                    Some(open) => open.end = end,
                    None => found.push(Partition { a: a.to_owned(), b: b.to_owned(), start, end }),
                }
            }
        }
        found
    }
}
