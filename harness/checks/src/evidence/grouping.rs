//! Grouping: which attempts of an edge belong to the same call, and how sure that is.
//!
//! Attempts carry keys, in this order of trust: `x-upstorm-call`, Idempotency-Key, `amz-sdk-invocation-id` or
//! `x-request-id`, trace id. Our own call id is exact; a gateway may make any of the others anew, or leave one out when it
//! tries again: a key groups only if all but one in a thousand attempts of its method carry it, or what lacks it would be
//! taken for calls of its own. Where two such keys disagree on more than 0.1 % of the attempts, the grouping is ambiguous.
//!
//! So it is where there are more groups than calls were made: something names each attempt anew.
//!
//! Without a key that all carry, method and path group: exactly, where every path is unique to its call (`{seq}`). Otherwise
//! an attempt belongs to the one call that was open when it came; where none or several were, nobody can tell, and more
//! than 1 % of these are too many.

use std::collections::{BTreeMap, BTreeSet};

use upstorm_model::recording::{Attempt, CallId, Keys, Method};
use upstorm_model::{HostId, Offset};

use super::Evidence;

/// Attempts that may lack a key that groups, or on which two keys may disagree.
const DISAGREEMENT: f64 = 0.001;
/// Attempts that may belong to any of several calls.
const AMBIGUITY: f64 = 0.01;
/// The rank of what carries no key.
const TARGET: u8 = 4;

/// What grouped the attempts of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// The call id, on all but one in a thousand.
    ByCallId,
    /// Keys of the caller's own, which agree; paths; or the time.
    ByOtherKeys,
    /// They cannot be told apart into calls.
    Ambiguous,
}

/// An attempt with the key that groups it: the key's rank and value, when it came, and its index.
pub(super) type Keyed = (u8, u64, Offset, u32);

/// The attempts at these indices, sorted by call and time, and how sure that is.
pub(super) fn grouped(
    evidence: &Evidence<'_>,
    hop: (HostId, &[HostId]),
    here: &[u32],
) -> (Vec<Keyed>, Grouping) {
    let attempts = &evidence.recording.attempts;
    let ranks = ranks(attempts, here);
    let rank_of = |keys: &Keys| ranks.get(&keys.method).copied().flatten();
    let exact = unspecific_share(evidence, hop) <= AMBIGUITY;
    let key = |index: &u32| {
        let attempt = &attempts[*index as usize];
        let value = rank_of(&attempt.keys).and_then(|rank| Some((rank, value(&attempt.keys, rank)?)));
        let (rank, value) = value.unwrap_or((TARGET, attempt.keys.target));
        (rank, value, attempt.head, *index)
    };
    let mut keyed: Vec<Keyed> = here.iter().map(key).collect();
    let mut lost = 0;
    if !exact && keyed.iter().any(|k| k.0 == TARGET) {
        lost = by_time(evidence, hop, &mut keyed);
    }
    keyed.sort_unstable();
    let n = keyed.len().max(1) as f64;
    let by_id = ranks.values().all(|rank| *rank == Some(0));
    let disagreeing = disagreements(attempts, &keyed) as f64 / n;
    let grouping = match () {
        () if by_id => Grouping::ByCallId,
        () if disagreeing > DISAGREEMENT || lost as f64 / n > AMBIGUITY => Grouping::Ambiguous,
        () if is_split(evidence, hop, &keyed) => Grouping::Ambiguous,
        () => Grouping::ByOtherKeys,
    };
    (keyed, grouping)
}

/// The strongest key that all but one in a thousand attempts of each method carry, if there is one.
fn ranks(attempts: &[Attempt], here: &[u32]) -> BTreeMap<Method, Option<u8>> {
    let mut counts: BTreeMap<Method, (u64, [u64; TARGET as usize])> = BTreeMap::new();
    for index in here {
        let keys = &attempts[*index as usize].keys;
        let (all, carried) = counts.entry(keys.method).or_default();
        *all += 1;
        for (rank, count) in (0..).zip(carried) {
            *count += u64::from(value(keys, rank).is_some());
        }
    }
    let enough = |all: u64, count: u64| count as f64 >= (1.0 - DISAGREEMENT) * all as f64;
    let strongest = |(all, carried): (u64, [u64; TARGET as usize])| {
        (0..).zip(carried).find(|(_, count)| enough(all, *count)).map(|(rank, _)| rank)
    };
    counts.into_iter().map(|(method, counted)| (method, strongest(counted))).collect()
}

/// The key of this rank that an attempt carries.
fn value(keys: &Keys, rank: u8) -> Option<u64> {
    match rank {
        0 => keys.call.map(|id| id.0),
        1 => keys.idempotency,
        2 => keys.request,
        3 => keys.trace,
        _ => None,
    }
}

/// Gives attempts without a key that groups to the call whose id they carry, or to the one that was open when they came;
/// how many could belong to none or to several.
fn by_time(evidence: &Evidence<'_>, hop: (HostId, &[HostId]), keyed: &mut [Keyed]) -> usize {
    let attempts = &evidence.recording.attempts;
    let clients = evidence.clients_over(hop);
    let ours = evidence.recording.calls.iter().filter(|call| clients.contains(&call.id.client()));
    let mut calls: Vec<(Offset, Offset, CallId)> = ours.map(|call| (call.sent, call.done, call.id)).collect();
    calls.sort_unstable();
    keyed.sort_unstable_by_key(|k| (k.2, k.3));
    let mut open: BTreeSet<(Offset, CallId)> = BTreeSet::new();
    let (mut next, mut lost) = (0, 0);
    for attempt in keyed.iter_mut().filter(|k| k.0 == TARGET) {
        while let Some((_, done, id)) = calls.get(next).filter(|call| call.0 <= attempt.2) {
            open.insert((*done, *id));
            next += 1;
        }
        while open.first().is_some_and(|(done, _)| *done < attempt.2) {
            open.pop_first();
        }
        let only = open.first().filter(|_| open.len() == 1).map(|(_, id)| *id);
        let said = attempts[attempt.3 as usize].keys.call;
        match said.or(only) {
            Some(id) => (attempt.0, attempt.1) = (0, id.0),
            None => lost += 1,
        }
    }
    lost
}

/// Attempts on which another key that they carry says otherwise than the one that groups: of one call by the one, of
/// another by the other. A trace may well hold several calls, so that sharing one says nothing.
fn disagreements(attempts: &[Attempt], keyed: &[Keyed]) -> usize {
    let grouped = || keyed.iter().filter(|k| (1..TARGET).contains(&k.0));
    let others = (2..TARGET).map(|rank| {
        let both = grouped().filter(|k| k.0 < rank);
        let both = both.filter_map(|k| Some((k.0, k.1, value(&attempts[k.3 as usize].keys, rank)?)));
        let both: Vec<(u8, u64, u64)> = both.collect();
        let apart = odd(both.iter().map(|(kind, value, other)| ((*kind, *value), *other)).collect());
        let together = odd(both.iter().map(|(kind, value, other)| ((*kind, *other), *value)).collect());
        apart.max(if rank == 3 { 0 } else { together })
    });
    others.max().unwrap_or(0)
}

/// Whether there are more groups than calls were made: then something makes its key anew for each attempt.
fn is_split(evidence: &Evidence<'_>, hop: (HostId, &[HostId]), keyed: &[Keyed]) -> bool {
    let groups = keyed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).count() as f64;
    let clients = evidence.clients_over(hop);
    let calls = evidence.recording.calls.iter().filter(|call| clients.contains(&call.id.client())).count();
    // Calls that were open when a recording was cut off are not in it.
    let open = if evidence.recording.partial { AMBIGUITY * groups } else { 0.0 };
    groups > calls as f64 * (1.0 + DISAGREEMENT) + open
}

/// How many of these differ from the first of their group.
fn odd(mut pairs: Vec<((u8, u64), u64)>) -> usize {
    pairs.sort_by_key(|pair| pair.0);
    let differ = |group: &[((u8, u64), u64)]| group.iter().filter(|pair| pair.1 != group[0].1).count();
    pairs.chunk_by(|a, b| a.0 == b.0).map(differ).sum()
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
