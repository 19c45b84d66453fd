//! An edge: the attempts one host made at another, grouped into calls.
//!
//! Whether an attempt is a first one or a retry decides most verdicts, and no gateway has to tell. Attempts are grouped by
//! what they carry (grouping.rs), and ordered by arrival. A read and the write that was made from it are one attempt
//! ([`Updates`]): it begins with the read, and what came of it is what came of the write.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use upstorm_model::recording::{Attempt, CallId, Updates};
use upstorm_model::verdict::Doubt;
use upstorm_model::{HostId, RouteId};

use super::grouping::{Grouping, Keyed, grouped};
use super::{ByCall, Evidence, Offered, Sent};

/// The attempts of an edge, grouped into calls.
#[derive(Debug)]
pub struct Edge<'a> {
    /// Who sends, and the replicas that receive.
    pub hop: (HostId, Vec<HostId>),
    /// The one route of the receivers that is looked at; none where all are.
    pub route: Option<RouteId>,
    attempts: &'a [Attempt],
    order: Vec<u32>,
    /// By the same index, what began it: the read that a write was made from, or itself.
    begun: Vec<u32>,
    spans: Vec<(u32, u32)>,
    grouping: Grouping,
    by_call: ByCall<u32>,
    sent: Sent<'a>,
    /// What several checks ask for is made once, when the first of them does.
    arrivals: OnceCell<Vec<u32>>,
    pub(super) offers: OnceCell<Vec<Offered>>,
}

/// The attempts of one call at an edge, by arrival.
#[derive(Debug, Clone, Copy)]
pub struct CallTries<'e, 'a> {
    attempts: &'a [Attempt],
    order: &'e [u32],
    begun: &'e [u32],
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

    /// Each attempt with what began the one after it.
    pub fn pairs(self) -> impl Iterator<Item = (&'a Attempt, &'a Attempt)> + 'e
    where
        'a: 'e,
    {
        let at = move |index: u32| &self.attempts[index as usize];
        self.order.iter().zip(self.begun.iter().skip(1)).map(move |(before, next)| (at(*before), at(*next)))
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
        let updates = Updates::of(evidence.plan, attempts);
        let wanted = |(index, a): &(u32, &Attempt)| {
            route.is_none_or(|r| a.route == r) && here.belongs(a) && !updates.is_read(*index as usize)
        };
        let here: Vec<u32> = (0_u32..).zip(attempts).filter(wanted).map(|(index, _)| index).collect();
        let (keyed, grouping) = grouped(evidence, hop, &here);
        let order: Vec<u32> = keyed.iter().map(|k| k.3).collect();
        let begun = order.iter().map(|index| updates.begun_by(*index as usize) as u32).collect();
        let mut spans = spans(&keyed);
        spans.sort_by_key(|(start, _)| (keyed[*start as usize].2, order[*start as usize]));
        let id = |from: u32| Some(&keyed[from as usize]).filter(|k| k.0 == 0).map(|k| CallId(k.1));
        let by_call = spans.iter().filter_map(|(from, to)| Some((id(*from)?, to - from))).collect();
        Self {
            hop: (hop.0, hop.1.to_vec()),
            route,
            attempts,
            order,
            begun,
            spans,
            grouping,
            by_call: ByCall::of(by_call),
            sent: Sent::over(evidence, hop),
            arrivals: OnceCell::new(),
            offers: OnceCell::new(),
        }
    }

    /// The calls with at least one attempt here, by the head of their first one.
    pub fn calls(&self) -> impl Iterator<Item = CallTries<'_, 'a>> + Clone {
        self.spans.iter().map(|(from, to)| CallTries {
            attempts: self.attempts,
            order: &self.order[*from as usize..*to as usize],
            begun: &self.begun[*from as usize..*to as usize],
        })
    }

    /// Those of them with more than one. Few are, so that much less is to be read than of all.
    pub fn retried(&self) -> impl Iterator<Item = CallTries<'_, 'a>> + Clone {
        self.calls().filter(|call| call.attempts() > 1)
    }

    /// How many attempts this call made here.
    #[must_use]
    pub fn attempts_of(&self, call: CallId) -> u32 {
        self.by_call.get(call).unwrap_or(0)
    }

    /// The attempts, by arrival.
    pub fn by_arrival(&self) -> impl ExactSizeIterator<Item = &'a Attempt> {
        let indices = self.arrivals.get_or_init(|| {
            let mut indices = self.order.clone();
            indices.sort_unstable();
            indices.sort_by_key(|index| self.attempts[*index as usize].head);
            indices
        });
        indices.iter().map(|index| &self.attempts[*index as usize])
    }

    /// The calls that may have gone over it.
    #[must_use]
    pub const fn sent(&self) -> &Sent<'a> {
        &self.sent
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

fn spans(keyed: &[Keyed]) -> Vec<(u32, u32)> {
    let mut spans = Vec::new();
    let mut start = 0;
    for group in keyed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let end = start + group.len() as u32;
        spans.push((start, end));
        start = end;
    }
    spans
}
