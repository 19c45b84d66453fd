//! The upstream over a network in memory and in virtual time, where delays are exact.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod support;

use std::sync::Arc;

use upstorm_model::recording::Record;
use upstorm_model::{DrawnLaw, Law, TimeSpan};
use upstorm_world::World;
use upstorm_world::testing::ManualWorld;

use support::{Client, behaviour, play, single};

fn world() -> Arc<dyn World> {
    Arc::new(ManualWorld::new())
}

conformance::conforms!();

fn slow() -> upstorm_model::plan::Plan {
    let mut route = behaviour();
    let (median, p99) = (TimeSpan::from_millis(40).into(), Some(TimeSpan::from_millis(180).into()));
    route.latency = Law::Drawn(DrawnLaw::Lognormal { median, p99, sigma: None, max: None });
    single(route)
}

#[test]
fn delays_are_kept_to_the_nanosecond() {
    let (_, recording) = play(&world(), slow(), |client| async move {
        let mut stream = client.connect().await.unwrap();
        for call in 0..200 {
            client.ask_on(&mut stream, Client::get("/", call)).await;
        }
    });
    assert_eq!(recording.attempts.len(), 200);
    for attempt in &recording.attempts {
        assert_eq!(attempt.delay, Some(attempt.fate.delay));
        assert_eq!(attempt.end, attempt.head + attempt.fate.delay.get());
    }
}

#[test]
fn the_same_seed_gives_the_same_recording() {
    let run = || {
        let world = ManualWorld::new();
        let shared: Arc<dyn World> = Arc::new(world);
        let (_, recording) = play(&shared, slow(), |client| async move {
            let mut stream = client.connect().await.unwrap();
            for call in 0..50 {
                client.ask_on(&mut stream, Client::get("/", call)).await;
            }
        });
        recording.attempts.into_iter().map(Record::Attempt).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
