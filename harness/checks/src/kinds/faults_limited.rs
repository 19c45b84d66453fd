//! What a declared rate limit had to reject, and what it did.
//!
//! A limit is no share: what it rejects depends on what arrives. So the same token bucket is run again over the recorded
//! arrivals, full where the limit begins (again, where it was another in between, even if nothing arrived then), and every
//! rejection is expected or not. Limits with a key are left out: the
//! recording does not hold the header's value.

use std::collections::BTreeMap;

use upstorm_model::recording::{Admission, Attempt};
use upstorm_model::scenario::Limit;
use upstorm_model::verdict::{BoundSource, Measure, Observation, Unit, Verdict};
use upstorm_model::{Offset, Plan};

use crate::reading::at_least;
use crate::{Case, Reading};

/// How a limit was met in one phase and route.
#[derive(Debug, Default, Clone, Copy)]
struct Met {
    arrived: u64,
    due: u64,
    rejected: u64,
}

/// A token bucket of one route.
struct Bucket<'a> {
    limit: &'a Limit,
    /// The first of the segments in a row in which it is the limit.
    since: u16,
    tokens: f64,
    at: Offset,
    rate: f64,
}

/// Rejections that may differ: heads are stamped a moment before the bucket is asked, so two that come together may
/// trade places.
const TRADED: f64 = 0.01;
const FEW: u64 = 3;

impl<'a> Bucket<'a> {
    fn full((limit, since): (&'a Limit, u16), (at, progress): (Offset, f64)) -> Self {
        let rate = limit.rate.at(progress).get();
        Self { limit, since, tokens: Self::burst(limit, rate), at, rate }
    }

    fn burst(limit: &Limit, rate: f64) -> f64 {
        limit.burst.map_or(rate.floor(), f64::from).max(1.0)
    }

    /// Whether there is a token for an arrival.
    fn take(&mut self, (at, progress): (Offset, f64)) -> bool {
        let rate = self.limit.rate.at(progress).get();
        let gained = f64::midpoint(self.rate, rate) * at.since(self.at).as_secs_f64();
        self.tokens = (self.tokens + gained).min(Self::burst(self.limit, rate));
        (self.at, self.rate) = (self.at.max(at), rate);
        let there = self.tokens >= 1.0 - 1e-10;
        self.tokens -= f64::from(u8::from(there));
        there
    }
}

/// An observation for each phase and route whose limit met an attempt.
pub(super) fn judge_limits(case: &Case<'_>) -> Vec<Observation> {
    met(case).into_iter().map(|(part, met)| judge(case, part, met)).collect()
}

fn judge(case: &Case<'_>, part: String, met: Met) -> Observation {
    let apart = met.rejected.abs_diff(met.due);
    let kept = apart <= FEW + (met.arrived as f64 * TRADED) as u64;
    let share = |n: u64| n as f64 / met.arrived as f64;
    let reading = Reading::of(Measure::FaultShare, Unit::Ratio, met.arrived)
        .part(part)
        .value(Some(share(met.rejected)))
        .ruled(if kept { Verdict::Held } else { Verdict::Failed });
    case.judge(reading, at_least(share(met.due), BoundSource::Scenario))
}

fn met(case: &Case<'_>) -> BTreeMap<String, Met> {
    let plan = case.plan();
    let mut buckets: BTreeMap<(u16, u16), Bucket<'_>> = BTreeMap::new();
    let mut met: BTreeMap<String, Met> = BTreeMap::new();
    let mut begun = BTreeMap::new();
    for attempt in &case.evidence.recording.attempts {
        let way = (attempt.upstream.0, attempt.route.0);
        let Some(limit) = limit_of(plan, attempt, attempt.segment) else { continue };
        let first = || since(attempt.segment, |segment| limit_of(plan, attempt, segment));
        let since = *begun.entry((way, attempt.segment)).or_insert_with(first);
        let moment = (attempt.head, plan.progress(usize::from(attempt.segment), attempt.head));
        let bucket = buckets.entry(way).or_insert_with(|| Bucket::full((limit, since), moment));
        if bucket.since != since {
            *bucket = Bucket::full((limit, since), moment);
        }
        let due = !bucket.take(moment);
        let Some(part) = part(plan, attempt) else { continue };
        let met = met.entry(part).or_default();
        met.arrived += 1;
        met.due += u64::from(due);
        met.rejected += u64::from(attempt.fate.admission == Admission::Limited);
    }
    met
}

/// The limit on the way of an attempt, in this segment.
fn limit_of<'a>(plan: &'a Plan, attempt: &Attempt, segment: u16) -> Option<&'a Limit> {
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let behaviour = upstream.timeline.get(usize::from(segment))?.routes.get(usize::from(attempt.route.0))?;
    behaviour.limit.as_ref().filter(|limit| limit.key.is_none())
}

/// The first of the segments in a row, up to this one, that have its limit: there its bucket was full.
fn since<'a>(segment: u16, limit_in: impl Fn(u16) -> Option<&'a Limit>) -> u16 {
    let limit = limit_in(segment);
    (0..segment).rev().take_while(|before| limit_in(*before) == limit).last().unwrap_or(segment)
}

/// None in warm-up.
fn part(plan: &Plan, attempt: &Attempt) -> Option<String> {
    let phase = plan.segments.get(usize::from(attempt.segment))?.phase?;
    let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let route = upstream.routes.get(usize::from(attempt.route.0)).map_or("?", |r| r.name.as_str());
    Some(format!("{phase}: {}/{route} limit", plan.host_name(attempt.upstream)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::Reject;
    use upstorm_model::{Rate, Varying};

    #[test]
    fn a_bucket_begins_anew_after_a_phase_in_which_nothing_arrived() {
        let limit = |burst| Limit {
            rate: Varying::from(Rate::per_second(10.0)),
            burst: Some(burst),
            key: None,
            reject: Reject { status: 429, retry_after: None },
        };
        let (usual, other) = (limit(5), limit(9));
        let segments = [Some(&usual), Some(&usual), Some(&other), Some(&usual), None, Some(&usual)];
        let begun = |segment| since(segment, |at| segments[usize::from(at)]);
        assert_eq!([0, 1, 2, 3, 5].map(begun), [0, 0, 2, 3, 5]);
    }
}
