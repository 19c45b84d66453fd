//! `attempts-accounted` (always on): every attempt belongs to a call, and every answer came from an attempt.
//!
//! Amplification, budgets and jitter are all counted over calls and their attempts; a recording in which the two do not
//! fit together proves nothing. Two invariants: no attempt carries the id of a call that nobody made, and no call was
//! answered 2xx without an attempt (a gateway can reject by itself, but it cannot know the answer). Apart from its own
//! `/health` and `/metrics`, a fallback that it is set to, and an answer that an upstream made for another call and says
//! so (`x-upstorm-made`), as a cache keeps it. Where a subject drops the call id on more than 1 % of the attempts neither can be told. In a
//! recording that was cut off, what is missing may be what was still on its way.

use upstorm_model::recording::{Call, Outcome};
use upstorm_model::verdict::{BoundSource, Doubt, Exhibit, Measure, Observation, Unit};

use crate::evidence::ByCall;
use crate::reading::at_most;
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "attempts-accounted",
    title: "attempts accounted for",
    summary: "every attempt belongs to a call, and every answer came from an attempt",
    measures: &[Measure::OrphanAttempts, Measure::UnexplainedCalls],
    always_on: true,
    observe,
};

/// The share of attempts that may come without a call id.
const WITHOUT_ID: f64 = 0.01;
/// What a gateway answers by itself.
const OWN_PATHS: [&str; 2] = ["/health", "/metrics"];

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let recording = case.evidence.recording;
    let nameless = recording.attempts.iter().filter(|a| a.keys.call.is_none()).count() as f64;
    let ambiguous = nameless > WITHOUT_ID * recording.attempts.len() as f64;
    let judged = |measure, n: usize, strays: Vec<Exhibit>| {
        let cut_off = (recording.partial && !strays.is_empty()).then_some(Doubt::CutOff);
        let reading = Reading::of(measure, Unit::Count, n as u64)
            .value(Some(strays.len() as f64))
            .doubted(ambiguous.then_some(Doubt::Ambiguous))
            .doubted(cut_off)
            .exhibits(strays);
        case.judge(reading, at_most(0.0, BoundSource::Rule))
    };
    vec![
        judged(Measure::OrphanAttempts, recording.attempts.len(), orphans(case)),
        judged(Measure::UnexplainedCalls, recording.calls.len(), unexplained(case)),
    ]
}

fn orphans(case: &Case<'_>) -> Vec<Exhibit> {
    let made = ByCall::of(case.evidence.recording.calls.iter().map(|c| (c.id, ())).collect());
    let attempts = case.evidence.recording.attempts.iter();
    let strays = attempts.filter(|a| a.keys.call.is_some_and(|id| made.get(id).is_none()));
    strays.map(|a| Exhibit { at: a.head, call: a.keys.call, value: 1.0 }).collect()
}

fn unexplained(case: &Case<'_>) -> Vec<Exhibit> {
    let answered = |c: &&Call| matches!(c.outcome, Outcome::Answered(200..=299));
    let calls = case.evidence.recording.calls.iter().filter(answered);
    let mut strays: Vec<&Call> =
        calls.filter(|c| c.made.is_none() && !answered_by_gateway(case, c)).collect();
    if !strays.is_empty() {
        let tried = case.evidence.recording.attempts.iter().filter_map(|a| Some((a.keys.call?, ())));
        let tried = ByCall::of(tried.collect());
        strays.retain(|c| tried.get(c.id).is_none());
    }
    strays.into_iter().map(|c| Exhibit { at: c.planned, call: Some(c.id), value: 1.0 }).collect()
}

/// Whether a call asked for something that a gateway answers by itself, or got what takes the place of a failure.
fn answered_by_gateway(case: &Case<'_>, call: &Call) -> bool {
    if matches!(call.outcome, Outcome::Answered(status) if case.plan().may_fall_back_to(call.id.client(), status))
    {
        return true;
    }
    let client = case.plan().clients.iter().find(|c| c.host == call.id.client());
    let request = client.and_then(|c| c.requests.get(usize::from(call.request)));
    request.is_some_and(|r| OWN_PATHS.contains(&r.path.as_str()))
}
