//! What goes wrong on purpose is read by the other side as what it is.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_world::{TimedOut, World};

use super::{OTHER, connected, two_hosts};

/// A reset is read as one, never as an end; this side cannot go on either.
pub(crate) fn a_reset_reads_as_a_reset(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let (mut near, mut far) = connected(&client, &upstream).await;
            near.write_all(b"ping").await.unwrap();
            let mut got = [0; 4];
            far.read_exact(&mut got).await.unwrap();
            far.abort();
            assert_eq!(near.read(&mut got).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert!(far.read(&mut got).await.is_err());
            assert!(far.write(b"more").await.is_err());
            far.abort();
        })
        .unwrap();
}

/// Nobody listens any more: refused. Nobody ever did: not found. Listening again at the same address works.
pub(crate) fn a_closed_address_refuses_and_can_be_bound_again(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let never = client.net.connect(OTHER).await.unwrap_err();
            assert_eq!(never.kind(), ErrorKind::NotFound);
            let listener = upstream.net.bind(None).await.unwrap();
            let address = listener.local_addr();
            // A connection that outlives the listener must not keep the address from being bound.
            let mut near = client.net.connect(upstream.host).await.unwrap();
            let (mut far, _) = listener.accept().await.unwrap();
            for _ in 0..3 {
                let taken = upstream.net.bind(Some(address)).await.unwrap_err();
                assert_eq!((taken.address, taken.source.kind()), (address, ErrorKind::AddrInUse));
            }
            drop(listener);
            let refused = client.net.connect(upstream.host).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            near.write_all(b"still").await.unwrap();
            let mut got = [0; 5];
            far.read_exact(&mut got).await.unwrap();
            let listener = upstream.net.bind(Some(address)).await.unwrap();
            assert_eq!(listener.local_addr(), address);
            let _near = client.net.connect(upstream.host).await.unwrap();
            listener.accept().await.unwrap();
        })
        .unwrap();
}

/// A blackhole neither answers nor refuses; when it ends the address can be bound again.
pub(crate) fn a_blackhole_does_not_answer(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    world
        .run(async move {
            let listener = upstream.net.bind(None).await.unwrap();
            let address = listener.local_addr();
            drop(listener);
            let held = upstream.net.blackhole(address).await.unwrap();
            for _ in 0..3 {
                let patience = client.clock.now() + Duration::from_millis(60);
                let answer = client.clock.timeout_at(patience, client.net.connect(upstream.host)).await;
                assert_eq!(answer.map(|_| ()).unwrap_err(), TimedOut);
            }
            drop(held);
            let refused = client.net.connect(upstream.host).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            let listener = upstream.net.bind(Some(address)).await.unwrap();
            let _near = client.net.connect(upstream.host).await.unwrap();
            listener.accept().await.unwrap();
        })
        .unwrap();
}
