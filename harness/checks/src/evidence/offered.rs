//! Calls offered to an edge, and whether each was let through: how an outsider sees a circuit breaker.
//!
//! "No arrival at the upstream" shows an open breaker only while the upstream can be reached: during a refused or
//! partitioned phase nothing arrives although the breaker is closed. So the caller's view decides. A call was turned
//! away when it made no attempt, was answered 503 (or rejected by the client's own policies), and that within 5 ms of
//! being sent: an attempt that is refused ends in another status or is followed by a backoff, one that times out is
//! slow. While everything that is sent must arrive, and there is no other way for it to go, a rejection may be slow (up
//! to a second, and a check says so): nothing was tried, and nothing was lost.
//!
//! What a bulkhead or rate limit may have rejected says nothing either way: a 429 without an attempt, and a 503 while
//! as many calls are in flight as the subject's own settings admit. Nor does a call that a partition kept from the
//! subject. A subject that answers refused connections with an immediate 503 and does not retry cannot be told from an
//! open breaker; that is a limit of looking from outside.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use upstorm_model::plan::Target;
use upstorm_model::recording::{Call, CallId, Outcome};
use upstorm_model::{HostId, Offset, Plan};

use super::{Edge, Evidence, Grouping, Reach};

/// A local rejection is faster than this, besides its way from and to the caller.
pub const FAST: Duration = Duration::from_millis(5);
/// What takes longer is no rejection, whatever its status.
const SLOWEST: Duration = Duration::from_secs(1);

/// What became of an offered call at the subject's door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was tried.
    Through,
    /// It was rejected on the spot.
    TurnedAway,
    /// It says nothing about the breaker.
    Unclear,
}

/// A call that was offered to an edge.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Which call.
    pub call: CallId,
    /// When its client sent it.
    pub sent: Offset,
    /// Attempts of it that arrived.
    pub attempts: u32,
    /// Whether it was let through.
    pub answer: Answer,
    /// Whether it succeeded in the end.
    pub succeeded: bool,
    /// When its client had the answer, or gave up.
    pub done: Offset,
    /// Whether it ended at all before the run was over.
    pub ended: bool,
}

/// The calls offered to an edge after warm-up, in the order they were sent.
#[must_use]
pub fn offered<'e>(evidence: &Evidence<'_>, edge: &'e Edge<'_>) -> &'e [Offered] {
    edge.offers.get_or_init(|| offers(evidence, edge))
}

fn offers(evidence: &Evidence<'_>, edge: &Edge<'_>) -> Vec<Offered> {
    let calls = edge.sent().in_order();
    let arrivals = Arrivals::of(edge);
    let reach = Reach::of(evidence, &edge.hop.1);
    let admits = evidence.plan.policy_of(edge.hop.0).and_then(|p| p.limits.max_requests);
    let targets = evidence.plan.targets_of(edge.hop.0);
    let lone = |target: &Target| target.backups.is_empty() && target.hosts == edge.hop.1;
    let only_way = edge.route.is_none() && targets.len() == 1 && targets.iter().all(lone);
    let ways = evidence.plan.clients.iter().map(|c| (c.host, evidence.round_trip(c.host, &[edge.hop.0])));
    let ways: Vec<(HostId, Duration)> = ways.collect();
    let way_of = |client: HostId| ways.iter().find(|way| way.0 == client).map_or(Duration::ZERO, |way| way.1);
    let mut in_flight = BinaryHeap::new();
    let mut out = Vec::with_capacity(calls.len());
    for call in calls {
        let full = admits.is_some_and(|most| {
            while in_flight.peek().is_some_and(|Reverse(done)| *done <= call.sent) {
                in_flight.pop();
            }
            let full = in_flight.len() >= most as usize;
            in_flight.push(Reverse(call.done));
            full
        });
        if call.planned >= evidence.plan.warmup_until {
            let attempts = arrivals.during(call);
            let way = way_of(call.id.client());
            let seen = only_way && reach.throughout(call.sent, call.done);
            let slowest = if seen { SLOWEST } else { FAST + way };
            let mut offer = offer(call, attempts, !full && call.done.since(call.sent) < slowest);
            if attempts == 0 && cut_off(evidence.plan, call, edge.hop.0) {
                offer.answer = Answer::Unclear;
            }
            out.push(offer);
        }
    }
    out
}

/// Whether a partition kept this call from the subject's door, or may have.
fn cut_off(plan: &Plan, call: &Call, subject: HostId) -> bool {
    let client = call.id.client();
    let between = |pair: &[HostId; 2]| [[client, subject], [subject, client]].contains(pair);
    let during = plan.segments.iter().filter(|s| s.start <= call.done && call.sent < s.end);
    during.flat_map(|s| &s.partitions).any(between)
}

fn offer(call: &Call, attempts: u32, local: bool) -> Offered {
    let answer = match call.outcome {
        _ if attempts > 0 => Answer::Through,
        Outcome::Answered(503) | Outcome::Rejected if local => Answer::TurnedAway,
        Outcome::Answered(503 | 429) | Outcome::Rejected | Outcome::ConnectFailed | Outcome::Censored => {
            Answer::Unclear
        }
        _ => Answer::Through,
    };
    Offered {
        call: call.id,
        sent: call.sent,
        attempts,
        answer,
        succeeded: call.outcome.is_success(),
        done: call.done,
        ended: call.outcome != Outcome::Censored,
    }
}

/// How many attempts a call made: by its id, or where ids are dropped whatever arrived while it was open.
enum Arrivals<'e, 'a> {
    ByCall(&'e Edge<'a>),
    ByTime(Vec<Offset>),
}

impl<'e, 'a> Arrivals<'e, 'a> {
    fn of(edge: &'e Edge<'a>) -> Self {
        if edge.is_empty() || edge.grouping() == Grouping::ByCallId {
            return Self::ByCall(edge);
        }
        Self::ByTime(edge.by_arrival().map(|a| a.head).collect())
    }

    fn during(&self, call: &Call) -> u32 {
        match self {
            Self::ByCall(edge) => edge.attempts_of(call.id),
            Self::ByTime(heads) => {
                let count = heads
                    .partition_point(|h| *h <= call.done)
                    .saturating_sub(heads.partition_point(|h| *h < call.sent));
                u32::try_from(count).unwrap_or(u32::MAX)
            }
        }
    }
}
