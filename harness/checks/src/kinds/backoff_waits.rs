//! The waits of a subject's backoff, as far as they can be seen: which pairs of attempts show one, and how long it was.

use upstorm_model::plan::Plan;
use upstorm_model::recording::{Attempt, Call};
use upstorm_model::{HostId, Offset};

use crate::Case;
use crate::evidence::{Edge, Turnaround, failed, overtaken};

/// An attempt may seem to start this much before the one before it has ended, when its caller's leaving is seen late.
const OVERLAP: f64 = 0.005;
/// A pool that is this full may have kept an attempt waiting.
const CROWDED: f64 = 0.9;

/// A wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait<'a> {
    /// Of which call, by the arrival of its first attempt.
    pub call: usize,
    /// Before which retry, from 1.
    pub retry: u32,
    /// How long, less the turnaround.
    pub seconds: f64,
    /// The retry.
    pub next: &'a Attempt,
}

/// How long waits may be: what could have been cut off is left out.
pub(super) struct Longest<'l> {
    /// Before each retry, in seconds.
    pub by_retry: &'l [f64],
    /// Whether a wait depends on those before. Then only calls count that had time for all of them at their longest: those
    /// that had time left because their waits were short would be taken for all.
    pub remembered: bool,
}

/// Every wait that can be seen, call by call.
pub(super) fn waits<'a>(
    case: &Case<'a>,
    edge: &Edge<'a>,
    sight: &Sight<'a>,
    longest: &Longest<'_>,
) -> Vec<Wait<'a>> {
    let turnaround = &sight.turnaround;
    let mut out = Vec::new();
    for (index, call) in edge.retried().filter(|c| case.period.contains(c.first().head)).enumerate() {
        let known = call.first().keys.call.and_then(|id| edge.sent().call(id));
        let mut spared = 0.0_f64; // how much longer the waits before might have been
        for ((retry, most), (before, next)) in (1_u32..).zip(longest.by_retry).zip(call.pairs()) {
            // Which retry those after it are, and what their waits were counted from, is no longer known.
            if next.head.signed_secs_from(before.end) < -OVERLAP || overtaken(before) || overtaken(next) {
                break;
            }
            if sight.throttled_apart && before.status == Some(429) || !failed(before) {
                break;
            }
            let most = most + turnaround.late();
            let needed = if longest.remembered { most + spared } else { most };
            spared = (spared + most - next.head.signed_secs_from(before.end)).max(0.0);
            let cut = known.and_then(|call| sight.over(call));
            let seen_whole = cut.is_none_or(|cut| cut.signed_secs_from(before.end) > needed);
            if before.hint.is_none() && seen_whole && !sight.obstructed(before.end, next.head) {
                out.push(Wait { call: index, retry, seconds: turnaround.wait(before, next), next });
            }
        }
    }
    out
}

/// Every wait that can be seen where nobody knows how long they may be: as long as the longest before each retry.
pub(super) fn waits_of_any_length<'a>(
    case: &Case<'a>,
    edge: &Edge<'a>,
    sight: &Sight<'a>,
    retries: u32,
) -> Vec<Wait<'a>> {
    // A name is given by each wait in the light of those before it, whichever these were.
    let up_to = |by_retry: &[f64]| waits(case, edge, sight, &Longest { by_retry, remembered: false });
    let mut longest = vec![0.0_f64; retries as usize];
    for wait in up_to(&longest.clone()) {
        let longest = &mut longest[wait.retry as usize - 1];
        *longest = longest.max(wait.seconds);
    }
    up_to(&longest)
}

/// What may hide a wait, or make it seem longer.
pub(super) struct Sight<'a> {
    /// What lies between two attempts besides a wait.
    pub turnaround: Turnaround,
    plan: &'a Plan,
    hop: (HostId, Vec<HostId>),
    throttled_apart: bool,
    /// When each attempt began and ended, each in order.
    began: Vec<Offset>,
    ended: Vec<Offset>,
}

impl<'a> Sight<'a> {
    /// Of an edge.
    pub(super) fn of(case: &Case<'a>, edge: &Edge<'a>) -> Self {
        let plan = case.plan();
        let mut ended: Vec<Offset> = edge.by_arrival().map(|a| a.end).collect();
        ended.sort_unstable();
        let backoff = plan.policy_of(edge.hop.0).map(|p| &p.retry.backoff);
        Self {
            turnaround: Turnaround::of(case.evidence, edge),
            plan,
            hop: edge.hop.clone(),
            throttled_apart: backoff.is_some_and(|b| b.throttled_base.is_some()),
            began: edge.by_arrival().map(|a| a.head).collect(),
            ended,
        }
    }

    /// When a call is over whatever happens: by the subject's deadline or the client's timeout.
    fn over(&self, call: &Call) -> Option<Offset> {
        let total = self.plan.policy_of(self.hop.0).and_then(|p| p.deadline.total);
        let client = self.plan.clients.iter().find(|c| c.host == call.id.client());
        let timeout = client.map(|c| c.timeout).filter(|t| !t.is_zero());
        let limits = [total, timeout].into_iter().flatten();
        limits.min().map(|limit| call.sent + limit.get())
    }

    /// Whether something may have held up, or hidden, an attempt in this time.
    fn obstructed(&self, from: Offset, to: Offset) -> bool {
        let most = self.plan.policy_of(self.hop.0).map(|p| f64::from(p.pool.max_connections) * CROWDED);
        let before = |times: &[Offset]| times.partition_point(|at| *at < to);
        let open = before(&self.began).saturating_sub(before(&self.ended));
        most.is_some_and(|most| open as f64 >= most) || self.shut(from, to)
    }

    /// Whether a connection might have failed unseen: a partition, or a declared trouble of connections.
    fn shut(&self, from: Offset, to: Offset) -> bool {
        let (first, last) = (self.plan.segment_at(from), self.plan.segment_at(to));
        let cut = |index: usize| {
            let pairs = self.plan.segments.get(index).map(|s| s.partitions.as_slice()).unwrap_or_default();
            let mut between = pairs.iter().filter(|pair| pair.contains(&self.hop.0));
            between.any(|pair| pair.iter().any(|host| self.hop.1.contains(host)))
        };
        let refused = |index: usize| {
            let upstreams = self.hop.1.iter().filter_map(|to| self.plan.upstream_of(*to));
            let mut segments = upstreams.filter_map(|(_, u)| u.timeline.get(index));
            segments.any(upstorm_model::plan::UpstreamSegment::may_fail_to_connect)
        };
        (first..=last).any(|index| cut(index) || refused(index))
    }
}
