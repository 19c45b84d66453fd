//! What is recorded: each request head exactly once, with its times and its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{CallId, End};
use upstorm_model::scenario::FaultKind;
use upstorm_model::{Law, TimeSpan};
use upstorm_world::World;

use crate::support::{CLIENT, Client, Ended, UPSTREAM, behaviour, fault, only, play, single};

pub(crate) fn each_request_is_recorded_once_with_its_times(world: &Arc<dyn World>) {
    let (_, recording) = play(world, single(behaviour()), |client| async move {
        for connection in 0..3_u64 {
            let mut stream = client.connect().await.unwrap();
            for request in 0..4 {
                client.ask_on(&mut stream, Client::get("/", connection * 4 + request)).await;
            }
        }
    });
    assert_eq!((recording.attempts.len(), recording.connections.len()), (12, 3));
    for (n, attempt) in recording.attempts.iter().enumerate() {
        assert_eq!(attempt.keys.call, Some(CallId(n as u64)));
        assert_eq!((attempt.connection, attempt.request), (n as u32 / 4, n as u32 % 4));
        assert_eq!((attempt.upstream, attempt.peer, attempt.ordinal), (UPSTREAM, Some(CLIENT), 1));
        assert_eq!(attempt.accepted, recording.connections[n / 4].accepted);
        let first = attempt.first_byte.unwrap();
        assert!(attempt.accepted <= attempt.head && attempt.head <= first && first <= attempt.end);
        assert!(attempt.delay.unwrap().get() <= first.since(attempt.head));
        assert_eq!(
            (attempt.fate.delay, attempt.fate.fault, attempt.fate.is_admitted()),
            (TimeSpan::ZERO, None, true)
        );
    }
}

pub(crate) fn retries_of_a_call_are_counted(world: &Arc<dyn World>) {
    let (_, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        for call in [7, 8, 7, 7] {
            client.ask_on(&mut stream, Client::get("/", call)).await;
        }
        for _ in 0..2 {
            client.ask_on(&mut stream, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        }
    });
    // Without a call id it is the arrival that is counted.
    assert_eq!(recording.attempts.iter().map(|a| a.ordinal).collect::<Vec<_>>(), [1, 1, 2, 3, 5, 6]);
    assert_eq!(recording.attempts[5].keys.call, None);
}

pub(crate) fn what_is_open_at_the_end_is_unfinished(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.faults = vec![fault(FaultKind::Hang {})];
    let (_kept, recording) = play(world, single(route), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let until = client.env.clock.now() + Duration::from_millis(30);
        let hung = client.ask_on(&mut stream, Client::get("/", 1));
        assert!(client.env.clock.timeout_at(until, hung).await.is_err());
        stream
    });
    assert_eq!((only(&recording).ended, only(&recording).status), (End::Unfinished, None));
}

pub(crate) fn pipelined_requests_are_recorded_each(world: &Arc<dyn World>) {
    let ((bytes, ended), recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let last = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let three = [&Client::get("/", 1), &Client::get("/", 2), last].concat();
        stream.write_all(three.as_bytes()).await.unwrap();
        client.drain(&mut stream).await
    });
    assert_eq!((bytes.windows(12).filter(|w| w == b"HTTP/1.1 200").count(), ended), (3, Ended::Eof));
    let ended: Vec<_> = recording.attempts.iter().map(|a| (a.request, a.ended, a.status)).collect();
    assert_eq!(ended, [0, 1, 2].map(|n| (n, End::Completed, Some(200))));
}

pub(crate) fn a_slow_request_does_not_count_as_held_back(world: &Arc<dyn World>) {
    let (held, slow) = (Duration::from_millis(5), Duration::from_millis(100));
    let route = RouteBehaviour { latency: Law::Constant(TimeSpan::from(held).into()), ..behaviour() };
    let (_, recording) = play(world, single(route), move |client| async move {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na").await.unwrap();
        client.env.clock.sleep(slow).await;
        client.ask_on(&mut stream, "bc").await;
    });
    let attempt = only(&recording);
    let delay = attempt.delay.unwrap().get();
    assert!(held <= delay && delay < slow, "{delay:?}");
    assert!(attempt.first_byte.unwrap().since(attempt.head) >= Duration::from_millis(90));
}

pub(crate) fn a_caller_that_leaves_in_the_middle_of_its_request(world: &Arc<dyn World>) {
    let (_, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await.unwrap();
        stream.shutdown().await.unwrap();
        client.drain(&mut stream).await;
        // And one that never sends a whole head: nothing to record but its connection.
        let mut stream = client.connect().await.unwrap();
        stream.write_all(b"GET / HT").await.unwrap();
        stream.shutdown().await.unwrap();
        client.drain(&mut stream).await;
    });
    assert_eq!(only(&recording).ended, End::CallerLeft);
    assert_eq!(recording.connections.len(), 2);
}
