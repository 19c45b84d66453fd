//! The upstream over the simulated network, where times are exact and the same seed gives the same bytes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use upstorm_model::plan::{Network, Plan};
use upstorm_model::recording::{Record, Recording};
use upstorm_model::scenario::{Body, Cut, CutAt, Ending, FaultKind, Hold, Stall};
use upstorm_model::{ByteRate, ByteSize, DrawnLaw, Law, Seed, TimeSpan};
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};
use upstorm_world::{Recorder, World};

use support::{Client, behaviour, fault, play, single};

fn world() -> Arc<dyn World> {
    let hosts = vec!["caller".to_owned(), "payments".to_owned()];
    let options = SimulatedOptions {
        recorder: Recorder::in_memory(),
        seed: Seed(1),
        network: Network::default(),
        hosts,
        ..SimulatedOptions::default()
    };
    Arc::new(SimulatedWorld::new(options).unwrap())
}

conformance::conforms!();

#[test]
fn a_cohort_is_answered_within_one_nanosecond() {
    let mut route = behaviour();
    let then = Ending { status: Some(503), ..Ending::default() };
    let within = TimeSpan::from_secs(5);
    route.hold = Some(Hold { calls: 200, within, again: false, retries: false, then: Some(then) });
    let (_, recording) = play(&world(), single(route), |client| async move {
        let mut streams = Vec::new();
        for call in 0..200 {
            streams.push(client.enter_as(call).await);
        }
        for stream in &mut streams {
            assert_eq!(client.read_on(stream, "POST").await.status(), 503);
        }
    });
    let ends: BTreeSet<_> = recording.attempts.iter().map(|attempt| attempt.end).collect();
    assert_eq!((recording.attempts.len(), ends.len()), (200, 1));
}

fn slow() -> Plan {
    let mut route = behaviour();
    let (median, p99) = (TimeSpan::from_millis(40).into(), Some(TimeSpan::from_millis(180).into()));
    route.latency = Law::Drawn(DrawnLaw::Lognormal { median, p99, sigma: None, max: None });
    single(route)
}

fn calls(plan: Plan, count: u64) -> Recording {
    let (_, recording) = play(&world(), plan, move |client| async move {
        let mut stream = client.connect().await.unwrap();
        for call in 0..count {
            client.ask_on(&mut stream, Client::get("/", call)).await;
        }
    });
    recording
}

#[test]
fn delays_are_kept_to_the_nanosecond() {
    let recording = calls(slow(), 200);
    assert_eq!(recording.attempts.len(), 200);
    for attempt in &recording.attempts {
        assert_eq!(attempt.delay, Some(attempt.fate.delay));
        assert_eq!(attempt.end, attempt.head + attempt.fate.delay.get());
    }
}

#[test]
fn the_same_seed_gives_the_same_recording() {
    let run = || calls(slow(), 50).attempts.into_iter().map(Record::Attempt).collect::<Vec<_>>();
    assert_eq!(run(), run());
}

#[test]
fn an_idle_connection_is_kept_for_hours() {
    let (_, recording) = play(&world(), single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        for call in 0..3 {
            assert_eq!(client.ask_on(&mut stream, Client::get("/", call)).await.status(), 200);
            client.env.clock.sleep(Duration::from_secs(3 * 3600)).await;
        }
    });
    assert_eq!((recording.attempts.len(), recording.connections.len()), (3, 1));
}

#[test]
fn a_stall_and_a_pace_are_kept_to_the_nanosecond() {
    let place = Cut::At { at: CutAt::MidBody };
    let stall = FaultKind::Stall(Stall { place, r#for: TimeSpan::from_secs(2).into() });
    let rate = ByteRate::per_second(4096).into();
    let mut route = behaviour();
    route.body = Body { rate: Some(rate), ..Body::of_size(ByteSize::new(4096)) };
    route.faults = vec![fault(stall)];
    let recording = calls(single(route), 1);
    let attempt = &recording.attempts[0];
    assert_eq!(
        (attempt.first_byte, attempt.end),
        (Some(attempt.head), attempt.head + Duration::from_secs(3))
    );
}
