//! An edge: the attempts one host made at another, grouped into calls.
//!
//! Whether an attempt is a first one or a retry decides most verdicts, and no gateway has to tell. Attempts are
//! grouped by what they carry, in this order: `x-upstorm-call`, Idempotency-Key, `x-request-id`, trace id. Our own call
//! id is exact; the others may be made anew by a gateway, so where two of them disagree on more than 0.1 % of the
//! attempts the grouping is ambiguous. Without any of them, method and path group: exact where every path is unique
//! to its call (`{seq}`), ambiguous where more than 1 % is not.

use std::collections::BTreeMap;

use upstorm_model::recording::{Attempt, CallId, Keys};
use upstorm_model::verdict::Doubt;
use upstorm_model::{HostId, Offset, RouteId};

use super::Evidence;

/// Two foreign keys may disagree on this share of the attempts.
const DISAGREEMENT: f64 = 0.001;
/// This share of the attempts may be ambiguous where method and path group them.
const AMBIGUITY: f64 = 0.01;

/// What grouped the attempts of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// The call id, on all but one in a thousand.
    ByCallId,
    /// Keys of the caller's own, which agree.
    ByOtherKeys,
    /// They cannot be told apart into calls.
    Ambiguous,
}

/// The attempts of an edge, grouped into calls.
#[derive(Debug)]
pub struct Edge<'a> {
    /// Who sends, and the replicas that receive.
    pub hop: (HostId, Vec<HostId>),
    attempts: &'a [Attempt],
    order: Vec<u32>,
    spans: Vec<(u32, u32)>,
    grouping: Grouping,
    by_call: BTreeMap<CallId, u32>,
}

/// The attempts of one call at an edge, by arrival.
#[derive(Debug, Clone, Copy)]
pub struct CallTries<'e, 'a> {
    attempts: &'a [Attempt],
    order: &'e [u32],
}

impl<'e, 'a> CallTries<'e, 'a> {
    /// The first attempt.
    #[must_use]
    pub fn first(self) -> &'a Attempt {
        &self.attempts[self.order[0] as usize]
    }

    /// All attempts.
    pub fn all(self) -> impl Iterator<Item = &'a Attempt> + 'e
    where
        'a: 'e,
    {
        self.order.iter().map(move |index| &self.attempts[*index as usize])
    }

    /// Each attempt with the one after it.
    pub fn pairs(self) -> impl Iterator<Item = (&'a Attempt, &'a Attempt)> + 'e
    where
        'a: 'e,
    {
        let at = move |index: u32| &self.attempts[index as usize];
        self.order.windows(2).map(move |pair| (at(pair[0]), at(pair[1])))
    }

    /// How many attempts it made.
    #[must_use]
    pub const fn attempts(self) -> usize {
        self.order.len()
    }
}

impl<'a> Edge<'a> {
    /// Gathers and groups the attempts of an edge.
    #[must_use]
    pub fn gather(evidence: &Evidence<'a>, hop: (HostId, &[HostId]), route: Option<RouteId>) -> Self {
        let attempts: &'a [Attempt] = &evidence.recording.attempts;
        let here = Whereabouts::new(evidence, hop);
        let wanted = |a: &Attempt| route.is_none_or(|r| a.route == r) && here.belongs(a);
        let mut keyed: Vec<(u8, u64, Offset, u32)> = (0_u32..)
            .zip(attempts)
            .filter(|(_, a)| wanted(a))
            .map(|(index, a)| {
                let (kind, value) = key(&a.keys);
                (kind, value, a.head, index)
            })
            .collect();
        keyed.sort_unstable();
        let grouping = grouping(evidence, hop, attempts, &keyed);
        let order: Vec<u32> = keyed.iter().map(|k| k.3).collect();
        let mut spans = spans(&keyed);
        spans.sort_by_key(|(start, _)| (keyed[*start as usize].2, order[*start as usize]));
        let by_call = spans
            .iter()
            .filter_map(|(from, to)| Some((attempts[order[*from as usize] as usize].keys.call?, to - from)))
            .collect();
        Self { hop: (hop.0, hop.1.to_vec()), attempts, order, spans, grouping, by_call }
    }

    /// The calls with at least one attempt here, by the head of their first one.
    pub fn calls(&self) -> impl Iterator<Item = CallTries<'_, 'a>> + Clone {
        self.spans.iter().map(|(from, to)| CallTries {
            attempts: self.attempts,
            order: &self.order[*from as usize..*to as usize],
        })
    }

    /// How many attempts this call made here.
    #[must_use]
    pub fn attempts_of(&self, call: CallId) -> u32 {
        self.by_call.get(&call).copied().unwrap_or(0)
    }

    /// The attempts, by arrival.
    #[must_use]
    pub fn by_arrival(&self) -> Vec<&'a Attempt> {
        let mut indices = self.order.clone();
        indices.sort_unstable();
        let mut attempts: Vec<&'a Attempt> = indices.iter().map(|i| &self.attempts[*i as usize]).collect();
        attempts.sort_by_key(|a| a.head);
        attempts
    }

    /// How many attempts there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// True when nothing arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What grouped the attempts.
    #[must_use]
    pub const fn grouping(&self) -> Grouping {
        self.grouping
    }

    /// The doubt about any verdict that needs calls to be told apart.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        (self.grouping == Grouping::Ambiguous).then_some(Doubt::Ambiguous)
    }
}

/// Which attempts belong to an edge: by their peer, or where the link does not tell, or others stand between, by the way
/// their client calls.
struct Whereabouts<'a> {
    hop: (HostId, &'a [HostId]),
    straight: bool,
    clients: BTreeMap<HostId, bool>,
}

impl<'a> Whereabouts<'a> {
    fn new(evidence: &Evidence<'_>, hop: (HostId, &'a [HostId])) -> Self {
        let hosts = evidence.plan.clients.iter().map(|c| c.host);
        let over = evidence.clients_over(hop);
        let straight = hop.1.iter().any(|to| evidence.plan.sends(hop.0, *to));
        Self { hop, straight, clients: hosts.map(|c| (c, over.contains(&c))).collect() }
    }

    fn belongs(&self, attempt: &Attempt) -> bool {
        let by_client = || attempt.keys.call.and_then(|id| self.clients.get(&id.client()).copied());
        let by_peer = attempt.peer.filter(|_| self.straight).map(|p| p == self.hop.0);
        let from_here = by_peer.or_else(by_client);
        self.hop.1.contains(&attempt.upstream) && from_here.unwrap_or(true)
    }
}

/// The strongest key an attempt carries, with its rank.
fn key(keys: &Keys) -> (u8, u64) {
    let call = keys.call.map(|id| (0, id.0));
    let idempotency = keys.idempotency.map(|hash| (1, hash));
    let request = keys.request.map(|hash| (2, hash));
    let trace = keys.trace.map(|hash| (3, hash));
    call.or(idempotency).or(request).or(trace).unwrap_or((4, keys.target))
}

fn spans(keyed: &[(u8, u64, Offset, u32)]) -> Vec<(u32, u32)> {
    let mut spans = Vec::new();
    let mut start = 0;
    for group in keyed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let end = start + group.len() as u32;
        spans.push((start, end));
        start = end;
    }
    spans
}

fn grouping(
    evidence: &Evidence<'_>,
    hop: (HostId, &[HostId]),
    attempts: &[Attempt],
    keyed: &[(u8, u64, Offset, u32)],
) -> Grouping {
    let share = |kind: u8| keyed.iter().filter(|k| k.0 == kind).count() as f64 / keyed.len().max(1) as f64;
    if share(0) >= 1.0 - DISAGREEMENT {
        return Grouping::ByCallId;
    }
    let disagreeing = disagreements(attempts, keyed) as f64 / keyed.len().max(1) as f64;
    if disagreeing > DISAGREEMENT || share(4) * unspecific_share(evidence, hop) > AMBIGUITY {
        return Grouping::Ambiguous;
    }
    Grouping::ByOtherKeys
}

/// Attempts whose next stronger key says "same call" while a weaker one that both carry says "another".
fn disagreements(attempts: &[Attempt], keyed: &[(u8, u64, Offset, u32)]) -> usize {
    let keys = |k: &(u8, u64, Offset, u32)| attempts[k.3 as usize].keys;
    let differ = |a: Option<u64>, b: Option<u64>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let disagree = |pair: &&[(u8, u64, Offset, u32)]| {
        let (a, b) = (keys(&pair[0]), keys(&pair[1]));
        (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)
            && pair[0].0 < 3
            && (differ(a.request, b.request) || differ(a.trace, b.trace))
    };
    keyed.windows(2).filter(disagree).count()
}

/// The share of the requests over this hop whose path says nothing about their call; all where nobody is known to ask.
fn unspecific_share(evidence: &Evidence<'_>, hop: (HostId, &[HostId])) -> f64 {
    let clients = evidence.clients_over(hop);
    let asked = evidence.plan.clients.iter().filter(|c| clients.contains(&c.host));
    let requests: Vec<(f64, bool)> =
        asked.flat_map(|c| &c.requests).map(|r| (r.weight, r.path.contains("{seq}"))).collect();
    let total: f64 = requests.iter().map(|r| r.0).sum();
    let unspecific: f64 = requests.iter().filter(|r| !r.1).map(|r| r.0).sum();
    if total > 0.0 { unspecific / total } else { 1.0 }
}
