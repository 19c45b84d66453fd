//! Peers that take their time: hanging, stalling, trickling, crowds that wait to be accepted.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_world::{TimedOut, World};

use super::{connected, two_hosts};

/// Long enough for anything that is going to happen to have happened.
const WHILE: Duration = Duration::from_millis(30);

/// A peer that hangs says nothing, however long; when it speaks after all it is heard.
pub(crate) fn a_peer_that_hangs_can_still_answer(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            near.write_all(b"question").await.unwrap();
            let mut got = [0; 6];
            let read = client.clock.timeout_at(client.clock.now() + WHILE, near.read(&mut got)).await;
            assert_eq!(read.map(|_| ()).unwrap_err(), TimedOut);
            far.write_all(b"answer").await.unwrap();
            near.read_exact(&mut got).await.unwrap();
            assert_eq!(&got, b"answer");
        })
        .unwrap();
}

/// A reader that stalls makes the writer wait, and loses nothing when it goes on.
pub(crate) fn a_reader_that_stalls_holds_the_writer_up(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            const BYTES: usize = 32 << 20;
            let (mut near, mut far) = connected(&client, &upstream).await;
            let (written, mut done) = tokio::sync::oneshot::channel();
            client.spawn.spawn(async move {
                let bytes: Vec<u8> = (0..BYTES).map(|n| (n / 1000) as u8).collect();
                near.write_all(&bytes).await.unwrap();
                written.send(near).unwrap();
            });
            upstream.clock.sleep(WHILE).await;
            assert!(done.try_recv().is_err(), "32 MiB were written though nobody read");
            let mut got = vec![0; BYTES];
            far.read_exact(&mut got).await.unwrap();
            assert!(got.iter().enumerate().all(|(n, byte)| *byte == (n / 1000) as u8));
            let _near = done.await.unwrap();
        })
        .unwrap();
}

/// Bytes that come one by one, with time between them, arrive one after the other.
pub(crate) fn a_slow_writer_is_read_as_it_writes(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            upstream.spawn.spawn(async move {
                for byte in 0..20 {
                    upstream.clock.sleep(Duration::from_millis(1)).await;
                    far.write_all(&[byte]).await.unwrap();
                }
            });
            let begun = client.clock.now();
            let mut got = Vec::new();
            while near.read_buf(&mut got).await.unwrap() > 0 {}
            assert_eq!(got, (0..20).collect::<Vec<u8>>());
            assert!(client.clock.now().since(begun) >= Duration::from_millis(19));
        })
        .unwrap();
}

/// A crowd that connects before anybody accepts is accepted in its order, and what it said meanwhile is kept.
pub(crate) fn a_crowd_waits_to_be_accepted(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            let mut crowd = Vec::new();
            for n in 0..200 {
                let mut near = client.net.connect(upstream.host).await.unwrap();
                near.write_all(&[n]).await.unwrap();
                crowd.push(near);
            }
            for n in 0..200 {
                let (mut far, peer) = listener.accept().await.unwrap();
                let mut said = [0];
                far.read_exact(&mut said).await.unwrap();
                assert_eq!((said, peer), ([n], Some(client.host)));
            }
        })
        .unwrap();
}

/// Several hundred connections stay open beside each other, and none hears what another says.
pub(crate) fn many_connections_stay_apart(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            let tasks = Arc::clone(&upstream.spawn);
            upstream.spawn.spawn(async move {
                while let Ok((mut far, _)) = listener.accept().await {
                    tasks.spawn(async move {
                        let mut said = [0; 4];
                        while far.read_exact(&mut said).await.is_ok() {
                            far.write_all(&said).await.unwrap();
                        }
                    });
                }
            });
            let mut open = Vec::new();
            for _ in 0..300 {
                open.push(client.net.connect(upstream.host).await.unwrap());
            }
            for round in 0..3_u32 {
                for (n, near) in open.iter_mut().enumerate() {
                    near.write_all(&(n as u32 * 3 + round).to_le_bytes()).await.unwrap();
                }
                for (n, near) in open.iter_mut().enumerate() {
                    let mut heard = [0; 4];
                    near.read_exact(&mut heard).await.unwrap();
                    assert_eq!(u32::from_le_bytes(heard), n as u32 * 3 + round);
                }
            }
        })
        .unwrap();
}
