//! Partitions away from every upstream: between two gateways, or between a client and its gateway.
//!
//! No upstream sees the link that is cut. What shows the cut is what must not come: a call that was due while it was in
//! force, at an upstream to which no other way leads. Without this a scenario whose only trouble is such a partition would
//! measure nothing, and a check that measured nothing never holds. Calls that had passed the link before are left out,
//! because the gateway behind it may still try them again.

use std::collections::{BTreeMap, BTreeSet};

use upstorm_model::plan::Segment;
use upstorm_model::recording::{Call, CallId};
use upstorm_model::verdict::{Exhibit, Observation};
use upstorm_model::{HostId, Offset, Plan};

use super::faults_comers::reached;
use super::faults_injected::{in_force, stopped};
use crate::Case;

/// Every such partition, by phase, however often its steps were repeated.
pub(super) fn judge_apart(case: &Case<'_>) -> Vec<Observation> {
    let plan = case.plan();
    let mut parts: BTreeMap<String, (u64, Vec<Exhibit>)> = BTreeMap::new();
    for (index, segment) in (0_u16..).zip(&plan.segments) {
        let Some(phase) = segment.phase.and_then(|p| plan.phases.get(usize::from(p))) else { continue };
        let Some(stretch) = in_force(case, index) else { continue };
        for pair in
            segment.partitions.iter().filter(|pair| pair.iter().all(|h| plan.upstream_of(*h).is_none()))
        {
            let behind = behind(plan, segment, *pair);
            if behind.is_empty() {
                continue;
            }
            let [one, other] = pair.map(|host| plan.host_name(host));
            let part = format!("{}: {one} partition from {other}", phase.name);
            let (offered, arrived) = parts.entry(part).or_default();
            let sent = sent(case, &behind, stretch);
            *offered += sent.len() as u64;
            arrived.extend(arrivals(case, (&behind, &sent), stretch));
        }
    }
    parts.into_iter().map(|(part, seen)| stopped(case, &part, seen)).collect()
}

/// Each client with the upstreams that it could reach but for this pair.
fn behind(plan: &Plan, segment: &Segment, pair: [HostId; 2]) -> BTreeMap<HostId, Vec<HostId>> {
    let others: Vec<_> = segment.partitions.iter().copied().filter(|cut| *cut != pair).collect();
    let lost = |client: HostId| {
        let left = reached(plan, client, &segment.partitions);
        let lost = reached(plan, client, &others).into_iter().filter(|host| !left.contains(host));
        (client, lost.filter(|host| plan.upstream_of(*host).is_some()).collect::<Vec<_>>())
    };
    plan.clients.iter().map(|client| lost(client.host)).filter(|(_, lost)| !lost.is_empty()).collect()
}

/// The calls of these clients that were due while the cut was in force.
fn sent(
    case: &Case<'_>,
    behind: &BTreeMap<HostId, Vec<HostId>>,
    (from, to): (Offset, Offset),
) -> BTreeSet<CallId> {
    let calls = &case.evidence.recording.calls;
    let due = calls[calls.partition_point(|call| call.planned < from)..].iter();
    let mine = |call: &&Call| behind.contains_key(&call.id.client());
    due.take_while(|call| call.planned < to).filter(mine).map(|call| call.id).collect()
}

fn arrivals(
    case: &Case<'_>,
    (behind, sent): (&BTreeMap<HostId, Vec<HostId>>, &BTreeSet<CallId>),
    (from, to): (Offset, Offset),
) -> Vec<Exhibit> {
    let attempts = &case.evidence.recording.attempts;
    let during = attempts[attempts.partition_point(|a| a.head < from)..].iter().take_while(|a| a.head < to);
    let through = during.filter(|attempt| {
        attempt.keys.call.is_some_and(|call| {
            sent.contains(&call)
                && behind.get(&call.client()).is_some_and(|lost| lost.contains(&attempt.upstream))
        })
    });
    through.map(|a| Exhibit { at: a.head, call: a.keys.call, value: 1.0 }).collect()
}
