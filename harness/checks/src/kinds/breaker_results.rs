//! Results as a breaker hears them, as far as the upstream can tell.
//!
//! A response whose status is a failure has ended when its head is out, any other with its last byte. What was cut once
//! the time of an attempt was over is a timeout; what was left sooner, or when nobody knows how long that is, may have
//! been left by somebody above the breaker, and then nobody heard of it. Where the upstream cannot tell, both ways are
//! tried: what is held against a breaker must hold either way.

use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::recording::{Attempt, CallId, End};
use upstorm_policy::Ending;

use super::breaker_terms::Terms;
use crate::evidence::{Edge, Evidence, overtaken};

/// What passed a breaker, and what it heard of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    /// Of which call.
    pub call: Option<CallId>,
    /// When it arrived.
    pub head: Offset,
    /// When its result was out; none for one without an end.
    pub end: Option<Offset>,
    /// Its result, if it is a failure wherever that cannot be told.
    pub at_worst: Ending,
    /// Its result, if it is none wherever that cannot be told.
    pub at_best: Ending,
}

impl Passed {
    /// Whether it failed for sure, as this breaker counts.
    pub(super) fn failed(&self, terms: &Terms) -> bool {
        self.at_best.failure_kind().is_some_and(|kind| terms.breaker.failure.contains(&kind))
    }

    /// Whether its caller may have left it, so that nobody heard its result.
    pub(super) fn may_be_left(&self) -> bool {
        self.at_best == Ending::Left
    }
}

/// What passed the breaker of an edge, by arrival: each attempt, or each call where its retries are inside. What a
/// partition held back until its caller was gone had been settled long before.
pub(super) fn passed(evidence: &Evidence<'_>, edge: &Edge<'_>, terms: &Terms) -> Vec<Passed> {
    let slack = unheard(evidence, edge);
    let one = |head: Offset, a: &Attempt| result(head, a, terms.per_try.map(|t| t.saturating_sub(slack)));
    let mut all: Vec<Passed> = if terms.sees_calls {
        edge.calls().filter_map(|tries| Some(one(tries.first().head, tries.all().last()?))).collect()
    } else {
        edge.by_arrival().filter(|a| !overtaken(a)).map(|a| one(a.head, a)).collect()
    };
    all.sort_by_key(|p| (p.head, p.call));
    all
}

/// `cut` is how long an attempt lasts at least that was cut because its time was over.
fn result(head: Offset, a: &Attempt, cut: Option<Duration>) -> Passed {
    let status = a.status.filter(|_| a.first_byte.is_some());
    let answered = status.map(Ending::Answered).filter(|e| e.failure_kind().is_some());
    let tampered = a.fate.fault.is_some() || a.status.is_none();
    let ((at_worst, at_best), end) = match (a.ended, answered) {
        // Its head has decided, whatever became of the rest.
        (_, Some(failure)) if !tampered => ((failure, failure), a.first_byte),
        (End::Completed, _) => {
            let fine = Ending::Answered(a.status.unwrap_or(200));
            (if tampered { (Ending::Broken, fine) } else { (fine, fine) }, Some(a.end))
        }
        (End::Reset | End::Cut, _) => ((Ending::Broken, Ending::Broken), Some(a.end)),
        (End::CallerLeft | End::CallerReset, _) => {
            let cut = cut.is_some_and(|cut| a.end.since(a.head) >= cut);
            let at_best = if cut { Ending::TimedOut } else { Ending::Left };
            ((Ending::TimedOut, at_best), Some(a.end))
        }
        (End::Unfinished, _) => ((Ending::Left, Ending::Left), None),
    };
    Passed { call: a.keys.call, head, end, at_worst, at_best }
}

/// How long after its result was out it may still be that nobody has heard it: a round trip, and a busy machine.
pub(super) fn unheard(evidence: &Evidence<'_>, edge: &Edge<'_>) -> Duration {
    evidence.round_trip(edge.hop.0, &edge.hop.1) + Duration::from_millis(20)
}
