//! The manual world keeps the worlds' common promises too, so that tests over it mean something.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::plan::Role;
use upstorm_model::{HostId, Offset};
use upstorm_world::World;
use upstorm_world::testing::ManualWorld;

fn world() -> Arc<dyn World> {
    Arc::new(ManualWorld::new())
}

conformance::conforms!();

#[test]
fn an_hour_passes_in_an_instant_and_to_the_nanosecond() {
    let world = world();
    let env = world.env(HostId(0), Role::Client);
    let woke = world.run(async move {
        env.clock.sleep(Duration::new(3600, 1)).await;
        env.clock.now()
    });
    assert_eq!(woke, Some(Offset::from_nanos(3_600_000_000_001)));
}

#[test]
fn a_story_that_can_never_end_is_given_up() {
    assert_eq!(world().run(std::future::pending::<()>()), None);
}

#[test]
fn the_clock_can_be_moved_by_hand() {
    let world = ManualWorld::new();
    let env = world.env(HostId(0), Role::Client);
    let clock = world.clock();
    let (told, mut ended) = tokio::sync::oneshot::channel();
    let time = Arc::clone(&env.clock);
    env.spawn.spawn(async move {
        time.sleep(Duration::from_secs(2)).await;
        told.send(time.now()).unwrap();
    });
    world.settle();
    clock.advance(Duration::from_secs(1));
    world.settle();
    assert!(ended.try_recv().is_err());
    clock.advance(Duration::from_secs(2));
    world.settle();
    assert_eq!(ended.try_recv().unwrap(), Offset::from_millis(3_000));
}
