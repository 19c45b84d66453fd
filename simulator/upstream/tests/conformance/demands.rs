//! `x-upstorm-fate`, delays of connections, and the bodies of requests.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::Plan;
use upstorm_model::recording::{Admission, End, Hint, Origin};
use upstorm_model::scenario::{Connect, Limit, Reject};
use upstorm_model::{DrawnLaw, Law, Ramp, Rate, Shape, TimeSpan, Varying};
use upstorm_world::World;

use crate::support::{Client, Ended, behaviour, connect, only, play, segments, single};

fn demanding(fate: &str) -> String {
    format!("GET / HTTP/1.1\r\nhost: x\r\nx-upstorm-fate: {fate}\r\n\r\n")
}

fn open(fate_header: bool) -> Plan {
    let mut plan = single(behaviour());
    plan.upstreams[0].fate_header = fate_header;
    plan
}

pub(crate) fn a_request_meets_what_it_demands(world: &Arc<dyn World>) {
    let (replies, recording) = play(world, open(true), |client| async move {
        let mut replies = Vec::new();
        for fate in ["status=503, retry_after=7, latency=30ms", "fault=reset", "fault=close, after=100B"] {
            replies.push(client.ask(demanding(fate)).await);
        }
        replies.push(client.ask(Client::get("/", 1)).await);
        replies
    });
    let seen: Vec<_> = replies.iter().map(|reply| (reply.status(), reply.body.len(), reply.ended)).collect();
    let (whole, reset, eof) = (Ended::Whole, Ended::Reset, Ended::Eof);
    assert_eq!(seen, [(503, 4096, whole), (0, 0, reset), (200, 100, eof), (200, 4096, whole)]);
    let origins: Vec<Origin> = recording.attempts.iter().map(|a| a.fate.origin).collect();
    assert_eq!(origins, [Origin::Demanded, Origin::Demanded, Origin::Demanded, Origin::Drawn]);
    let first = &recording.attempts[0];
    assert_eq!((first.hint, first.fate.delay), (Some(Hint::Seconds(7)), TimeSpan::from_millis(30)));
    assert!(first.delay.unwrap() >= TimeSpan::from_millis(30));
}

pub(crate) fn a_demand_that_cannot_be_read_is_told_what_to_write(world: &Arc<dyn World>) {
    let (reply, recording) =
        play(world, open(true), |client| async move { client.ask(demanding("status=teapot")).await });
    assert_eq!((reply.status(), reply.header("content-type")), (400, Some("application/problem+json")));
    let body = String::from_utf8(reply.body).unwrap();
    assert!(body.contains("`teapot`") && body.contains("status=503"), "{body}");
    let attempt = only(&recording);
    assert_eq!((attempt.fate.admission, attempt.ended), (Admission::Misworded, End::Completed));
}

pub(crate) fn a_demand_that_cannot_be_read_takes_its_token(world: &Arc<dyn World>) {
    let mut plan = open(true);
    let reject = Reject { status: 429, retry_after: None };
    let limit = Limit { rate: Rate::per_second(0.1).into(), burst: Some(1), key: None, reject };
    plan.upstreams[0].timeline.iter_mut().for_each(|now| now.routes[0].limit = Some(limit.clone()));
    let (statuses, _) = play(world, plan, |client| async move {
        let first = client.ask(demanding("status=teapot")).await.status();
        (first, client.ask(demanding("status=teapot")).await.status())
    });
    assert_eq!(statuses, (400, 429));
}

pub(crate) fn without_leave_a_demand_means_nothing(world: &Arc<dyn World>) {
    let (statuses, recording) = play(world, open(false), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let first = client.ask_on(&mut stream, demanding("status=503")).await.status();
        (first, client.ask_on(&mut stream, demanding("status=teapot")).await.status())
    });
    assert_eq!(statuses, (200, 200));
    assert!(recording.attempts.iter().all(|attempt| attempt.fate.origin == Origin::Drawn));
}

pub(crate) fn a_connection_is_read_from_only_after_its_delay(world: &Arc<dyn World>) {
    let held = TimeSpan::from_millis(60);
    let late = Connect { delay: Some(Law::Constant(held.into())), ..Connect::default() };
    let ((connected, first), recording) =
        play(world, segments(vec![(0, connect(late))]), |client| async move {
            let clock = Arc::clone(&client.env.clock);
            let asked = clock.now();
            let mut stream = client.connect().await.unwrap();
            let connected = clock.now().since(asked);
            assert_eq!(client.ask_on(&mut stream, Client::get("/", 1)).await.status(), 200);
            let first = clock.now().since(asked);
            assert_eq!(client.ask_on(&mut stream, Client::get("/", 2)).await.status(), 200);
            (connected, first)
        });
    assert!(connected < held.get() && first >= held.get(), "{connected:?}, {first:?}");
    let connection = &recording.connections[0];
    let [one, two] = recording.attempts.as_slice() else { panic!("two attempts") };
    assert_eq!(connection.delay, held);
    assert!(one.head >= connection.accepted + held.get());
    assert_eq!((one.fate.delay, one.connection), (TimeSpan::ZERO, two.connection));
}

pub(crate) fn delays_of_connections_are_drawn_one_by_one(world: &Arc<dyn World>) {
    let spread = |to| Varying::Ramp(Ramp { from: to, to, shape: Shape::Linear });
    let (min, max) = (spread(TimeSpan::from_millis(1)), spread(TimeSpan::from_millis(20)));
    let late = Connect { delay: Some(Law::Drawn(DrawnLaw::Uniform { min, max })), ..Connect::default() };
    let (_, recording) = play(world, segments(vec![(0, connect(late))]), |client| async move {
        for call in 0..8 {
            assert_eq!(client.ask(Client::get("/", call)).await.status(), 200);
        }
    });
    let mut delays: Vec<TimeSpan> = recording.connections.iter().map(|c| c.delay).collect();
    assert!(delays.iter().all(|delay| (0.001..=0.020).contains(&delay.as_secs_f64())), "{delays:?}");
    delays.dedup();
    assert_eq!(delays.len(), 8);
}

fn posting(framing: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n{body}")
}

pub(crate) fn a_body_is_hashed_however_it_is_sent(world: &Arc<dyn World>) {
    let (_, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let plain = "content-length: 11";
        let chunked = ("transfer-encoding: chunked", "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
        for (framing, body) in
            [(plain, "hello world"), chunked, (plain, "hello there"), ("content-length: 0", "")]
        {
            assert_eq!(client.ask_on(&mut stream, posting(framing, body)).await.status(), 200);
        }
        stream.write_all(posting("content-length: 99", "too little").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        client.drain(&mut stream).await;
    });
    let hashes: Vec<Option<u64>> = recording.attempts.iter().map(|attempt| attempt.keys.body).collect();
    let [plain, chunked, other, empty, cut] = hashes.as_slice() else { panic!("{hashes:?}") };
    assert!(plain.is_some() && plain == chunked && other.is_some() && plain != other, "{hashes:?}");
    assert_eq!((empty, cut), (&None, &None));
}

pub(crate) fn a_body_that_is_too_large_is_refused_and_the_connection_closed(world: &Arc<dyn World>) {
    let (reply, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let reply = client.ask_on(&mut stream, posting("content-length: 67108865", "")).await;
        assert_eq!(client.drain(&mut stream).await, (Vec::new(), Ended::Eof));
        reply
    });
    assert_eq!((reply.status(), reply.header("content-type")), (413, Some("application/problem+json")));
    let attempt = only(&recording);
    assert_eq!((attempt.status, attempt.keys.body), (Some(413), None));
    assert_eq!((attempt.fate.admission, attempt.fate.status), (Admission::TooLarge, 413));
}
