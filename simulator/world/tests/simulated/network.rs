//! The simulated network: exact delays, bounded jitter, bandwidth, bounded queues; and the same again for the same seed.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::plan::{Network, PlannedLink, Role};
use upstorm_model::{ByteRate, DrawnLaw, HostId, Law, Offset, Seed, TimeSpan, scenario};
use upstorm_world::World;
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};

use super::conformance::{CLIENT, OTHER, UPSTREAM, connected, two_hosts};
use super::{at, delayed, options, with_links};

const DELAY: Duration = Duration::from_millis(10);

#[test]
fn everything_takes_its_delay_exactly() {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let now = || client.clock.now();
            let listener = upstream.net.bind(None).await.unwrap();
            let mut near = client.net.connect(UPSTREAM).await.unwrap();
            assert_eq!(now(), at(20));
            let (mut far, _) = listener.accept().await.unwrap();
            assert_eq!(now(), at(30));
            near.write_all(b"ping").await.unwrap();
            far.read_exact(&mut [0; 4]).await.unwrap();
            assert_eq!(now(), at(40));
            far.abort();
            assert_eq!(near.read(&mut [0; 4]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert_eq!(now(), at(50));
            drop(listener);
            let refused = client.net.connect(UPSTREAM).await.unwrap_err();
            assert_eq!((refused.kind(), now()), (ErrorKind::ConnectionRefused, at(70)));
        })
        .unwrap();
}

#[test]
fn a_write_to_a_closed_peer_is_answered_one_round_trip_later() {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let (mut near, far) = connected(&client, &upstream).await;
            drop(far);
            let begun = client.clock.now();
            near.write_all(b"one").await.unwrap();
            client.clock.sleep_until(begun + DELAY * 2 - Duration::from_nanos(1)).await;
            near.write_all(b"two").await.unwrap();
            client.clock.sleep_until(begun + DELAY * 2).await;
            assert_eq!(near.write(b"three").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        })
        .unwrap();
}

#[test]
fn jitter_stays_within_its_bound_and_keeps_the_order() {
    let jitter = TimeSpan::from_millis(5);
    let world = with_links(scenario::Link { jitter, ..delayed(10) });
    let (client, upstream) = two_hosts(&world);
    let delays = world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let mut delays = Vec::new();
            for n in 0..200 {
                let sent = client.clock.now();
                near.write_all(&[n]).await.unwrap();
                let mut got = [0];
                far.read_exact(&mut got).await.unwrap();
                assert_eq!(got, [n]);
                delays.push(client.clock.now().since(sent));
            }
            delays
        })
        .unwrap();
    assert!(delays.iter().all(|delay| (DELAY..DELAY + jitter.get()).contains(delay)), "{delays:?}");
    let mean = delays.iter().sum::<Duration>() / 200;
    assert!((12..13).contains(&mean.as_millis()), "{mean:?}");
}

#[test]
fn a_law_is_drawn_for_each_packet_and_keeps_the_order() {
    let (mean, stddev) = (TimeSpan::from_millis(10).into(), TimeSpan::from_millis(2).into());
    let law = Law::Drawn(DrawnLaw::Normal { mean, stddev, max: None });
    let world = with_links(scenario::Link { delay: law.clone(), ..delayed(0) });
    let (client, upstream) = two_hosts(&world);
    let mut delays: Vec<Duration> = world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let mut delays = Vec::new();
            for n in 0..1_000_u32 {
                let sent = client.clock.now();
                near.write_all(&n.to_le_bytes()).await.unwrap();
                far.read_u32_le().await.unwrap();
                delays.push(client.clock.now().since(sent));
            }
            // All at once: whatever is drawn for each, they come one after the other.
            for n in 0..1_000_u32 {
                near.write_all(&n.to_le_bytes()).await.unwrap();
            }
            for n in 0..1_000_u32 {
                assert_eq!(far.read_u32_le().await.unwrap(), n);
            }
            delays
        })
        .unwrap();
    delays.sort_unstable();
    // Kolmogorov–Smirnov at 1e-6 for n = 1,000: D < 2.69 / sqrt(n). The seed is fixed, so this cannot flake.
    let distance = |(rank, delay): (u32, &Duration)| (law.cdf(0.0, *delay) - f64::from(rank) / 1_000.0).abs();
    let worst = (1..).zip(&delays).map(distance).fold(0.0, f64::max);
    assert!(worst < 0.085, "{worst}");
}

#[test]
fn bandwidth_is_shared_by_the_connections_of_a_link() {
    let world = with_links(scenario::Link { bandwidth: ByteRate::per_second(1_000_000), ..delayed(10) });
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let mut reading = Vec::new();
            let begun = client.clock.now();
            for _ in 0..2 {
                let (mut near, mut far) = connected(&client, &upstream).await;
                client.spawn.spawn(async move { near.write_all(&[7; 500_000]).await.unwrap() });
                reading.push(async move {
                    let mut got = Vec::new();
                    far.read_to_end(&mut got).await.unwrap();
                    assert_eq!(got.len(), 500_000);
                });
            }
            futures_util::future::join_all(reading).await;
            let took = client.clock.now().since(begun);
            assert!((1_030..1_070).contains(&took.as_millis()), "{took:?}");
        })
        .unwrap();
}

#[test]
fn links_that_differ_differ() {
    let between = vec![PlannedLink { hosts: [OTHER, UPSTREAM], link: delayed(50) }];
    let network = Network { usual: delayed(10), between };
    let world = SimulatedWorld::new(SimulatedOptions { network, ..options(delayed(1)) }).unwrap();
    let [client, upstream, other] = [CLIENT, UPSTREAM, OTHER].map(|host| world.env(host, Role::Client));
    world
        .run(async move {
            let _listener = upstream.net.bind(None).await.unwrap();
            let _near = client.net.connect(UPSTREAM).await.unwrap();
            assert_eq!(client.clock.now(), at(20));
            let _near = other.net.connect(UPSTREAM).await.unwrap();
            assert_eq!(client.clock.now(), at(120));
        })
        .unwrap();
}

#[test]
fn without_delay_everything_happens_at_once() {
    let world = with_links(delayed(0));
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            for n in 0..100 {
                near.write_all(&[n]).await.unwrap();
                far.read_exact(&mut [0]).await.unwrap();
                far.write_all(&[n]).await.unwrap();
                near.read_exact(&mut [0]).await.unwrap();
            }
            drop(far);
            assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
            assert_eq!(client.clock.now(), Offset::ZERO);
        })
        .unwrap();
}

#[test]
fn connections_beyond_the_backlog_wait_in_silence() {
    let world = with_links(delayed(1));
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            let connects = (0..4_096).map(|_| client.net.connect(UPSTREAM));
            let waiting = futures_util::future::join_all(connects).await;
            assert!(waiting.iter().all(Result::is_ok));
            let begun = client.clock.now();
            let one_more = client.net.connect(UPSTREAM);
            let accepting = async {
                upstream.clock.sleep(Duration::from_millis(1_500)).await;
                listener.accept().await.unwrap()
            };
            let (connected, _far) = futures_util::future::join(one_more, accepting).await;
            connected.unwrap();
            // Its first two SYNs were dropped; the third found a place.
            assert_eq!(client.clock.now(), begun + Duration::from_millis(3_002));
        })
        .unwrap();
}

#[test]
fn a_host_runs_out_of_source_ports() {
    let world = with_links(delayed(1));
    let (client, upstream) = two_hosts(&world);
    world
        .run(async move {
            let _listener = upstream.net.bind(None).await.unwrap();
            let count = 55_535;
            let mut connects: Vec<_> = (0..count).map(|_| client.net.connect(UPSTREAM)).collect();
            let error = {
                let begun = futures_util::future::join_all(
                    connects.iter_mut().map(futures_util::future::poll_immediate),
                );
                assert!(begun.await.iter().all(Option::is_none));
                client.net.connect(UPSTREAM).await.unwrap_err()
            };
            assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
            let expected = "no source port is left for a connection from `app` to `payments`";
            assert_eq!(error.to_string(), expected);
            drop(connects);
            client.net.connect(UPSTREAM).await.unwrap();
        })
        .unwrap();
}

/// When each of many exchanges ended, over jittery links, with a partition and resets in between.
fn trace(seed: u64) -> Vec<(u64, Offset, usize)> {
    let link = scenario::Link { jitter: TimeSpan::from_millis(3), ..delayed(2) };
    let world = SimulatedWorld::new(SimulatedOptions { seed: Seed(seed), ..options(link) }).unwrap();
    let world: Arc<dyn World> = Arc::new(world);
    let (client, upstream) = two_hosts(&world);
    let trace = Arc::new(Mutex::new(Vec::new()));
    let (notes, control) = (Arc::clone(&trace), Arc::clone(&world));
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            upstream.spawn.spawn(async move {
                for n in 0.. {
                    let (mut far, _) = listener.accept().await.unwrap();
                    let mut asked = Vec::new();
                    let _ = far.read_buf(&mut asked).await;
                    let _ = far.write_all(&asked).await;
                    if n % 7 == 0 {
                        far.abort();
                    }
                }
            });
            let mut all = tokio::task::JoinSet::new();
            for n in 0..100_u64 {
                let (client, notes) = (client.clone(), Arc::clone(&notes));
                all.spawn(async move {
                    client.clock.sleep(Duration::from_millis(n)).await;
                    let mut near = client.net.connect(UPSTREAM).await.unwrap();
                    near.write_all(&[7; 100]).await.unwrap();
                    let mut got = Vec::new();
                    let _ = near.read_to_end(&mut got).await;
                    notes.lock().unwrap().push((n, client.clock.now(), got.len()));
                });
            }
            client.clock.sleep_until(at(30)).await;
            control.set_partitions(&[[CLIENT, UPSTREAM]]);
            client.clock.sleep_until(at(60)).await;
            control.set_partitions(&[]);
            while all.join_next().await.is_some() {}
        })
        .unwrap();
    let trace = std::mem::take(&mut *trace.lock().unwrap());
    assert_eq!(trace.len(), 100);
    trace
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_another() {
    let first = trace(1);
    assert_eq!(first, trace(1));
    assert_eq!(first, std::thread::spawn(|| trace(1)).join().unwrap());
    assert_ne!(first, trace(2));
}

#[test]
fn hosts_without_a_name_are_named_by_number() {
    let world = SimulatedWorld::new(SimulatedOptions::default()).unwrap();
    let env = world.env(HostId(3), Role::Client);
    let error = world.run(async move { env.net.connect(HostId(9)).await.unwrap_err() }).unwrap();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFound, "`host 9` never listened"));
}
