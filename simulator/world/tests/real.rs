//! The real world keeps the worlds' common promises, over real sockets in real time; and some of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::plan::Role;
use upstorm_model::{HostId, Offset, Seed};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Recorder, World};

fn world() -> Arc<dyn World> {
    let options = RealOptions { recorder: Recorder::in_memory(), seed: Seed(1), hosts: 3 };
    Arc::new(RealWorld::new(options).unwrap())
}

conformance::conforms!();

#[test]
fn hosts_send_from_an_address_of_their_own_to_a_fixed_address_too() {
    let world = world();
    let (client, upstream) = conformance::two_hosts(&world);
    world
        .run(async move {
            // 127.0.0.1 and a port that was free a moment ago, as a scenario would fix it.
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let listener = upstream.net.bind(Some(free)).await.unwrap();
            let _near = client.net.connect(upstream.host).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1, Some(client.host));
            let _stranger = std::net::TcpStream::connect(free).unwrap();
            assert_eq!(listener.accept().await.unwrap().1, None);
        })
        .unwrap();
}

#[test]
fn two_thousand_connections_in_a_row_find_a_port() {
    let world = world();
    let (client, upstream) = conformance::two_hosts(&world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            for _ in 0..2000 {
                // The caller closes first, so the caller's port is the one that lingers.
                drop(client.net.connect(upstream.host).await.unwrap());
                listener.accept().await.unwrap();
            }
        })
        .unwrap();
}

#[test]
fn a_world_can_be_dropped_with_tasks_that_never_end() {
    let world = world();
    let (client, upstream) = conformance::two_hosts(&world);
    let clock = Arc::clone(&client.clock);
    for env in [client, upstream] {
        let clock = Arc::clone(&env.clock);
        env.spawn.spawn(async move {
            let _listener = env.net.bind(None).await.unwrap();
            clock.sleep_until(Offset::MAX).await;
        });
    }
    let before = clock.now();
    drop(world);
    assert!(clock.now() < before + Duration::from_secs(2));
}

#[test]
fn a_world_can_be_dropped_by_its_own_task() {
    let world = world();
    let env = world.env(HostId(0), Role::Client);
    let (done, ended) = std::sync::mpsc::channel();
    env.clone().spawn.spawn(async move {
        env.clock.sleep(Duration::from_millis(1)).await;
        drop(world);
        done.send(()).unwrap();
    });
    ended.recv().unwrap();
}

/// How late wake-ups come on an idle machine. The aim is 0.1 ms at the median and 1 ms at p99; the bounds
/// here leave room for a busy machine, because only the order of magnitude must never be lost.
#[test]
fn wake_ups_come_within_a_fraction_of_a_millisecond() {
    let world = world();
    let clock = world.env(HostId(0), Role::Client).clock;
    let mut late = world
        .run(async move {
            let mut late = Vec::new();
            for step in 0..500 {
                let until = clock.now() + Duration::from_micros(300 + step % 7 * 100);
                clock.sleep_until(until).await;
                late.push(clock.now().since(until));
            }
            late
        })
        .unwrap();
    late.sort_unstable();
    println!("late: p50 {:?} p99 {:?} max {:?}", late[250], late[495], late[499]);
    assert!(late[250] < Duration::from_millis(1), "{:?}", late[250]);
}
