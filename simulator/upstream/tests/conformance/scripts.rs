//! What is met in turn: by call, by route, by count, by time.

use std::sync::Arc;

use upstorm_model::plan::{Plan, UpstreamSegment};
use upstorm_model::recording::{Admission, End, Hint, Origin};
use upstorm_model::scenario::{
    Connect, Cut, CutAt, FaultKind, Limit, Reject, RetryAfter, Script, ScriptBy, ScriptStep, ScriptTable,
};
use upstorm_model::{Law, Offset, Rate, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Ended, behaviour, fault, play, segments, single};

fn times(n: u32) -> ScriptStep {
    ScriptStep { times: Some(n), ..ScriptStep::default() }
}

fn lasts(ms: u64) -> ScriptStep {
    ScriptStep { lasts: Some(TimeSpan::from_millis(ms)), ..ScriptStep::default() }
}

fn with(status: u16, step: ScriptStep) -> ScriptStep {
    ScriptStep { status: Some(status), ..step }
}

fn by_route(steps: Vec<ScriptStep>) -> Script {
    Script::Table(ScriptTable { by: ScriptBy::Route, steps })
}

fn following(script: Script) -> Plan {
    let mut route = behaviour();
    route.script = Some(script);
    single(route)
}

pub(crate) fn each_call_meets_the_steps_in_turn(world: &Arc<dyn World>) {
    let told = ScriptStep { retry_after: Some(RetryAfter::Seconds(2)), ..with(503, times(2)) };
    let script = Script::Steps(vec![told, with(429, times(1)), ScriptStep::default()]);
    let (statuses, recording) = play(world, following(script), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for call in [1, 2, 1, 1, 1, 2, 1] {
            statuses.push(client.ask_on(&mut stream, Client::get("/", call)).await.status());
        }
        statuses
    });
    assert_eq!(statuses, [503, 503, 503, 429, 200, 503, 200]);
    let origins: Vec<Origin> = recording.attempts.iter().map(|a| a.fate.origin).collect();
    let [first, second, own] = [Origin::Scripted(0), Origin::Scripted(1), Origin::Drawn];
    assert_eq!(origins, [first, first, first, second, own, first, own]);
    assert_eq!(recording.attempts[0].hint, Some(Hint::Seconds(2)));
}

pub(crate) fn all_attempts_at_a_route_share_its_turns(world: &Arc<dyn World>) {
    let script = by_route(vec![with(503, times(2)), with(404, times(1))]);
    let (statuses, _) = play(world, following(script), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for call in 1..=5 {
            statuses.push(client.ask_on(&mut stream, Client::get("/", call)).await.status());
        }
        statuses
    });
    assert_eq!(statuses, [503, 503, 404, 200, 200]);
}

/// What two calls meet at some times of a script that fails for 200 ms.
fn failing_for_a_while(world: &Arc<dyn World>, script: impl Fn(Vec<ScriptStep>) -> Script) -> Vec<u16> {
    let script = script(vec![with(503, lasts(200)), ScriptStep::default()]);
    let (statuses, _) = play(world, following(script), |client| async move {
        let clock = Arc::clone(&client.env.clock);
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for (call, ms) in [(1, 100), (1, 130), (2, 250), (1, 330)] {
            clock.sleep_until(Offset::from_millis(ms)).await;
            statuses.push(client.ask_on(&mut stream, Client::get("/", call)).await.status());
        }
        statuses
    });
    statuses
}

pub(crate) fn a_step_lasts_from_the_first_attempt_of_a_call(world: &Arc<dyn World>) {
    assert_eq!(failing_for_a_while(world, Script::Steps), [503, 503, 503, 200]);
}

pub(crate) fn a_step_of_a_route_lasts_from_the_beginning_of_the_phase(world: &Arc<dyn World>) {
    assert_eq!(failing_for_a_while(world, by_route), [503, 503, 200, 200]);
}

pub(crate) fn the_turns_of_a_route_begin_anew_with_each_phase(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.script = Some(by_route(vec![with(503, times(1))]));
    let segment = || UpstreamSegment { connect: Connect::default(), routes: vec![route.clone()] };
    let plan = segments(vec![(0, segment()), (100, segment())]);
    let (statuses, _) = play(world, plan, |client| async move {
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for call in 1..=4 {
            if call == 3 {
                client.env.clock.sleep_until(Offset::from_millis(100)).await;
            }
            statuses.push(client.ask_on(&mut stream, Client::get("/", call)).await.status());
        }
        statuses
    });
    assert_eq!(statuses, [503, 200, 503, 200]);
}

pub(crate) fn a_step_says_how_an_attempt_ends_and_leaves_the_rest_as_it_is(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.faults = vec![fault(FaultKind::Hang {})];
    let held = TimeSpan::from_millis(40);
    let reset = FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders });
    let slow = ScriptStep { latency: Some(Law::Constant(held.into())), ..with(503, times(1)) };
    let broken = ScriptStep { fault: Some(reset), ..times(1) };
    route.script = Some(Script::Steps(vec![slow, broken, ScriptStep::default()]));
    let ((first, second), recording) = play(world, single(route), |client| async move {
        let first = client.ask(Client::get("/", 1)).await;
        let second = client.ask(Client::get("/", 1)).await;
        let mut stream = client.connect().await.unwrap();
        let until = client.env.clock.now() + std::time::Duration::from_millis(30);
        let third = client.ask_on(&mut stream, Client::get("/", 1));
        assert!(client.env.clock.timeout_at(until, third).await.is_err(), "the route's own fault is back");
        (first, second)
    });
    assert_eq!((first.status(), first.body.len(), first.ended), (503, 4096, Ended::Whole));
    assert_eq!((second.head.as_str(), second.ended), ("", Ended::Reset));
    let [first, second, third] = recording.attempts.as_slice() else { panic!("three attempts") };
    assert_eq!((first.fate.delay, first.fate.fault, first.ended), (held, None, End::Completed));
    assert!(first.delay.unwrap() >= held);
    assert_eq!(
        (second.fate.origin, second.fate.status, second.ended),
        (Origin::Scripted(1), 200, End::Reset)
    );
    assert_eq!((third.fate.origin, third.fate.fault), (Origin::Drawn, Some(0)));
}

pub(crate) fn who_is_turned_away_has_had_its_turn(world: &Arc<dyn World>) {
    let mut route = behaviour();
    let reject = Reject { status: 429, retry_after: None };
    route.limit = Some(Limit { rate: Rate::per_second(0.001).into(), burst: Some(2), key: None, reject });
    route.script = Some(Script::Steps(vec![with(503, times(2))]));
    let (statuses, recording) = play(world, single(route), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for call in [1, 2, 1] {
            statuses.push(client.ask_on(&mut stream, Client::get("/", call)).await.status());
        }
        statuses
    });
    assert_eq!(statuses, [503, 503, 429]);
    let last = recording.attempts[2].fate;
    assert_eq!((last.admission, last.origin), (Admission::Limited, Origin::Drawn));
}
