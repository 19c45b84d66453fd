//! The waits of a subject's backoff, as far as they can be seen: which pairs of attempts show one, and how long it was.

use upstorm_model::plan::Plan;
use upstorm_model::recording::{Attempt, Call};
use upstorm_model::{HostId, Offset};
use upstorm_policy::BackoffLaw;

use crate::Case;
use crate::evidence::{Edge, Sent, Turnaround, failed, overtaken};

/// An attempt may seem to start this much before the one before it has ended, when its caller's leaving is seen late.
const OVERLAP: f64 = 0.005;
/// A pool that is this full may have kept an attempt waiting.
const CROWDED: f64 = 0.9;

/// A wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait<'a> {
    /// Before which retry, from 1.
    pub retry: u32,
    /// How long, less the turnaround.
    pub seconds: f64,
    /// The retry.
    pub next: &'a Attempt,
}

/// Every wait that can be seen, call by call.
pub(super) fn waits<'a>(
    case: &Case<'a>,
    edge: &Edge<'a>,
    turnaround: &Turnaround,
    laws: &[BackoffLaw],
) -> Vec<Wait<'a>> {
    let sight = Sight::of(case, edge);
    let mut out = Vec::new();
    for call in edge.calls().filter(|c| case.period.contains(c.first().head)) {
        let known = call.first().keys.call.and_then(|id| sight.sent.call(id));
        for ((retry, law), (before, next)) in (1_u32..).zip(laws).zip(call.pairs()) {
            // Which retry those after it are, and what their waits were counted from, is no longer known.
            if next.head.signed_secs_from(before.end) < -OVERLAP || overtaken(before) || overtaken(next) {
                break;
            }
            if sight.throttled_apart && before.status == Some(429) || !failed(before) {
                break;
            }
            let longest = law.max().as_secs_f64() + turnaround.late();
            let cut = known.and_then(|call| sight.over(call));
            let seen_whole = cut.is_none_or(|cut| cut.signed_secs_from(before.end) > longest);
            if before.hint.is_none() && seen_whole && !sight.obstructed(before.end, next.head) {
                out.push(Wait { retry, seconds: turnaround.wait(before, next), next });
            }
        }
    }
    out
}

/// What may hide a wait, or make it seem longer.
struct Sight<'a> {
    plan: &'a Plan,
    hop: (HostId, Vec<HostId>),
    sent: Sent<'a>,
    throttled_apart: bool,
    /// When each attempt began and ended, each in order.
    began: Vec<Offset>,
    ended: Vec<Offset>,
}

impl<'a> Sight<'a> {
    fn of(case: &Case<'a>, edge: &Edge<'a>) -> Self {
        let plan = case.plan();
        let arrivals = edge.by_arrival();
        let mut ended: Vec<Offset> = arrivals.iter().map(|a| a.end).collect();
        ended.sort_unstable();
        let backoff = plan.policy_of(edge.hop.0).map(|p| &p.retry.backoff);
        Self {
            plan,
            hop: edge.hop.clone(),
            sent: Sent::of(case.evidence, edge),
            throttled_apart: backoff.is_some_and(|b| b.throttled_base.is_some()),
            began: arrivals.iter().map(|a| a.head).collect(),
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
