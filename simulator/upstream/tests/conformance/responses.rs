//! Responses without a fault.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use upstorm_model::recording::{End, Hint};
use upstorm_model::scenario::{
    Body, BodyContent, Framing, RetryAfter, RouteMatch, StatusEntry, StatusMix, StatusTable,
};
use upstorm_model::{ByteSize, Law, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Ended, behaviour, filler, only, plan, play, route, single};

pub(crate) fn a_body_is_as_long_as_its_head_says(world: &Arc<dyn World>) {
    let mut route = behaviour();
    // Longer than one block of filler, and than what a socket takes at once.
    route.body = filler(3_000_001);
    let (reply, recording) =
        play(world, single(route), |client| async move { client.ask(Client::get("/", 1)).await });
    assert_eq!((reply.status(), reply.ended), (200, Ended::Whole));
    assert_eq!((reply.body.len(), reply.header("content-length")), (3_000_001, Some("3000001")));
    assert!(reply.body.iter().all(|byte| byte.is_ascii_graphic() || b" \n".contains(byte)));
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.status), (End::Completed, Some(200)));
    assert!(attempt.first_byte.unwrap() <= attempt.end);
}

pub(crate) fn chunked_bodies_have_a_last_chunk(world: &Arc<dyn World>) {
    let mut route = behaviour();
    let content = BodyContent::Text("hello".to_owned());
    route.body = Body { framing: Framing::Chunked, ..Body::holding(content) };
    let (reply, recording) = play(world, single(route), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let first = client.ask_on(&mut stream, Client::get("/", 1)).await;
        let second = client.ask_on(&mut stream, Client::get("/", 2)).await;
        assert_eq!(first.but_for_its_time(), second.but_for_its_time());
        first
    });
    assert_eq!(reply.body, b"5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(recording.attempts.iter().all(|attempt| attempt.ended == End::Completed));
}

pub(crate) fn some_responses_have_no_body(world: &Arc<dyn World>) {
    let entry = |status| StatusMix(BTreeMap::from([(status, StatusEntry::Table(StatusTable::default()))]));
    let mut gone = behaviour();
    gone.status = entry(204);
    let by_path = RouteMatch { path: Some("/204".to_owned()), ..RouteMatch::default() };
    let plan =
        plan(vec![route("gone", by_path), route("default", RouteMatch::default())], vec![gone, behaviour()]);
    let ((head, none), recording) = play(world, plan, |client| async move {
        let mut stream = client.connect().await.unwrap();
        let head = client.ask_on(&mut stream, "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let none = client.ask_on(&mut stream, Client::get("/204", 1)).await;
        // A byte too many of either would be taken for the head of this one.
        let whole = client.ask_on(&mut stream, Client::get("/", 2)).await;
        assert_eq!((whole.status(), whole.body.len()), (200, 4096));
        (head, none)
    });
    assert_eq!((head.header("content-length"), head.body.len()), (Some("4096"), 0));
    assert_eq!(
        (none.status(), none.header("content-length"), none.header("content-type")),
        (204, None, None)
    );
    assert_eq!(recording.attempts.len(), 3);
    assert!(recording.attempts.iter().all(|attempt| attempt.ended == End::Completed));
}

pub(crate) fn request_bodies_are_read_to_their_end(world: &Arc<dyn World>) {
    let (replies, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let body = "x".repeat(2_000_000);
        let long = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let long = client.ask_on(&mut stream, &long).await;
        let expecting = "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
        stream.write_all(expecting.as_bytes()).await.unwrap();
        stream.write_all(b"ok").await.unwrap();
        [long, client.read_on(&mut stream, "POST").await]
    });
    for reply in replies {
        assert_eq!((reply.status(), reply.ended, reply.body.len()), (200, Ended::Whole, 4096));
    }
    assert_eq!(
        recording.attempts.iter().map(|a| (a.connection, a.request)).collect::<Vec<_>>(),
        [(0, 0), (0, 1)]
    );
}

pub(crate) fn the_first_route_that_fits_serves(world: &Arc<dyn World>) {
    let sized = |bytes| {
        let mut behaviour = behaviour();
        behaviour.body = filler(bytes);
        behaviour
    };
    let charge = RouteMatch {
        method: Some("POST".to_owned()),
        path: Some("/v1/charges/{id}".to_owned()),
        ..RouteMatch::default()
    };
    let v1 = RouteMatch { path: Some("/v1/**".to_owned()), ..RouteMatch::default() };
    let routes = vec![route("charge", charge), route("v1", v1), route("default", RouteMatch::default())];
    let plan = plan(routes, vec![sized(1), sized(2), sized(3)]);
    let (sizes, recording) = play(world, plan, |client| async move {
        let mut sizes = Vec::new();
        let mut stream = client.connect().await.unwrap();
        for (method, path) in [
            ("POST", "/v1/charges/17?x=/v2"),
            ("GET", "/v1/charges/17"),
            ("POST", "/v1/charges/17/x"),
            ("GET", "/"),
        ] {
            let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
            sizes.push(client.ask_on(&mut stream, &request).await.body.len());
        }
        sizes
    });
    assert_eq!(sizes, [1, 2, 2, 3]);
    assert_eq!(recording.attempts.iter().map(|a| a.route.0).collect::<Vec<_>>(), [0, 1, 1, 2]);
}

pub(crate) fn latency_counts_from_the_head(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.latency = Law::Constant(TimeSpan::from_millis(20).into());
    let (_, recording) =
        play(world, single(route), |client| async move { client.ask(Client::get("/", 1)).await });
    let attempt = only(&recording);
    assert_eq!(attempt.fate.delay, TimeSpan::from_millis(20));
    let kept = attempt.delay.unwrap();
    assert!(kept >= TimeSpan::from_millis(20), "{kept}");
    assert!(attempt.first_byte.unwrap() >= attempt.head + kept.get());
}

pub(crate) fn statuses_bring_their_own_headers_and_body(world: &Arc<dyn World>) {
    let table = StatusTable {
        share: None,
        retry_after: Some(RetryAfter::Seconds(7)),
        headers: BTreeMap::from([("x-reason".to_owned(), "maintenance".to_owned())]),
        body: Some(Body::holding(BodyContent::Json("{\"down\":true}".to_owned()))),
    };
    let mut route = behaviour();
    route.status = StatusMix(BTreeMap::from([(503, StatusEntry::Table(table))]));
    route.body = Body::of_size(ByteSize::new(1));
    let (reply, recording) =
        play(world, single(route), |client| async move { client.ask(Client::get("/", 1)).await });
    assert_eq!((reply.status(), reply.body.as_slice()), (503, b"{\"down\":true}".as_slice()));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!((reply.header("x-reason"), reply.header("retry-after")), (Some("maintenance"), Some("7")));
    assert_eq!((only(&recording).status, only(&recording).hint), (Some(503), Some(Hint::Seconds(7))));
}
