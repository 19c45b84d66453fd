//! Samples: how many each check will have, against what its statistics need.
//!
//! A 99th percentile of a hundred calls is a guess with a number on it. What each kind needs is in checks.md: the
//! quantile's least n is where zero exceedances prove it at 95 %, ln 0.05 / ln p (59, 299, 2995).

use std::collections::BTreeSet;

use upstorm_model::plan::{Plan, PlannedCheck, Subject, UpstreamPlan};
use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::{CheckKind, Recovery, Slo};
use upstorm_model::{HostId, RouteId};

use super::capacity::stay_of;
use super::odds::{Odds, odds};
use super::retries::{Wanted, granted};
use super::traffic::{Traffic, seconds};

/// First retries that the spread of delays is judged by.
const JITTER: u64 = 100;
/// First retries whose waits are held against a law.
const WAITS: u64 = 70;
/// Hinted retries that prove that a tenth of a percent at most is early.
const HINTED: u64 = 300;
/// Calls in a row without an arrival that prove a breaker open.
const REJECTED: u64 = 20;
/// Good seconds in a row that make a recovery.
const GOOD_SECONDS: u64 = 5;
/// Calls in those seconds of which all are good that prove a share of successes over 95 %.
const RECOVERED: u64 = 59;
/// Calls that make a ratio.
const RATIO: u64 = 30;

/// Samples of one kind: what a check will have, and what it needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Need {
    /// What is counted, in words.
    pub(crate) what: String,
    /// How many are expected.
    pub(crate) expected: f64,
    /// How many it needs.
    pub(crate) needed: u64,
}

impl Need {
    fn new(what: impl Into<String>, expected: f64, needed: u64) -> Self {
        Self { what: what.into(), expected, needed }
    }

    /// Whether fewer are expected than needed.
    pub(crate) fn is_short(&self) -> bool {
        self.expected < self.needed as f64
    }
}

/// The least n at which not one exceedance proves at 95 % that no more than `share` exceed.
pub(crate) fn least_n(share: f64) -> u64 {
    if share <= 0.0 || share >= 1.0 { 1 } else { (0.05_f64.ln() / (-share).ln_1p()).ceil() as u64 }
}

/// The segments that a check looks at.
pub(crate) fn looked_at(plan: &Plan, check: &PlannedCheck) -> Vec<usize> {
    let wanted = |phase: Option<u16>| {
        phase.is_some_and(|index| check.during.is_empty() || check.during.contains(&index))
    };
    plan.segments.iter().enumerate().filter(|(_, s)| wanted(s.phase)).map(|(index, _)| index).collect()
}

/// What a check will have and needs; empty for an always-on check.
pub(crate) fn needs(plan: &Plan, traffic: &Traffic<'_>, check: &PlannedCheck) -> Vec<Need> {
    let segments = looked_at(plan, check);
    let edge = Edge::of(plan, traffic, &check.of, &segments);
    let mut needs = match &check.kind {
        Some(CheckKind::Slo(slo)) => slo_needs(slo, edge.calls, edge.succeeded),
        Some(CheckKind::Jitter(_)) => vec![Need::new("first retries", edge.first_retries, JITTER)],
        Some(CheckKind::RetryAfter(_)) => vec![Need::new("retries after a hint", edge.hinted, HINTED)],
        Some(CheckKind::RetryBudget(_)) => vec![Need::new("first attempts", edge.calls, 1)],
        Some(CheckKind::Amplification(_)) => vec![Need::new("calls", edge.calls, RATIO)],
        Some(CheckKind::Breaker(breaker)) if !breaker.stays_closed => {
            vec![Need::new("calls while it is open", edge.rejected, REJECTED)]
        }
        Some(CheckKind::Recovery(recovery)) => recovery_needs(plan, traffic, (&check.of, recovery)),
        Some(CheckKind::Breaker(_)) => vec![Need::new("calls", edge.calls, REJECTED)],
        Some(CheckKind::Herd(_)) => {
            let edge = Edge::of(plan, traffic, &check.of, &with_those_before(segments));
            vec![Need::new("first retries", edge.first_retries, JITTER)]
        }
        Some(CheckKind::Backoff(_)) => vec![Need::new("first retries", edge.first_retries, WAITS)],
        Some(CheckKind::Failover(failover)) => {
            let unserved = 1.0 - failover.served.map_or(0.9, upstorm_model::Ratio::get);
            vec![Need::new("calls meanwhile", edge.calls, least_n(unserved).max(REJECTED))]
        }
        Some(CheckKind::Limit(_) | CheckKind::Fresh(_) | CheckKind::Tally(_)) => {
            vec![Need::new("calls", edge.calls, 1)]
        }
        Some(CheckKind::Alert(_)) => vec![Need::new("calls", edge.calls, 1)],
        Some(CheckKind::RetrySafety(_) | CheckKind::Timeout(_)) => vec![Need::new("calls", edge.calls, 1)],
        None => Vec::new(),
    };
    if let (Some(first), Some(min)) = (needs.first_mut(), check.min_samples) {
        first.needed = first.needed.max(min);
    }
    needs
}

/// With the segment before each: who comes back after a change has failed before it.
fn with_those_before(segments: Vec<usize>) -> Vec<usize> {
    let before = |segment: &usize| segment.checked_sub(1);
    let both: BTreeSet<usize> = segments.iter().filter_map(before).chain(segments.iter().copied()).collect();
    both.into_iter().collect()
}

fn slo_needs(slo: &Slo, calls: f64, succeeded: f64) -> Vec<Need> {
    let quantiles = slo.quantiles().map(|(p, _)| {
        let name = format!("p{}", (p * 1000.0).round() / 10.0).replace('.', "");
        Need::new(format!("successful calls for {name}"), succeeded, least_n(1.0 - p))
    });
    let share = |what: &str, share: f64| Need::new(format!("calls for {what}"), calls, least_n(share));
    let errors = slo.errors.map(|r| share("errors", r.get()));
    let throttled = slo.throttled.map(|r| share("throttled", r.get()));
    let availability = slo.availability.map(|r| share("availability", 1.0 - r.get()));
    quantiles.chain(errors).chain(throttled).chain(availability).collect()
}

fn recovery_needs(plan: &Plan, traffic: &Traffic<'_>, (of, recovery): (&Subject, &Recovery)) -> Vec<Need> {
    let Some(ended) = plan.phase_named(&recovery.after).map(|p| p.end) else {
        return Vec::new();
    };
    let later = plan.segments.iter().enumerate().filter(|(_, s)| s.start >= ended);
    let later: Vec<usize> = later.map(|(index, _)| index).collect();
    let left = plan.end.since(ended).as_secs_f64();
    let calls: f64 = later.iter().map(|segment| traffic.seen_by(of, *segment)).sum();
    let in_row = if left > 0.0 { calls / left * GOOD_SECONDS as f64 } else { 0.0 };
    // Five good seconds that begin just within the bound must still fit into the run.
    let needed = recovery.within.as_secs_f64().ceil() as u64 + GOOD_SECONDS;
    vec![
        Need::new("seconds after the trouble", left, needed),
        Need::new("calls in five seconds", in_row, RECOVERED),
    ]
}

/// Expected events on what a check looks at.
#[derive(Debug, Default)]
struct Edge {
    calls: f64,
    succeeded: f64,
    first_retries: f64,
    retries: f64,
    hinted: f64,
    /// Calls while the breaker is open once.
    rejected: f64,
}

impl Edge {
    fn of(plan: &Plan, traffic: &Traffic<'_>, of: &Subject, segments: &[usize]) -> Self {
        let mut edge = Self::default();
        let (mut length, mut fastest) = (0.0, 0.0_f64);
        for segment in segments.iter().copied() {
            let lasts = plan.segments.get(segment).map_or(0.0, seconds);
            let calls = edge.add_segment(plan, traffic, (of, segment));
            fastest = fastest.max(calls / lasts.max(1e-9));
            length += lasts;
        }
        if let Some(policy) = policy(plan, of) {
            edge.under(policy, length, fastest);
        }
        edge
    }

    /// Adds what happens in one segment, before budget and breaker, and gives its calls.
    fn add_segment(&mut self, plan: &Plan, traffic: &Traffic<'_>, (of, segment): (&Subject, usize)) -> f64 {
        let calls = traffic.seen_by(of, segment);
        self.calls += calls;
        let mut seen = 0.0;
        for Met { count, failed, odds } in met(plan, traffic, of, segment) {
            seen += count;
            let retry = policy(plan, of).map(|p| &p.retry);
            let again = retry.map_or(0.0, |r| if r.max_attempts > 1 { odds.retried(r) } else { 0.0 });
            let attempts = retry.map_or(1, |r| r.max_attempts.min(64));
            let more: f64 = (1..attempts).map(|k| again.powi(i32::try_from(k).unwrap_or(i32::MAX))).sum();
            self.succeeded += count * (1.0 - failed);
            self.first_retries += count * again;
            self.retries += count * more;
            self.hinted += count * (1.0 + more) * if again > 0.0 { odds.hinted } else { 0.0 };
        }
        // A client's own view of calls whose way the forecast does not know.
        self.succeeded += (calls - seen).max(0.0);
        calls
    }

    /// What budget and breaker make of it.
    fn under(&mut self, policy: &PolicySettings, length: f64, fastest: f64) {
        let wanted = Wanted { calls: self.calls, succeeded: self.succeeded, retries: self.retries, length };
        let granted = granted(&policy.retry, wanted);
        self.retries *= granted;
        self.first_retries *= granted;
        self.hinted *= granted;
        self.rejected = fastest * policy.breaker.open_for.as_secs_f64();
    }
}

/// The settings that a subject makes its attempts by.
fn policy<'a>(plan: &'a Plan, of: &Subject) -> Option<&'a PolicySettings> {
    match of {
        Subject::Run => None,
        Subject::Client(host) | Subject::Edge { from: host, .. } => plan.policy_of(*host),
    }
}

/// Some of a subject's calls, and what they meet.
struct Met {
    count: f64,
    /// The share of them that fails in the end, before retries.
    failed: f64,
    odds: Odds,
}

/// The calls on each route that a subject's calls meet in a segment, with their odds.
fn met(plan: &Plan, traffic: &Traffic<'_>, of: &Subject, segment: usize) -> Vec<Met> {
    let mut met = Vec::new();
    for (index, upstream) in plan.upstreams.iter().enumerate() {
        for route in 0..u16::try_from(upstream.routes.len()).unwrap_or(u16::MAX) {
            let count = |segment| count_at(traffic, of, (upstream, route), segment);
            if count(segment) > 0.0 {
                let odds = odds(plan, traffic, (index, usize::from(route), segment));
                let others = match of {
                    Subject::Client(_) => failed_behind(plan, traffic, upstream.host, segment),
                    _ => 1.0,
                };
                met.push(Met { count: count(segment), failed: odds.failed().min(others), odds });
            }
            if let Some((before, share)) = torn(plan, (upstream, usize::from(route)), segment) {
                let odds = Odds { broken: 1.0, ..Odds::default() };
                met.push(Met { count: count(before) * share, failed: 1.0, odds });
            }
        }
    }
    met
}

/// The share of calls that fails at the best of those that stand in for an upstream; all of them where nobody does.
fn failed_behind(plan: &Plan, traffic: &Traffic<'_>, host: HostId, segment: usize) -> f64 {
    let of_gateways = plan.gateways.iter().flat_map(|gateway| &gateway.targets);
    let targets = plan.clients.iter().map(|client| &client.target).chain(of_gateways);
    let backups = targets.filter(|t| t.hosts.contains(&host)).flat_map(|t| t.backups.iter().flatten());
    let failed = backups.filter_map(|backup| plan.upstream_of(*backup)).map(|(index, upstream)| {
        let at_route = |route| odds(plan, traffic, (index, route, segment)).failed();
        (0..upstream.routes.len()).map(at_route).fold(0.0, f64::max)
    });
    failed.fold(1.0, f64::min)
}

/// How many of a subject's calls come to a route of an upstream in a segment.
fn count_at(traffic: &Traffic<'_>, of: &Subject, at: (&UpstreamPlan, u16), segment: usize) -> f64 {
    let (upstream, route) = at;
    match of {
        Subject::Edge { from, to, route: only } => {
            let wanted = to.contains(&upstream.host) && only.is_none_or(|r| r.0 == route);
            let of = Subject::Edge { from: *from, to: vec![upstream.host], route: Some(RouteId(route)) };
            if wanted { traffic.seen_by(&of, segment) } else { 0.0 }
        }
        Subject::Client(host) => traffic.of_client_at(*host, (upstream, usize::from(route)), segment),
        Subject::Run => 0.0,
    }
}

/// Where an upstream begins to refuse connections with a segment: the segment before, and the share of its calls that
/// are being served when it ends. Those connections are reset.
fn torn(plan: &Plan, (upstream, route): (&UpstreamPlan, usize), segment: usize) -> Option<(usize, f64)> {
    let before = segment.checked_sub(1)?;
    let (earlier, now) = (upstream.timeline.get(before)?, upstream.timeline.get(segment)?);
    if !now.connect.refuses() || earlier.connect.refuses() {
        return None;
    }
    let stay = stay_of(earlier.routes.get(route)?);
    Some((before, (stay / seconds(plan.segments.get(before)?).max(1e-9)).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_n_is_that_of_the_statistics() {
        assert_eq!([least_n(0.05), least_n(0.01), least_n(0.001)], [59, 299, 2995]);
        assert_eq!([least_n(0.0), least_n(1.0)], [1, 1]);
    }
}
