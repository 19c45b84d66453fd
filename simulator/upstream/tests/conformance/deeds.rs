//! What an upstream does that is asked for it: once, twice, or not at all; and what it remembers of keys.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::{RouteBehaviour, RouteCapacity};
use upstorm_model::recording::{Admission, End, Recording};
use upstorm_model::scenario::{
    Capacity, Cut, CutAt, FaultKind, Limit, Overflow, Reject, Script, ScriptStep, StatusEntry, StatusMix,
    StatusTable,
};
use upstorm_model::{Law, Rate, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, behaviour, fault, play, single};

fn order(key: Option<&str>, call: u64) -> String {
    let key = key.map_or_else(String::new, |key| format!("idempotency-key: {key}\r\n"));
    let call = format!("x-upstorm-call: {call:016x}\r\n");
    format!("POST /orders HTTP/1.1\r\nhost: payments\r\ncontent-length: 2\r\n{call}{key}\r\nok")
}

fn always(status: u16) -> StatusMix {
    StatusMix([(status, StatusEntry::Table(StatusTable::default()))].into())
}

/// Whether each attempt took effect, by arrival.
fn effects(recording: &Recording) -> Vec<bool> {
    recording.attempts.iter().map(|attempt| attempt.effect).collect()
}

/// Asks for each of these in turn, on a connection of its own.
fn asked(world: &Arc<dyn World>, route: RouteBehaviour, requests: Vec<String>) -> (Vec<u16>, Recording) {
    play(world, single(route), |client| async move {
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(client.ask(request).await.status());
        }
        statuses
    })
}

pub(crate) fn what_is_done_is_what_is_asked_for_and_answered_so(world: &Arc<dyn World>) {
    let get = || Client::get("/", 1);
    for (status, done) in [(200, true), (204, true), (303, true), (302, false), (404, false), (503, false)] {
        let route = RouteBehaviour { status: always(status), ..behaviour() };
        let (statuses, recording) = asked(world, route, vec![order(None, 1), get(), order(None, 1)]);
        assert_eq!(statuses, [status; 3]);
        assert_eq!(effects(&recording), [done, false, done], "{status}");
    }
    let turned_away = Limit {
        rate: Rate::per_second(0.001).into(),
        burst: Some(1),
        key: None,
        reject: Reject { status: 429, retry_after: None },
    };
    let route = RouteBehaviour { limit: Some(turned_away), ..behaviour() };
    let (statuses, recording) = asked(world, route, vec![order(None, 1), order(None, 2)]);
    assert_eq!((statuses, effects(&recording)), (vec![200, 429], vec![true, false]));
    let redirecting = RouteBehaviour { faults: vec![fault(FaultKind::RedirectLoop {})], ..behaviour() };
    let (statuses, recording) = asked(world, redirecting, vec![order(None, 1)]);
    assert_eq!((statuses, effects(&recording)), (vec![307], vec![false]));
}

pub(crate) fn what_is_done_is_done_although_nobody_hears_of_it(world: &Arc<dyn World>) {
    let cut = Cut::At { at: CutAt::BeforeHeaders };
    let route = RouteBehaviour { faults: vec![fault(FaultKind::Reset(cut))], ..behaviour() };
    let (statuses, recording) = asked(world, route, vec![order(None, 1)]);
    assert_eq!((statuses, effects(&recording)), (vec![0], vec![true]));

    let slow = RouteBehaviour { latency: Law::Constant(TimeSpan::from_secs(60).into()), ..behaviour() };
    let ((), recording) = play(world, single(slow), |client| async move {
        let whole = client.enter_as(1).await;
        let mut half = client.enter("/orders").await;
        half.write_all(b"o").await.unwrap();
        client.env.clock.sleep(Duration::from_millis(50)).await;
        drop((whole, half));
        client.env.clock.sleep(Duration::from_millis(50)).await;
    });
    assert!(recording.attempts.iter().all(|a| a.ended == End::CallerLeft || a.ended == End::CallerReset));
    assert_eq!(effects(&recording), [true, false], "half a request is none");
}

pub(crate) fn a_key_that_took_effect_is_answered_the_same_and_done_once(world: &Arc<dyn World>) {
    let with = |status, times| ScriptStep { status: Some(status), times, ..ScriptStep::default() };
    // The first attempt of each call fails, the second is done, and all others would fail.
    let script = Script::Steps(vec![with(503, Some(1)), with(201, Some(1)), with(500, Some(9))]);
    let route = |ledger| RouteBehaviour { script: Some(script.clone()), ledger, ..behaviour() };
    let keyed = |call| order(Some("a"), call);
    let requests = || vec![keyed(1), keyed(1), keyed(1), keyed(2), order(Some("b"), 1), order(None, 1)];
    let (statuses, recording) = asked(world, route(true), requests());
    assert_eq!(statuses, [503, 201, 201, 201, 500, 500]);
    assert_eq!(effects(&recording), [false, true, false, false, false, false]);
    let repeated: Vec<bool> =
        recording.attempts.iter().map(|a| a.fate.admission == Admission::Repeated).collect();
    assert_eq!(repeated, [false, false, true, true, false, false]);
    let (statuses, recording) = asked(world, route(false), requests());
    assert_eq!(statuses, [503, 201, 500, 503, 500, 500], "without a ledger a key means nothing");
    assert_eq!(effects(&recording), [false, true, false, false, false, false]);
}

pub(crate) fn an_order_whose_answer_was_lost_is_not_done_again(world: &Arc<dyn World>) {
    let reset = FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders });
    let lost = ScriptStep { times: Some(1), fault: Some(reset), ..ScriptStep::default() };
    let script = Script::Steps(vec![lost, ScriptStep::default()]);
    for (ledger, expected) in [(true, [true, false]), (false, [true, true])] {
        let route = RouteBehaviour { script: Some(script.clone()), ledger, ..behaviour() };
        let (statuses, recording) = asked(world, route, vec![order(Some("k"), 1), order(Some("k"), 1)]);
        assert_eq!((statuses, effects(&recording)), (vec![0, 200], expected.to_vec()));
    }
}

pub(crate) fn who_leaves_the_queue_is_not_done_unless_nobody_notices(world: &Arc<dyn World>) {
    for ignore_disconnect in [false, true] {
        let setting = Capacity {
            workers: 1,
            queue: 5,
            service: None,
            overflow: Overflow::default(),
            ignore_disconnect,
            finish_begun: false,
            deadline: None,
        };
        let route = RouteBehaviour {
            capacity: Some(RouteCapacity { shared: true, setting }),
            latency: Law::Constant(TimeSpan::from_secs(60).into()),
            ..behaviour()
        };
        let ((), recording) = play(world, single(route), |client| async move {
            let served = client.enter_as(1).await;
            let waiting = client.enter_as(2).await;
            client.env.clock.sleep(Duration::from_millis(50)).await;
            drop(waiting);
            client.env.clock.sleep(Duration::from_millis(50)).await;
            drop(served);
            client.env.clock.sleep(Duration::from_millis(50)).await;
        });
        assert_eq!(effects(&recording), [true, ignore_disconnect]);
    }
}
