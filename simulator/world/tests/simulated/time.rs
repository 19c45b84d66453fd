//! Virtual time: exact, ordered, and the same for tokio's timers and ours.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use upstorm_model::plan::Role;
use upstorm_model::{HostId, Offset};
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};

use super::{at, world};

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

/// Who woke, in order, and when.
#[derive(Clone, Default)]
struct Woken(Arc<Mutex<Vec<(&'static str, Offset)>>>);

impl Woken {
    fn note(&self, who: &'static str, when: Offset) {
        self.0.lock().unwrap().push((who, when));
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test's clock is tokio's own, paused, and is what is tested"
)]
fn timers_of_tokio_and_ours_wake_in_one_order() {
    let world = world();
    let env = world.env(HostId(0), Role::Client);
    let woken = Woken::default();
    let seen = woken.clone();
    world
        .run(async move {
            let mut all = JoinSet::new();
            for (who, nanos) in [("just after", 5_000_001), ("ours", 5_000_000), ("just before", 4_999_999)] {
                let (clock, woken) = (Arc::clone(&env.clock), woken.clone());
                all.spawn(async move {
                    clock.sleep_until(Offset::from_nanos(nanos)).await;
                    woken.note(who, clock.now());
                });
            }
            for (who, micros) in [("tokio", 5_000), ("tokio, rounded up", 5_300), ("later", 900_000)] {
                let (clock, woken) = (Arc::clone(&env.clock), woken.clone());
                all.spawn(async move {
                    tokio::time::sleep(Duration::from_micros(micros)).await;
                    woken.note(who, clock.now());
                });
            }
            let never = tokio::time::timeout(Duration::from_secs(2), std::future::pending::<()>());
            assert!(never.await.is_err());
            woken.note("timeout", env.clock.now());
            while all.join_next().await.is_some() {}
        })
        .unwrap();
    let expected = [
        ("just before", Offset::from_nanos(4_999_999)),
        ("tokio", at(5)),
        ("ours", at(5)),
        ("just after", Offset::from_nanos(5_000_001)),
        ("tokio, rounded up", at(6)),
        ("later", at(900)),
        ("timeout", at(2_000)),
    ];
    assert_eq!(*seen.0.lock().unwrap(), expected);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test's clock is tokio's own, paused, and is what is tested"
)]
fn tokio_sees_the_same_time() {
    let world = world();
    let env = world.env(HostId(0), Role::Client);
    world
        .run(async move {
            let (tokio, ours) = (tokio::time::Instant::now(), env.clock.now());
            for nanos in [1, 999_999, 1, 40_000_000, 1_234_567, 63_000_000_000] {
                env.clock.sleep(Duration::from_nanos(nanos)).await;
                assert_eq!(tokio.elapsed(), env.clock.now().since(ours));
                tokio::time::sleep(Duration::from_millis(3)).await;
                assert_eq!(tokio.elapsed(), env.clock.now().since(ours));
            }
        })
        .unwrap();
}

#[test]
fn tasks_begun_before_the_run_take_part_in_it() {
    let world = world();
    let env = world.env(HostId(0), Role::Client);
    let (told, hears) = tokio::sync::oneshot::channel();
    let clock = Arc::clone(&env.clock);
    env.spawn.spawn(async move {
        clock.sleep(Duration::from_millis(7)).await;
        told.send(clock.now()).unwrap();
    });
    assert_eq!(env.clock.now(), Offset::ZERO);
    assert_eq!(world.run(hears), Some(Ok(at(7))));
    // Time stands still between two runs, and goes on with the next.
    assert_eq!(env.clock.now(), at(7));
    let clock = Arc::clone(&env.clock);
    world.run(async move { clock.sleep(Duration::from_millis(7)).await }).unwrap();
    assert_eq!(env.clock.now(), at(14));
}

#[test]
fn worlds_on_several_threads_do_not_disturb_each_other() {
    std::thread::scope(|scope| {
        for thread in 1..=4_u64 {
            scope.spawn(move || {
                let world = world();
                let env = world.env(HostId(0), Role::Client);
                let slept = world.run(async move {
                    for _ in 0..2_000 {
                        env.clock.sleep(Duration::from_micros(thread * 700)).await;
                        tokio::task::yield_now().await;
                    }
                    env.clock.now()
                });
                assert_eq!(slept, Some(Offset::from_nanos(thread * 1_400_000_000)));
            });
        }
    });
}

#[test]
fn a_world_can_be_dropped_with_tasks_that_never_end() {
    let world = world();
    let held = Arc::new(());
    for host in [0, 1] {
        let env = world.env(HostId(host), Role::Client);
        let mine = Arc::clone(&held);
        env.clone().spawn.spawn(async move {
            let _mine = mine;
            let _listener = env.net.bind(None).await.unwrap();
            let mut _near = env.net.connect(env.host).await.unwrap();
            env.clock.sleep_until(Offset::MAX).await;
        });
    }
    let env = world.env(HostId(0), Role::Client);
    world.run(async move { env.clock.sleep(Duration::from_secs(1)).await }).unwrap();
    assert_eq!(Arc::strong_count(&held), 3);
    drop(world);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_world_can_be_dropped_by_its_own_task() {
    let shared = world();
    let env = shared.env(HostId(0), Role::Client);
    let (done, ended) = tokio::sync::oneshot::channel();
    let mine = Arc::clone(&shared);
    env.clone().spawn.spawn(async move {
        env.clock.sleep(Duration::from_millis(1)).await;
        drop(mine);
        done.send(()).unwrap();
    });
    assert_eq!(shared.run(ended), Some(Ok(())));
    // Within another runtime, too, where waiting would not be allowed.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move { drop(shared) });
}

#[test]
#[should_panic(expected = "the story broke")]
fn a_panic_in_the_story_is_passed_on() {
    world().run(async { panic!("the story broke") });
}

#[test]
fn a_run_within_a_run_comes_to_nothing() {
    let world = Arc::new(SimulatedWorld::new(SimulatedOptions::default()).unwrap());
    let inner = Arc::clone(&world);
    assert_eq!(world.run(async move { inner.run(std::future::ready(())) }), Some(None));
    assert_eq!(world.given_up(), None);
}
