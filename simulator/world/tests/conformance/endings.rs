//! How connections end: which bytes still arrive, what a read gives then, and what a write.
//!
//! A client branches on the kind of error it meets, so each of these is what Linux's sockets do, in either world.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_world::{Clock, Stream, World};

use super::{connected, two_hosts};

/// Writes until it fails, a little at a time; gives the error's kind.
async fn write_until_it_fails(clock: &Arc<dyn Clock>, stream: &mut Stream) -> ErrorKind {
    for _ in 0..1_000 {
        if let Err(error) = stream.write_all(b"anybody?").await {
            return error.kind();
        }
        clock.sleep(Duration::from_millis(1)).await;
    }
    panic!("a thousand writes to nobody succeeded");
}

/// A reset before any byte is told once; from then on reads end and writes find a broken pipe.
pub(crate) fn a_reset_before_any_byte_is_told_once(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            far.abort();
            let mut got = [0; 8];
            assert_eq!(near.read(&mut got).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert_eq!(near.read(&mut got).await.unwrap(), 0);
            assert_eq!(near.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        })
        .unwrap();
}

/// Bytes that were sent before a reset are read before it.
pub(crate) fn bytes_before_a_reset_arrive(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            far.write_all(b"HTTP/1.1 200 OK").await.unwrap();
            far.abort();
            let mut got = Vec::new();
            let error = near.read_to_end(&mut got).await.unwrap_err();
            assert_eq!((got.as_slice(), error.kind()), (&b"HTTP/1.1 200 OK"[..], ErrorKind::ConnectionReset));
        })
        .unwrap();
}

/// A direction that is shut reads as the end, for ever, and the other goes on.
pub(crate) fn one_direction_can_end_alone(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            near.write_all(b"question").await.unwrap();
            near.shutdown().await.unwrap();
            near.shutdown().await.unwrap();
            assert_eq!(near.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            let mut question = String::new();
            far.read_to_string(&mut question).await.unwrap();
            assert_eq!(question, "question");
            assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
            far.write_all(b"answer").await.unwrap();
            drop(far);
            let mut answer = String::new();
            near.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "answer");
        })
        .unwrap();
}

/// A stream that ends in the middle is an unexpected end to whoever knows how much should come.
pub(crate) fn a_truncated_stream_ends_early(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            far.write_all(b"half").await.unwrap();
            drop(far);
            let mut got = [0; 8];
            let error = near.read_exact(&mut got).await.unwrap_err();
            assert_eq!((&got[..4], error.kind()), (&b"half"[..], ErrorKind::UnexpectedEof));
        })
        .unwrap();
}

/// Who closes with bytes unread resets the connection.
pub(crate) fn a_close_with_bytes_unread_reads_as_a_reset(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            near.write_all(b"four").await.unwrap();
            assert_eq!(far.read(&mut [0; 1]).await.unwrap(), 1);
            drop(far);
            assert_eq!(near.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        })
        .unwrap();
}

/// The first write to a peer that has gone succeeds, for nobody can know yet; later ones find a broken pipe. Reads go
/// on giving the end.
pub(crate) fn a_write_to_a_closed_peer_is_answered_later(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            for reads_first in [true, false] {
                let (mut near, far) = connected(&client, &upstream).await;
                drop(far);
                if reads_first {
                    assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
                } else {
                    client.clock.sleep(Duration::from_millis(20)).await;
                }
                near.write_all(b"anybody?").await.unwrap();
                assert_eq!(write_until_it_fails(&client.clock, &mut near).await, ErrorKind::BrokenPipe);
                assert_eq!(near.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
                assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
            }
        })
        .unwrap();
}

/// A writer whose peer leaves in the middle fails, even one that waits for room.
pub(crate) fn a_peer_that_leaves_fails_the_writer(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let writing = client.clock.timeout_at(client.clock.now() + Duration::from_secs(20), async {
                let bytes = vec![7; 64 * 1024];
                loop {
                    if let Err(error) = near.write_all(&bytes).await {
                        return error.kind();
                    }
                }
            });
            let leaving = async {
                far.read_exact(&mut [0; 100_000]).await.unwrap();
                upstream.clock.sleep(Duration::from_millis(20)).await;
                drop(far);
            };
            let kind = futures_util::future::join(writing, leaving).await.0.unwrap();
            // A broken pipe where the close happened to find everything read.
            assert!(matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{kind}");
        })
        .unwrap();
}

/// Connections that were never accepted are reset when the listener closes.
pub(crate) fn a_listener_that_closes_resets_who_waits(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            let mut accepted = client.net.connect(upstream.host).await.unwrap();
            let mut waiting = client.net.connect(upstream.host).await.unwrap();
            let (mut far, _) = listener.accept().await.unwrap();
            drop(listener);
            assert_eq!(waiting.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            // Who was accepted does not notice.
            accepted.write_all(b"still").await.unwrap();
            far.read_exact(&mut [0; 5]).await.unwrap();
        })
        .unwrap();
}
