//! Grouping: attempts become the same calls by whatever they carry, or it is said that they cannot.

use upstorm_checks::evidence::{Evidence, Grouping};
use upstorm_checks::judge;
use upstorm_model::Plan;
use upstorm_model::recording::{Attempt, Keys, Recording};
use upstorm_model::verdict::{Doubt, Verdict};

use crate::rows::{failing, retries};
use crate::script::{Script, over_edge};

const AMPLIFICATION: &str = r#"{"amplification":{"of":"edge -> payments","max":3.0}}"#;

/// A run with retries, its keys as the function leaves them, by requests with this path.
fn staged(rate: f64, path: &str, keys: fn(&Attempt) -> Keys) -> (Plan, Recording) {
    let script = Script { rate, ..retries("retry", failing("40%"), AMPLIFICATION) };
    let mut plan = script.plan(5);
    let mut recording = crate::stage::perform(&script, &plan);
    plan.clients[0].requests.iter_mut().for_each(|request| path.clone_into(&mut request.path));
    recording.attempts.iter_mut().for_each(|attempt| attempt.keys = keys(attempt));
    (plan, recording)
}

/// The grouping, and how many attempts each call made, by its first attempt.
fn grouped((plan, recording): &(Plan, Recording)) -> (Grouping, Vec<usize>) {
    let evidence = Evidence::new(plan, recording);
    let edge = evidence.edge(&over_edge()).unwrap();
    (edge.grouping(), edge.calls().map(|call| call.attempts()).collect())
}

fn id(attempt: &Attempt) -> u64 {
    attempt.keys.call.unwrap().0
}

#[test]
fn each_key_groups_as_the_call_id_does() {
    let by_id = grouped(&staged(200.0, "/v1/x", |a| a.keys));
    assert_eq!(by_id.0, Grouping::ByCallId);
    assert!(by_id.1.iter().any(|n| *n > 1));
    let others: [fn(&Attempt) -> Keys; 4] = [
        |a| Keys { idempotency: Some(id(a) * 3), ..Keys::default() },
        |a| Keys { request: Some(id(a) * 3), trace: Some(7), ..Keys::default() },
        |a| Keys { trace: Some(id(a) * 3), ..Keys::default() },
        |a| Keys { idempotency: Some(id(a)), trace: Some(id(a) / 10), ..Keys::default() },
    ];
    for keys in others {
        let found = grouped(&staged(200.0, "/v1/x", keys));
        assert_eq!(found, (Grouping::ByOtherKeys, by_id.1.clone()));
    }
    let by_path = grouped(&staged(200.0, "/v1/{seq}", |a| Keys { target: id(a), ..Keys::default() }));
    assert_eq!(by_path, (Grouping::ByOtherKeys, by_id.1));
}

#[test]
fn keys_that_disagree_or_are_left_out_when_trying_again_cannot_group() {
    let ways: [fn(&Attempt) -> Keys; 5] = [
        // A new request id for each attempt.
        |a| Keys { idempotency: Some(id(a)), request: Some(a.head.as_nanos()), ..Keys::default() },
        // A new idempotency key for each attempt; the request id says that they are one call.
        |a| Keys { idempotency: Some(a.head.as_nanos()), request: Some(id(a)), ..Keys::default() },
        // The call id on first attempts only: retries would pass for calls of their own.
        |a| if a.ordinal == 1 { a.keys } else { Keys::default() },
        |a| Keys {
            call: a.keys.call.filter(|_| a.ordinal == 1),
            trace: Some(a.head.as_nanos()),
            ..Keys::default()
        },
        |_| Keys::default(),
    ];
    for (way, keys) in ways.into_iter().enumerate() {
        let (plan, recording) = staged(200.0, "/v1/x", keys);
        assert_eq!(grouped(&(plan.clone(), recording.clone())).0, Grouping::Ambiguous, "way {way}");
        let found = &judge(&plan, &recording)[0];
        let doubt = found.observations[0].doubt;
        let told = (found.verdict, doubt) == (Verdict::Inconclusive, Some(Doubt::Ambiguous));
        assert!(told, "way {way}: {found:#?}");
    }
}

#[test]
fn one_call_at_a_time_needs_no_key() {
    let with = grouped(&staged(0.4, "/v1/x", |a| a.keys));
    let without = grouped(&staged(0.4, "/v1/x", |_| Keys::default()));
    assert!(with.1.len() > 3);
    assert_eq!(without, (Grouping::ByOtherKeys, with.1));
    // What carries the call id is of that call, the rest of the one that is open.
    let half = grouped(&staged(0.4, "/v1/x", |a| if a.ordinal == 1 { a.keys } else { Keys::default() }));
    assert_eq!(half.0, Grouping::ByOtherKeys);
    assert_eq!(half.1, without.1);
}

#[test]
fn attempts_while_no_call_is_open_belong_to_nobody() {
    let (plan, mut recording) = staged(0.4, "/v1/x", |_| Keys::default());
    recording.calls.clear();
    assert_eq!(grouped(&(plan, recording)).0, Grouping::Ambiguous);
}
