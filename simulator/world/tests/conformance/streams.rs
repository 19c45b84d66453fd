//! Streams: bytes arrive as they were sent, both ways, and peers are known.

use std::io::IoSlice;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::plan::Role;
use upstorm_world::World;

use super::{CLIENT, OTHER, UPSTREAM, connected, two_hosts};

/// A megabyte each way at the same time, in order; then a close reads as the end.
pub(crate) fn bytes_arrive_whole_and_a_close_reads_as_the_end(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (near, far) = connected(&client, &upstream).await;
            let sent: Vec<u8> = (0..1_000_000_u32).map(|i| ((i * 31) >> 8) as u8).collect();
            let expected = sent.clone();
            let talk = |stream, sent: Vec<u8>| async move {
                let (mut read, mut write) = tokio::io::split(stream);
                let writing = async move {
                    write.write_all(&sent).await.unwrap();
                    write.shutdown().await.unwrap();
                };
                let mut got = Vec::new();
                futures_util::future::join(writing, read.read_to_end(&mut got)).await.1.unwrap();
                got
            };
            let both = futures_util::future::join(talk(near, sent.clone()), talk(far, sent)).await;
            assert!(both.0 == expected && both.1 == expected);
        })
        .unwrap();
}

/// Writes of several pieces arrive in their order.
pub(crate) fn vectored_writes_arrive_in_order(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            let pieces = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")];
            let written = near.write_vectored(&pieces).await.unwrap();
            drop(near);
            let mut got = String::new();
            far.read_to_string(&mut got).await.unwrap();
            assert_eq!(got, "one two"[..written]);
            assert!(written > 0);
        })
        .unwrap();
}

/// Each side of a link knows the other, whoever connects.
pub(crate) fn peers_are_known(world: &Arc<dyn World>) {
    let hosts = [(CLIENT, Role::Client), (UPSTREAM, Role::Upstream), (OTHER, Role::Gateway)];
    let [client, upstream, other] = hosts.map(|(host, role)| world.env(host, role));
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            assert_eq!(client.net.address_of(UPSTREAM), Some(listener.local_addr()));
            assert_eq!(client.net.address_of(OTHER), None);
            for env in [&client, &other, &client] {
                let _near = env.net.connect(UPSTREAM).await.unwrap();
                let (_far, peer) = listener.accept().await.unwrap();
                assert_eq!(peer, Some(env.host));
            }
        })
        .unwrap();
}
