//! The fates of two performances of one plan, attempt by attempt.
//!
//! A fate is a function of the seed, the call and its ordinal, and so the same in either world. Four things in a plan
//! go by time instead, and real time is never quite the planned one: which segment an attempt falls into, how far a ramp
//! has come, whether a rate limit still has a token or a worker is free, and who is the first of a cohort or after a
//! silence. Where one of them explains a difference, it is counted apart.

use std::collections::BTreeMap;

use serde_json::Value;
use upstorm_model::plan::{RouteBehaviour, RouteId};
use upstorm_model::recording::{Attempt, CallId, Fate};
use upstorm_model::{HostId, Plan};

/// What the fates of two performances came to. Attempts of one key are counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FatesCompared {
    /// Attempts with the same fate in both.
    pub alike: u64,
    /// Attempts whose fates differ for no good reason.
    pub differing: u64,
    /// Attempts whose fates differ because they met another segment, another stage of a ramp, a rate limit or a full queue, or
    /// because one of the two was held.
    pub timed: u64,
    /// Attempts that only the recording has.
    pub only_recorded: u64,
    /// Attempts that only the replay has.
    pub only_replayed: u64,
    /// Attempts of the recording without a call id, whose fate went by their arrival: nothing to compare.
    pub unkeyed: u64,
    /// The first that differs for no good reason, by its time in the recording.
    pub first: Option<FateDifference>,
}

/// An attempt that met another fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FateDifference {
    /// The upstream.
    pub upstream: HostId,
    /// The call.
    pub call: CallId,
    /// Which attempt of it, from 1.
    pub ordinal: u32,
    /// What was decided when it was recorded.
    pub recorded: Fate,
    /// What was decided in the replay.
    pub replayed: Fate,
}

/// What a fate is keyed by.
type Key = (HostId, RouteId, CallId, u32);

/// Compares the fates of two performances of this plan.
#[must_use]
pub fn compare_fates(plan: &Plan, recorded: &[Attempt], replayed: &[Attempt]) -> FatesCompared {
    let ramps = Ramps::of(plan);
    let mut compared = FatesCompared::default();
    let mut others = by_key(replayed);
    for (key, attempt) in in_order(recorded, &mut compared.unkeyed) {
        let Some(other) = others.remove(&key) else {
            compared.only_recorded += 1;
            continue;
        };
        if attempt.fate == other.fate {
            compared.alike += 1;
        } else if went_by_time(attempt, other, &ramps) {
            compared.timed += 1;
        } else {
            compared.differing += 1;
            let (upstream, _, call, ordinal) = key;
            let (recorded, replayed) = (attempt.fate, other.fate);
            let difference = FateDifference { upstream, call, ordinal, recorded, replayed };
            compared.first.get_or_insert(difference);
        }
    }
    compared.only_replayed = others.len() as u64;
    compared
}

fn key_of(attempt: &Attempt) -> Option<Key> {
    attempt.keys.call.map(|call| (attempt.upstream, attempt.route, call, attempt.ordinal))
}

fn by_key(attempts: &[Attempt]) -> BTreeMap<Key, &Attempt> {
    attempts.iter().filter_map(|attempt| Some((key_of(attempt)?, attempt))).collect()
}

/// Each key once, in the order of the recording.
fn in_order<'a>(attempts: &'a [Attempt], unkeyed: &mut u64) -> Vec<(Key, &'a Attempt)> {
    let mut seen = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for attempt in attempts {
        match key_of(attempt) {
            Some(key) if seen.insert(key) => found.push((key, attempt)),
            Some(_) => {}
            None => *unkeyed += 1,
        }
    }
    found
}

fn went_by_time(one: &Attempt, other: &Attempt, ramps: &Ramps) -> bool {
    let admitted = one.fate.is_admitted() && other.fate.is_admitted();
    let held = [one, other].map(|attempt| attempt.held.map(|held| held.by));
    one.segment != other.segment || !admitted || held[0] != held[1] || ramps.meets(one)
}

/// The behaviours that ramp, by upstream, segment and route.
struct Ramps(std::collections::BTreeSet<(HostId, u16, RouteId)>);

impl Ramps {
    fn of(plan: &Plan) -> Self {
        let mut found = std::collections::BTreeSet::new();
        for upstream in &plan.upstreams {
            for (segment, behaviour) in (0_u16..).zip(&upstream.timeline) {
                let ramping = (0_u16..).zip(&behaviour.routes).filter(|(_, route)| has_ramp(route));
                found.extend(ramping.map(|(route, _)| (upstream.host, segment, RouteId(route))));
            }
        }
        Self(found)
    }

    fn meets(&self, attempt: &Attempt) -> bool {
        self.0.contains(&(attempt.upstream, attempt.segment, attempt.route))
    }
}

/// Whether anything in it ramps. A ramp may be at any depth, in a law within a mixture or a share of a status; in the
/// behaviour's written form it is always a table with `from` and `to`.
fn has_ramp(behaviour: &RouteBehaviour) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::Object(table) => {
                (table.contains_key("from") && table.contains_key("to")) || table.values().any(within)
            }
            Value::Array(items) => items.iter().any(within),
            _ => false,
        }
    }
    serde_json::to_value(behaviour).is_ok_and(|value| within(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::{Admission, End, Held, Holder, Keys};
    use upstorm_model::{Law, Offset, Ramp, TimeSpan, Varying};

    fn attempt(sequence: u64, ordinal: u32) -> Attempt {
        let at = Offset::from_millis(sequence);
        Attempt {
            upstream: HostId(2),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys: Keys { call: Some(CallId::new(HostId(0), sequence)), ..Keys::default() },
            ordinal,
            connection: 0,
            request: 0,
            accepted: at,
            head: at,
            first_byte: None,
            end: at,
            fate: Fate { status: 200, ..Fate::default() },
            delay: None,
            status: None,
            hint: None,
            ended: End::Completed,
            held: None,
            effect: false,
        }
    }

    fn with_fate(mut attempt: Attempt, fate: Fate) -> Attempt {
        attempt.fate = fate;
        attempt
    }

    #[test]
    fn the_first_other_fate_is_named_and_the_rest_is_counted() {
        let plan = crate::plans_test::quick();
        let odd = Fate { status: 503, ..Fate::default() };
        let recorded = [attempt(1, 1), attempt(2, 1), attempt(3, 1), attempt(4, 1), attempt(5, 2)];
        let replayed = [
            attempt(1, 1),
            with_fate(attempt(3, 1), odd),
            with_fate(attempt(2, 1), odd),
            attempt(5, 1),
            attempt(6, 1),
        ];
        let compared = compare_fates(&plan, &recorded, &replayed);
        let counts = (compared.alike, compared.differing, compared.only_recorded, compared.only_replayed);
        assert_eq!(counts, (1, 2, 2, 2));
        let first = compared.first.unwrap();
        assert_eq!((first.call.sequence(), first.ordinal, first.replayed.status), (2, 1, 503));
    }

    #[test]
    fn what_goes_by_time_is_no_difference() {
        let mut plan = crate::plans_test::quick();
        let odd = Fate { status: 503, ..Fate::default() };
        let limited = Fate { admission: Admission::Limited, status: 429, ..Fate::default() };
        let mut moved = with_fate(attempt(1, 1), odd);
        moved.segment = 1;
        let mut gathered = with_fate(attempt(3, 1), odd);
        gathered.held = Some(Held { by: Holder::Cohort, group: 0, lasted: None });
        let replayed = [moved, with_fate(attempt(2, 1), limited), gathered];
        let compared = compare_fates(&plan, &[attempt(1, 1), attempt(2, 1), attempt(3, 1)], &replayed);
        assert_eq!((compared.timed, compared.differing), (3, 0));

        let slower = [with_fate(attempt(3, 1), Fate { delay: TimeSpan::from_millis(7), ..Fate::default() })];
        assert_eq!(compare_fates(&plan, &[attempt(3, 1)], &slower).differing, 1);
        let (from, to) = (TimeSpan::from_millis(5), TimeSpan::from_millis(9));
        let ramp = Varying::Ramp(Ramp { from, to, shape: Default::default() });
        plan.upstreams[0].timeline[0].routes[0].latency = Law::Constant(ramp);
        assert_eq!(compare_fates(&plan, &[attempt(3, 1)], &slower).timed, 1);
    }

    #[test]
    fn attempts_without_a_call_are_told_apart() {
        let mut stranger = attempt(1, 1);
        stranger.keys.call = None;
        let compared = compare_fates(&crate::plans_test::quick(), &[stranger.clone()], &[stranger]);
        assert_eq!((compared.unkeyed, compared.alike), (1, 0));
    }
}
