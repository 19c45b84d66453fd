//! Runs that nothing can come of are given up, and it is said why.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use upstorm_model::plan::Role;
use upstorm_model::{HostId, Offset};
use upstorm_world::World;
use upstorm_world::simulated::{GivenUp, SimulatedWorld};

use super::conformance::{OTHER, connected, two_hosts};
use super::{at, delayed, options};

fn limited(millis: u64) -> Arc<SimulatedWorld> {
    let limit = Offset::from_millis(millis);
    Arc::new(
        SimulatedWorld::new(upstorm_world::simulated::SimulatedOptions { limit, ..options(delayed(1)) })
            .unwrap(),
    )
}

#[test]
fn a_deadlock_says_when_and_who_waits_for_what() {
    let world = limited(3_600_000);
    let shared: Arc<dyn World> = Arc::<SimulatedWorld>::clone(&world);
    let (app, payments) = two_hosts(&shared);
    let edge = world.env(OTHER, Role::Gateway);
    let control = Arc::clone(&shared);
    let held = Arc::new(());
    let mine = Arc::clone(&held);
    let ended = shared.run(async move {
        let _mine = mine;
        let mut open = Vec::new();
        for _ in 0..3 {
            let (mut near, far) = connected(&app, &payments).await;
            open.push(far);
            app.spawn.spawn(async move {
                near.read_exact(&mut [0; 1]).await.unwrap();
            });
        }
        let (mut near, _far) = connected(&edge, &payments).await;
        let listener = payments.net.bind(None).await.unwrap();
        app.clock.sleep_until(at(12_500)).await;
        control.set_partitions(&[[OTHER, HostId(1)]]);
        edge.spawn.spawn(async move {
            near.read_exact(&mut [0; 1]).await.unwrap();
        });
        listener.accept().await.unwrap();
    });
    assert_eq!(ended, None);
    let given_up = world.given_up().unwrap();
    assert_eq!(
        given_up.to_string(),
        "at 12.5s nothing can happen any more: `app` waits to read from `payments` (3 connections), \
         `edge` waits to read from `payments` (partitioned), `payments` waits for a connection"
    );
    // Its tasks are gone, and it runs nothing any more.
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(world.run(std::future::ready(())), None);
}

#[test]
fn a_story_that_waits_for_nothing_is_a_deadlock_too() {
    let world = limited(1_000);
    assert_eq!(world.run(std::future::pending::<()>()), None);
    assert_eq!(world.given_up(), Some(GivenUp::Deadlock { at: Offset::ZERO, waits: Vec::new() }));
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test's clock is tokio's own, paused, and is what is tested"
)]
fn a_timer_of_tokios_keeps_a_run_going() {
    let world = limited(3_600_000);
    let slept = world.run(async { tokio::time::sleep(Duration::from_secs(599)).await });
    assert_eq!((slept, world.given_up()), (Some(()), None));
    assert_eq!(world.env(HostId(0), Role::Client).clock.now(), at(599_000));
}

#[test]
fn a_run_ends_at_its_limit() {
    let world = limited(10_000);
    let env = world.env(HostId(0), Role::Client);
    let clock = Arc::clone(&env.clock);
    let ended = world.run(async move {
        // Up to the limit, and not a nanosecond longer.
        env.clock.sleep_until(at(10_000)).await;
        loop {
            env.clock.sleep(Duration::from_nanos(1)).await;
        }
    });
    assert_eq!((ended, clock.now()), (None::<()>, at(10_000)));
    assert_eq!(world.given_up(), Some(GivenUp::Limit { limit: at(10_000) }));
}

#[test]
fn the_limit_counts_from_the_beginning_of_the_run() {
    let world = limited(10_000);
    let env = world.env(HostId(0), Role::Client);
    let control = Arc::clone(&world);
    let reached = world.run(async move {
        env.clock.sleep(Duration::from_secs(8)).await;
        control.begin();
        env.clock.sleep(Duration::from_secs(8)).await;
        env.clock.now()
    });
    assert_eq!(reached, Some(at(8_000)));
}

/// A task that is always ready to go on, and gets nowhere.
async fn spin() {
    loop {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_task_that_spins_is_noticed() {
    for in_the_story in [true, false] {
        let world = limited(10_000);
        let env = world.env(HostId(0), Role::Client);
        let ended = world.run(async move {
            env.clock.sleep_until(at(1)).await;
            if in_the_story {
                spin().await;
            }
            env.spawn.spawn(spin());
            env.clock.sleep_until(at(2)).await;
        });
        assert_eq!(ended, None);
        let given_up = world.given_up().unwrap();
        assert!(matches!(given_up, GivenUp::Standstill { at: when, .. } if when == at(1)), "{given_up}");
    }
}

#[test]
fn events_that_set_each_other_without_time_passing_are_noticed() {
    let world = limited(10_000);
    let env = world.env(HostId(0), Role::Client);
    let ended = world.run(async move {
        // tokio's own tasks are not counted, but the events that wake them are.
        let spinning = tokio::spawn(std::future::poll_fn(move |cx| {
            env.clock.wake_at(env.clock.now(), cx.waker().clone());
            std::task::Poll::<()>::Pending
        }));
        spinning.await.unwrap();
    });
    assert_eq!(ended, None);
    assert!(matches!(world.given_up(), Some(GivenUp::Standstill { .. })));
}
