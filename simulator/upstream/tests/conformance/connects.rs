//! What callers meet before they can say anything.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::recording::{ConnectionFate, End};
use upstorm_model::scenario::{Connect, FaultKind};
use upstorm_model::{Offset, Ratio};
use upstorm_world::{Stream, World};

use crate::support::{Client, Ended, connect, fault, only, only_connection, play, segments, share};

fn refusing() -> Connect {
    Connect { refuse: Some(Ratio::ONE), ..Connect::default() }
}

/// Connects as soon as somebody listens.
async fn connect_at_last(client: &Client) -> Stream {
    loop {
        match client.connect().await {
            Ok(stream) => return stream,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused),
        }
        client.env.clock.sleep(Duration::from_millis(2)).await;
    }
}

pub(crate) fn refusing_resets_what_is_open_and_ends_on_the_same_port(world: &Arc<dyn World>) {
    let timeline = vec![
        (0, connect(Connect::default())),
        (150, connect(refusing())),
        (250, connect(Connect::default())),
    ];
    let (again, recording) = play(world, segments(timeline), |client| async move {
        let address = client.env.net.address_of(crate::support::UPSTREAM);
        let mut stream = client.connect().await.unwrap();
        assert_eq!(client.ask_on(&mut stream, Client::get("/", 1)).await.ended, Ended::Whole);
        // The idle connection is reset when refusing begins, which tells that it has begun.
        assert_eq!(client.drain(&mut stream).await, (Vec::new(), Ended::Reset));
        assert_eq!(client.connect().await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let mut stream = connect_at_last(&client).await;
        let again = client.env.clock.now();
        assert_eq!(client.ask_on(&mut stream, Client::get("/", 2)).await.ended, Ended::Whole);
        assert_eq!(client.env.net.address_of(crate::support::UPSTREAM), address);
        again
    });
    assert!(again >= Offset::from_millis(250), "{again}");
    assert_eq!(recording.attempts.iter().map(|a| a.segment).collect::<Vec<_>>(), [0, 2]);
}

pub(crate) fn refusing_resets_what_is_being_served(world: &Arc<dyn World>) {
    let mut hanging = connect(Connect::default());
    hanging.routes[0].faults = vec![fault(FaultKind::Hang {})];
    let timeline = vec![(0, hanging), (80, connect(refusing()))];
    let (reply, recording) =
        play(world, segments(timeline), |client| async move { client.ask(Client::get("/", 1)).await });
    assert_eq!((reply.head.as_str(), reply.ended), ("", Ended::Reset));
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.status, attempt.segment), (End::Reset, None, 0));
    assert!(attempt.end >= Offset::from_millis(80));
}

pub(crate) fn a_blackhole_answers_no_connect_and_leaves_open_connections_alone(world: &Arc<dyn World>) {
    let blackhole = Connect { blackhole: Some(Ratio::ONE), ..Connect::default() };
    let timeline =
        vec![(0, connect(Connect::default())), (150, connect(blackhole)), (400, connect(Connect::default()))];
    let (_, recording) = play(world, segments(timeline), |client| async move {
        let clock = Arc::clone(&client.env.clock);
        let mut open = client.connect().await.unwrap();
        // A little into the segment: the door needs a moment to turn.
        clock.sleep_until(Offset::from_millis(220)).await;
        let tried = clock.timeout_at(Offset::from_millis(320), client.connect()).await;
        assert!(tried.is_err(), "{tried:?}");
        assert_eq!(client.ask_on(&mut open, Client::get("/", 1)).await.ended, Ended::Whole);
        clock.sleep_until(Offset::from_millis(420)).await;
        assert_eq!(
            client.ask_on(&mut connect_at_last(&client).await, Client::get("/", 2)).await.status(),
            200
        );
    });
    assert_eq!(recording.attempts.iter().map(|a| a.segment).collect::<Vec<_>>(), [1, 2]);
}

pub(crate) fn a_connection_can_be_reset_after_accept(world: &Arc<dyn World>) {
    let all = Connect { reset: Some(share(1.0)), ..Connect::default() };
    let (seen, recording) = play(world, segments(vec![(0, connect(all))]), |client| async move {
        // The connect itself succeeds, unless the reset is quicker than its answer is looked at.
        match client.connect().await {
            Ok(mut stream) => client.drain(&mut stream).await.1,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
                Ended::Reset
            }
        }
    });
    assert_eq!((seen, only_connection(&recording).fate), (Ended::Reset, ConnectionFate::Reset));
    assert!(recording.attempts.is_empty());
}

pub(crate) fn a_connection_can_be_silent(world: &Arc<dyn World>) {
    let all = Connect { stall: Some(share(1.0)), ..Connect::default() };
    let (_, recording) = play(world, segments(vec![(0, connect(all))]), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let until = client.env.clock.now() + Duration::from_millis(30);
        let waited =
            client.env.clock.timeout_at(until, client.ask_on(&mut stream, Client::get("/", 1))).await;
        assert!(waited.is_err(), "{waited:?}");
        stream.shutdown().await.unwrap();
        assert_eq!(client.drain(&mut stream).await, (Vec::new(), Ended::Eof));
    });
    assert_eq!(only_connection(&recording).fate, ConnectionFate::Stalled);
    assert!(recording.attempts.is_empty());
}

pub(crate) fn a_plan_may_begin_with_nobody_listening(world: &Arc<dyn World>) {
    let timeline = vec![(0, connect(refusing())), (60, connect(Connect::default()))];
    let (at, recording) = play(world, segments(timeline), |client| async move {
        let mut stream = connect_at_last(&client).await;
        let at = client.env.clock.now();
        assert_eq!(client.ask_on(&mut stream, Client::get("/", 1)).await.status(), 200);
        at
    });
    assert!(at >= Offset::from_millis(60));
    assert_eq!(recording.connections.len(), 1);
}
