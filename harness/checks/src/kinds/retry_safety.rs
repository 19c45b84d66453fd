//! `retry_safety`: whether making a request again can do twice what was asked for once.
//!
//! A POST whose answer was lost may have been done. Whoever makes it again without a key that names the order orders twice
//! (RFC 9110 section 9.2.2; draft-ietf-httpapi-idempotency-key-header). Invariants, one is too many: of methods that
//! are not idempotent, no attempt of a call after the first without an Idempotency-Key; one key for all attempts of a
//! call; no key on two calls. Where the upstream keeps a ledger of keys it also tells what was really done: at most one
//! effect for each key and for each call, and one for each call that was told that it is done.
//!
//! A hedge is an attempt more, like a retry: both may be done. Without a ledger effects are not counted, because an
//! upstream that ignores keys repeats them however careful its callers are. Which keys belong to which call only our own
//! call id can tell. Retries that never arrived, as their connection was refused, are not seen and do no harm. Attempts
//! belong to a phase by the first attempt of their call.

use std::collections::{BTreeMap, BTreeSet};

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Admission, Attempt, CallId, Outcome};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit};
use upstorm_model::{Offset, Plan};

use crate::evidence::{CallTries, Edge, Grouping, failed};
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "retry_safety",
    title: "retry safety",
    summary: "whether unsafe requests were made again only with their Idempotency-Key, and done once",
    measures: &[
        Measure::UnkeyedRetries,
        Measure::ChangedKeys,
        Measure::SharedKeys,
        Measure::RepeatedEffects,
        Measure::MissingEffects,
    ],
    always_on: false,
    observe,
};

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let Some(edge) = case.edge() else { return Vec::new() };
    let mut counted = Counted::default();
    for call in edge.calls().filter(|c| case.period.contains(c.first().head)) {
        counted.add(call, case.plan());
    }
    // Which attempts are those of one call, only our id tells where keys themselves are in question.
    let unsure = edge.doubt().or((edge.grouping() != Grouping::ByCallId).then_some(Doubt::Ambiguous));
    let (shared, repeated) = (counted.shared(), counted.repeated());
    let mut readings = vec![counted.unkeyed.reading(Measure::UnkeyedRetries).doubted(edge.doubt())];
    if counted.keyed {
        readings.push(counted.changed.reading(Measure::ChangedKeys).doubted(unsure));
        readings.push(shared.reading(Measure::SharedKeys).doubted(unsure));
    }
    if counted.ledger {
        readings.push(repeated.reading(Measure::RepeatedEffects).doubted(unsure));
        readings.push(missing(case, edge).reading(Measure::MissingEffects).doubted(unsure));
    }
    readings.into_iter().map(|reading| case.judge(reading, at_most(0.0, BoundSource::Rule))).collect()
}

/// How many of so many did wrong, and which.
#[derive(Debug, Default)]
struct Tally {
    n: u64,
    wrong: u64,
    exhibits: Vec<Exhibit>,
}

impl Tally {
    fn wrong(&mut self, attempt: &Attempt) {
        self.blame(attempt.head, attempt.keys.call, 1);
    }

    fn blame(&mut self, at: Offset, call: Option<CallId>, times: u64) {
        self.wrong += times;
        self.exhibits.push(Exhibit { at, call, value: times as f64 });
    }

    fn reading(mut self, measure: Measure) -> Reading {
        self.exhibits.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.at.cmp(&b.at)));
        Reading::of(measure, Unit::Count, self.n).value(Some(self.wrong as f64)).exhibits(self.exhibits)
    }
}

/// What is known of the unsafe calls of an edge.
#[derive(Debug, Default)]
struct Counted {
    unkeyed: Tally,
    changed: Tally,
    keyed: bool,
    ledger: bool,
    /// Whose each key is, with when it was first seen.
    owners: BTreeMap<u64, (Offset, BTreeSet<Option<CallId>>)>,
    /// The attempts that took effect before a ledger, by their key and by their call.
    by_key: BTreeMap<u64, Vec<(Offset, Option<CallId>)>>,
    by_call: BTreeMap<Option<CallId>, Vec<Offset>>,
}

impl Counted {
    fn add(&mut self, call: CallTries<'_, '_>, plan: &Plan) {
        let unsafe_ones = || call.all().filter(|a| !a.keys.method.is_idempotent());
        if unsafe_ones().next().is_none() {
            return;
        }
        // One that answers well at once gives no reason to try again.
        let tempting = call.attempts() > 1 || call.all().any(failed);
        self.unkeyed.n += u64::from(tempting);
        for again in unsafe_ones().skip(1).filter(|a| a.keys.idempotency.is_none()) {
            self.unkeyed.wrong(again);
        }
        let mut keys = unsafe_ones().map(|a| a.keys.idempotency);
        let first = keys.next().flatten();
        self.changed.n += u64::from(first.is_some() && call.attempts() > 1);
        if let Some(changed) = unsafe_ones().find(|a| first.is_some() && a.keys.idempotency != first) {
            self.changed.wrong(changed);
        }
        unsafe_ones().for_each(|attempt| self.add_attempt(attempt, plan));
    }

    fn add_attempt(&mut self, attempt: &Attempt, plan: &Plan) {
        let key = attempt.keys.idempotency;
        if let Some(key) = key {
            self.keyed = true;
            let owner = self.owners.entry(key).or_insert_with(|| (attempt.head, BTreeSet::new()));
            owner.1.insert(attempt.keys.call);
        }
        if !met(plan, attempt).is_some_and(|route| route.ledger) {
            return;
        }
        self.ledger = true;
        if attempt.effect {
            self.by_call.entry(attempt.keys.call).or_default().push(attempt.head);
            if let Some(key) = key {
                self.by_key.entry(key).or_default().push((attempt.head, attempt.keys.call));
            }
        }
    }

    fn shared(&self) -> Tally {
        let mut tally = Tally { n: self.owners.len() as u64, ..Tally::default() };
        for (at, calls) in self.owners.values().filter(|(_, calls)| calls.len() > 1) {
            tally.blame(*at, calls.iter().next().copied().flatten(), 1);
        }
        tally
    }

    /// Effects beyond the first of a call, and beyond the first of a key where that is not the same.
    fn repeated(&self) -> Tally {
        let mut tally = Tally { n: self.by_call.len() as u64, ..Tally::default() };
        for (call, effects) in self.by_call.iter().filter(|(_, effects)| effects.len() > 1) {
            tally.blame(effects[1], *call, effects.len() as u64 - 1);
        }
        for effects in self.by_key.values() {
            let calls: BTreeSet<_> = effects.iter().map(|(_, call)| *call).collect();
            if let (true, Some((at, call))) = (calls.len() > 1, effects.last()) {
                tally.blame(*at, *call, calls.len() as u64 - 1);
            }
        }
        tally
    }
}

/// What the route of an attempt did then, by the plan.
fn met<'a>(plan: &'a Plan, attempt: &Attempt) -> Option<&'a RouteBehaviour> {
    let (_, upstream) = plan.upstream_of(attempt.upstream)?;
    upstream.timeline.get(usize::from(attempt.segment))?.routes.get(usize::from(attempt.route.0))
}

/// Calls that went over this edge and were told by an upstream that it is done, of which no upstream did anything.
fn missing(case: &Case<'_>, edge: &Edge<'_>) -> Tally {
    let sent = edge.sent();
    let mut done: BTreeMap<CallId, bool> = BTreeMap::new();
    for attempt in case.evidence.recording.attempts.iter().filter(|a| !a.keys.method.is_safe()) {
        let Some(call) = attempt.keys.call else { continue };
        *done.entry(call).or_default() |= attempt.effect || attempt.fate.admission == Admission::Repeated;
    }
    let mut tally = Tally::default();
    for tries in edge.calls().filter(|c| case.period.contains(c.first().head)) {
        let told = |id: &CallId| {
            sent.call(*id).is_some_and(|call| {
                call.made.is_some() && matches!(call.outcome, Outcome::Answered(200..=299 | 303))
            })
        };
        let asks = !tries.first().keys.method.is_idempotent();
        let Some(id) = tries.first().keys.call.filter(|id| asks && told(id)) else { continue };
        tally.n += 1;
        if !done.get(&id).copied().unwrap_or_default() {
            tally.blame(tries.first().head, Some(id), 1);
        }
    }
    tally
}
