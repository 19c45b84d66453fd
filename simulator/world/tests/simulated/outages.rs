//! Outages in virtual time: when what was lost is sent again, and when a connect gives up.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::Offset;

use super::conformance::{CLIENT, OTHER, UPSTREAM, connected, two_hosts};
use super::{delayed, with_links};

const CUT: [upstorm_model::HostId; 2] = [CLIENT, UPSTREAM];

/// Cuts the link, sends, heals after so many milliseconds; gives how many after the send it arrives.
fn arrives_after(cut_for: u64) -> u128 {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    let control = Arc::clone(&world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            control.set_partitions(&[CUT]);
            let begun = client.clock.now();
            near.write_all(b"into the void").await.unwrap();
            client.clock.sleep(Duration::from_millis(cut_for)).await;
            control.set_partitions(&[]);
            far.read_exact(&mut [0; 13]).await.unwrap();
            client.clock.now().since(begun).as_millis()
        })
        .unwrap()
}

#[test]
fn what_was_lost_arrives_at_the_first_retransmission_after_the_heal() {
    // Sent again after 200, 600, 1,400, 3,000 … ms, and 10 ms under way.
    for (cut_for, arrives) in [(1, 210), (5, 210), (199, 210), (201, 610), (700, 1_410), (2_900, 3_010)] {
        assert_eq!(arrives_after(cut_for), arrives, "cut for {cut_for} ms");
    }
    // At the very instant of the heal it may still go through.
    assert_eq!(arrives_after(600), 610);
}

#[test]
fn what_is_under_way_when_the_link_is_cut_is_lost_and_what_follows_waits_for_it() {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    let control = Arc::clone(&world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let begun = client.clock.now();
            let after = |millis| begun + Duration::from_millis(millis);
            near.write_all(b"one ").await.unwrap();
            client.clock.sleep_until(after(5)).await;
            control.set_partitions(&[CUT]);
            client.clock.sleep_until(after(50)).await;
            near.write_all(b"two ").await.unwrap();
            control.set_partitions(&[]);
            client.clock.sleep_until(after(60)).await;
            // The link is whole again, but TCP keeps the order.
            near.write_all(b"three").await.unwrap();
            let mut got = [0; 13];
            let count = far.read(&mut got).await.unwrap();
            assert_eq!((&got[..count], client.clock.now()), (&b"one two three"[..], after(210)));
        })
        .unwrap();
}

#[test]
fn a_second_cut_waits_for_the_next_retransmission() {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    let control = Arc::clone(&world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let begun = client.clock.now();
            let after = |millis| begun + Duration::from_millis(millis);
            control.set_partitions(&[CUT]);
            near.write_all(b"one").await.unwrap();
            client.clock.sleep_until(after(100)).await;
            control.set_partitions(&[]);
            // Sent again at 200, and lost again.
            client.clock.sleep_until(after(205)).await;
            control.set_partitions(&[CUT]);
            client.clock.sleep_until(after(300)).await;
            control.set_partitions(&[]);
            far.read_exact(&mut [0; 3]).await.unwrap();
            assert_eq!(client.clock.now(), after(610));
        })
        .unwrap();
}

#[test]
fn a_connect_into_a_partition_knocks_after_one_two_and_four_seconds() {
    for (cut_for, connected) in [(500, 1_020), (1_500, 3_020), (3_500, 7_020), (40_000, 63_020)] {
        let world = with_links(delayed(10));
        let (client, upstream) = two_hosts(&world);
        let control = Arc::clone(&world);
        world
            .run(async move {
                let _listener = upstream.net.bind(None).await.unwrap();
                control.set_partitions(&[CUT]);
                let healing = async {
                    client.clock.sleep(Duration::from_millis(cut_for)).await;
                    control.set_partitions(&[[CLIENT, OTHER]]);
                };
                futures_util::future::join(client.net.connect(UPSTREAM), healing).await.0.unwrap();
                assert_eq!(client.clock.now(), Offset::from_millis(connected));
            })
            .unwrap();
    }
}

#[test]
fn a_connect_that_nobody_answers_gives_up_after_127_seconds() {
    for blackhole in [true, false] {
        let world = with_links(delayed(10));
        let (client, upstream) = two_hosts(&world);
        let control = Arc::clone(&world);
        world
            .run(async move {
                let listener = upstream.net.bind(None).await.unwrap();
                let address = listener.local_addr();
                let mut held = None;
                if blackhole {
                    drop(listener);
                    held = Some(upstream.net.blackhole(address).await.unwrap());
                } else {
                    control.set_partitions(&[CUT]);
                }
                let error = client.net.connect(UPSTREAM).await.unwrap_err();
                assert_eq!(
                    (error.kind(), client.clock.now()),
                    (ErrorKind::TimedOut, Offset::from_millis(127_000))
                );
                drop(held);
            })
            .unwrap();
    }
}

#[test]
fn tens_of_thousands_of_connects_into_a_partition_are_cheap() {
    let world = with_links(delayed(10));
    let (client, upstream) = two_hosts(&world);
    let control = Arc::clone(&world);
    world
        .run(async move {
            let _listener = upstream.net.bind(None).await.unwrap();
            control.set_partitions(&[CUT]);
            let connects = (0..50_000).map(|_| client.net.connect(UPSTREAM));
            let ended = futures_util::future::join_all(connects).await;
            assert!(ended.iter().all(|end| end.as_ref().is_err_and(|e| e.kind() == ErrorKind::TimedOut)));
        })
        .unwrap();
}
