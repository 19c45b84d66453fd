//! Odd recordings: whatever a file holds, judging gives findings and never panics.

use std::time::Duration;

use proptest::prelude::*;
use upstorm_checks::judge;
use upstorm_model::recording::{
    Attempt, Call, CallId, ConnectionFate, End, Fate, Hint, Keys, Outcome, Recording,
};
use upstorm_model::verdict::Verdict;
use upstorm_model::{HostId, Offset, Plan, RouteId, TimeSpan};

use crate::rows::rows;
use crate::script::{CLIENT, EDGE, Script, over_edge};
use crate::stage::connection;

fn at() -> impl Strategy<Value = Offset> {
    prop_oneof![
        4 => (0_u64..20_000).prop_map(Offset::from_millis),
        1 => any::<u64>().prop_map(Offset::from_nanos),
        1 => Just(Offset::MAX),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let outcome = prop::sample::select(vec![
        Outcome::Answered(200),
        Outcome::Answered(503),
        Outcome::TimedOut,
        Outcome::Shed,
        Outcome::Censored,
        Outcome::Rejected,
    ]);
    (0_u16..4, 0_u64..40, at(), at(), at(), outcome).prop_map(|(client, n, planned, sent, done, outcome)| {
        Call {
            id: CallId::new(HostId(client), n),
            request: client,
            planned,
            sent,
            done,
            outcome,
            bytes: n,
            made: None,
        }
    })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let ended = prop::sample::select(vec![End::Completed, End::CallerLeft, End::Reset, End::Unfinished]);
    let hint = prop::option::of(prop::sample::select(vec![
        Hint::Seconds(u32::MAX),
        Hint::Date(TimeSpan::from_secs(1)),
        Hint::Malformed,
    ]));
    let key = (prop::option::of(0_u64..40), prop::option::of(0_u64..9), any::<bool>());
    (0_u16..4, 0_u16..6, at(), at(), ended, hint, key).prop_map(
        |(host, segment, head, end, ended, hint, key)| Attempt {
            upstream: HostId(if key.2 { 2 } else { host }),
            route: RouteId(host % 2),
            segment,
            peer: key.1.map(|_| HostId(1)),
            keys: Keys { call: key.0.map(|n| CallId::new(HostId(0), n)), request: key.1, ..Keys::default() },
            ordinal: 0,
            connection: 0,
            request: 0,
            accepted: head,
            head,
            first_byte: None,
            end,
            fate: Fate { status: 503, fault: Some(200), ..Fate::default() },
            delay: Some(TimeSpan::from_secs(9)),
            status: key.2.then_some(503),
            hint,
            ended,
            held: None,
            effect: false,
        },
    )
}

proptest! {
    #[test]
    fn are_judged_without_panic(
        calls in prop::collection::vec(call(), 0..60),
        attempts in prop::collection::vec(attempt(), 0..60),
        accepted in prop::collection::vec(at(), 0..9),
        partial: bool,
    ) {
        let connections = accepted.into_iter().map(|at| match connection(0, at, ConnectionFate::Stalled) {
            upstorm_model::recording::Record::Connection(c) => c,
            _ => unreachable!("a connection"),
        });
        let connections = connections.collect();
        let recording = Recording { calls, attempts, connections, partial, ..Recording::default() };
        for row in rows() {
            let plan = (row.script)().plan(1);
            prop_assert_eq!(judge(&plan, &recording).len(), plan.checks.len());
        }
    }
}

/// Every call of a run of ten seconds, a hundred a second, each with the same end and no attempt.
fn fruitless(outcome: Outcome) -> Recording {
    let sent = (0_u64..1000).map(|n| (n, Offset::from_millis(1000 + 10 * n)));
    let call = |(n, at): (u64, Offset)| {
        let done = at + Duration::from_millis(500);
        Call {
            id: CallId::new(CLIENT, n),
            request: 0,
            planned: at,
            sent: at,
            done,
            outcome,
            bytes: 0,
            made: None,
        }
    };
    Recording { calls: sent.map(call).collect(), ..Recording::default() }
}

#[test]
fn a_partition_between_callers_and_gateway_says_nothing_of_the_breaker() {
    let script =
        Script::steady(10, "standard").asks(over_edge(), &[], r#"{"breaker":{"opens_within":"2s"}}"#);
    let mut plan = script.plan(1);
    let verdict = |plan: &Plan| judge(plan, &fruitless(Outcome::TimedOut))[0].verdict;
    assert_eq!(verdict(&plan), Verdict::Failed, "calls that hang without end were let through");
    for pair in [[CLIENT, EDGE], [EDGE, CLIENT]] {
        plan.segments.iter_mut().for_each(|segment| segment.partitions = vec![pair]);
        assert_eq!(verdict(&plan), Verdict::Inconclusive, "none of them came to its door");
    }
}

#[test]
fn a_partition_that_no_upstream_sees_is_shown_by_the_calls_that_do_not_come() {
    let script = Script::steady(10, "standard");
    let mut plan = script.plan(1);
    let came = crate::stage::perform(&script, &plan);
    plan.segments.iter_mut().for_each(|segment| segment.partitions = vec![[CLIENT, EDGE]]);
    plan.checks = vec![upstorm_model::plan::PlannedCheck {
        always_on: Some(upstorm_model::scenario::AlwaysOn::FaultsInjected),
        kind: None,
        ..plan.checks[0].clone()
    }];
    let found = |recording: &Recording| judge(&plan, recording).remove(0);
    let held = found(&fruitless(Outcome::TimedOut));
    assert_eq!(held.verdict, Verdict::Held, "{held:#?}");
    assert!(held.observations[0].n >= 900, "{held:#?}");
    let failed = found(&came);
    assert_eq!(failed.verdict, Verdict::Failed, "the link was open: {failed:#?}");
}

#[test]
fn the_law_alone_is_judged_where_no_attempt_lived_through_its_delay() {
    let plan = Script::steady(10, "standard").plan(1);
    let script = Script::steady(10, "standard");
    let mut recording = crate::stage::perform(&script, &plan);
    recording.attempts.iter_mut().for_each(|attempt| attempt.delay = None);
    let findings = judge(&plan, &recording);
    let law = findings.iter().find(|f| f.kind == "latency-law").expect("it is always on");
    assert_eq!((law.verdict, law.observations.len()), (Verdict::Held, 1));
    recording.attempts.clear();
    let findings = judge(&plan, &recording);
    let law = findings.iter().find(|f| f.kind == "latency-law").expect("it is always on");
    assert_eq!(law.verdict, Verdict::Inconclusive, "nothing was drawn at all");
}
