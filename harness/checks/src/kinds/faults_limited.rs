//! What a declared rate limit had to reject, and what it did.
//!
//! A limit is no share: what it rejects depends on what arrives. So the same token bucket is run again over the recorded
//! arrivals, full where the limit begins, and every rejection is expected or not. Limits with a key are left out: the
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
    tokens: f64,
    at: Offset,
    rate: f64,
}

/// Rejections that may differ: heads are stamped a moment before the bucket is asked, so two that come together may
/// trade places.
const TRADED: f64 = 0.01;
const FEW: u64 = 3;

impl<'a> Bucket<'a> {
    fn full(limit: &'a Limit, (at, progress): (Offset, f64)) -> Self {
        let rate = limit.rate.at(progress).get();
        Self { limit, tokens: Self::burst(limit, rate), at, rate }
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
    for attempt in &case.evidence.recording.attempts {
        let way = (attempt.upstream.0, attempt.route.0);
        let Some(limit) = limit_of(plan, attempt) else {
            buckets.remove(&way);
            continue;
        };
        let moment = (attempt.head, plan.progress(usize::from(attempt.segment), attempt.head));
        let bucket = buckets.entry(way).or_insert_with(|| Bucket::full(limit, moment));
        if bucket.limit != limit {
            *bucket = Bucket::full(limit, moment);
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

fn limit_of<'a>(plan: &'a Plan, attempt: &Attempt) -> Option<&'a Limit> {
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let behaviour =
        upstream.timeline.get(usize::from(attempt.segment))?.routes.get(usize::from(attempt.route.0))?;
    behaviour.limit.as_ref().filter(|limit| limit.key.is_none())
}

/// None in warm-up.
fn part(plan: &Plan, attempt: &Attempt) -> Option<String> {
    let phase = plan.segments.get(usize::from(attempt.segment))?.phase?;
    let phase = plan.phases.get(usize::from(phase)).map_or("?", |p| p.name.as_str());
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    let route = upstream.routes.get(usize::from(attempt.route.0)).map_or("?", |r| r.name.as_str());
    Some(format!("{phase}: {}/{route} limit", plan.host_name(attempt.upstream)))
}
