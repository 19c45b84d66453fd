//! Partitions: what is cut stands still, what is not goes on, and nothing is lost.
//!
//! Whether a write into a cut link waits or is taken for later is each world's own: what was taken arrives.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::plan::Role;
use upstorm_world::{TimedOut, World};

use super::{CLIENT, OTHER, UPSTREAM, connected, two_hosts};

/// Long enough for anything that is going to happen to have happened.
const WHILE: Duration = Duration::from_millis(30);

/// Open sockets stand still in both directions and go on where they were; an idle reader wakes when it heals.
pub(crate) fn open_sockets_stand_still_and_go_on(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    let control = Arc::clone(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            near.write_all(b"before ").await.unwrap();
            let mut got = [0; 7];
            far.read_exact(&mut got).await.unwrap();
            control.set_partitions(&[[UPSTREAM, CLIENT]]);
            let (clock, patience) = (&client.clock, client.clock.now() + WHILE);
            let taken = clock.timeout_at(patience, near.write(b"during ")).await.map_or(0, Result::unwrap);
            let read = clock.timeout_at(patience, far.read(&mut got)).await;
            assert_eq!(read.map(|_| ()).unwrap_err(), TimedOut);
            let (waiting, reader) = tokio::sync::oneshot::channel();
            upstream.spawn.spawn(async move {
                let mut rest = String::new();
                far.read_to_string(&mut rest).await.unwrap();
                waiting.send(rest).unwrap();
            });
            client.clock.sleep(WHILE).await;
            control.set_partitions(&[]);
            near.write_all(b"after").await.unwrap();
            near.shutdown().await.unwrap();
            assert_eq!(reader.await.unwrap(), format!("{}after", &"during "[..taken]));
        })
        .unwrap();
}

/// A megabyte that is under way while its link is cut, twice, arrives whole and in order.
pub(crate) fn what_is_under_way_survives_a_partition(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    let control = Arc::clone(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let sent: Vec<u8> = (0..1_000_000_u32).map(|i| ((i * 31) >> 8) as u8).collect();
            let expected = sent.clone();
            client.spawn.spawn(async move {
                near.write_all(&sent).await.unwrap();
            });
            let mut got = Vec::with_capacity(expected.len());
            for part in [1_000, 300_000] {
                while got.len() < part {
                    assert!(far.read_buf(&mut got).await.unwrap() > 0);
                }
                control.set_partitions(&[[CLIENT, UPSTREAM]]);
                client.clock.sleep(WHILE).await;
                control.set_partitions(&[]);
            }
            far.read_to_end(&mut got).await.unwrap();
            assert!(got == expected);
        })
        .unwrap();
}

/// A close and a reset across a cut link are noticed when it has healed, not before.
pub(crate) fn an_end_is_noticed_after_the_heal(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    let control = Arc::clone(world);
    world
        .run(async move {
            let (mut closing, far_closing) = connected(&client, &upstream).await;
            let (mut resetting, mut far_resetting) = connected(&client, &upstream).await;
            control.set_partitions(&[[CLIENT, UPSTREAM]]);
            drop(far_closing);
            far_resetting.abort();
            let mut got = [0; 1];
            for near in [&mut closing, &mut resetting] {
                let read = client.clock.timeout_at(client.clock.now() + WHILE, near.read(&mut got)).await;
                assert_eq!(read.map(|_| ()).unwrap_err(), TimedOut);
            }
            control.set_partitions(&[]);
            assert_eq!(closing.read(&mut got).await.unwrap(), 0);
            let reset = resetting.read(&mut got).await.unwrap_err();
            assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
        })
        .unwrap();
}

/// A connect into a cut link waits and then goes through; another pair is not disturbed.
pub(crate) fn connects_wait_for_the_heal(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    let other = world.env(OTHER, Role::Gateway);
    let control = Arc::clone(world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            control.set_partitions(&[[CLIENT, UPSTREAM]]);
            let patience = client.clock.now() + WHILE;
            let connect = client.clock.timeout_at(patience, client.net.connect(UPSTREAM)).await;
            assert_eq!(connect.map(|_| ()).unwrap_err(), TimedOut);
            let _undisturbed = other.net.connect(UPSTREAM).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1, Some(OTHER));
            let (connected, wait) = tokio::sync::oneshot::channel();
            let net = Arc::clone(&client.net);
            client.spawn.spawn(async move {
                connected.send(net.connect(UPSTREAM).await.unwrap()).unwrap();
            });
            // The pairs listed are exactly the cut ones: cutting another pair heals this one.
            control.set_partitions(&[[CLIENT, OTHER]]);
            let _near = wait.await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1, Some(CLIENT));
        })
        .unwrap();
}
