//! Responses whose form is broken, byte by byte.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::{Plan, RouteBehaviour};
use upstorm_model::recording::{End, Recording};
use upstorm_model::scenario::{
    Body, BodyContent, FaultKind, Framing, Malformed, StatusEntry, StatusMix, StatusTable,
};
use upstorm_model::{ByteRate, ByteSize};
use upstorm_world::World;

use crate::support::{Client, Ended, behaviour, fault, only, play, share, single};

/// Ten bytes of text, and this goes wrong.
fn ten(kind: FaultKind, framing: Framing) -> RouteBehaviour {
    let body = Body { framing, ..Body::holding(BodyContent::Text("abcdefghij".to_owned())) };
    RouteBehaviour { body, faults: vec![fault(kind)], ..behaviour() }
}

fn plain(kind: FaultKind) -> Plan {
    single(ten(kind, Framing::ContentLength))
}

const fn malformed(kind: Malformed) -> FaultKind {
    FaultKind::Malformed { kind }
}

/// Everything that comes back before the upstream ends the connection, in lines, but for the time it was made.
fn until_the_end(world: &Arc<dyn World>, plan: Plan, request: String) -> (Vec<String>, Recording) {
    let ((bytes, ended), recording) = play(world, plan, |client| async move {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        client.drain(&mut stream).await
    });
    assert_eq!(ended, Ended::Eof);
    (lines(std::str::from_utf8(&bytes).unwrap()), recording)
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.split("\r\n").filter(|line| !line.starts_with("x-upstorm-made"));
    lines.map(str::to_owned).collect()
}

const TYPE: &str = "content-type: text/plain; charset=utf-8";
const LENGTH: &str = "content-length: 10";
const CHUNKED: &str = "transfer-encoding: chunked";

pub(crate) fn a_malformed_head_is_sent_and_then_the_connection_is_closed(world: &Arc<dyn World>) {
    let bad = "upstorm malformed header";
    let get = || Client::get("/", 1);
    let head = || "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n".to_owned();
    for (kind, request, expected) in [
        (Malformed::StatusLine, get(), vec!["HTTP/1.1 ??? OK", TYPE, LENGTH, "", "abcdefghij"]),
        (Malformed::StatusLine, head(), vec!["HTTP/1.1 ??? OK", TYPE, LENGTH, "", ""]),
        (Malformed::Header, get(), vec!["HTTP/1.1 200 OK", bad, TYPE, LENGTH, "", "abcdefghij"]),
        (Malformed::Header, head(), vec!["HTTP/1.1 200 OK", bad, TYPE, LENGTH, "", ""]),
    ] {
        let (sent, recording) = until_the_end(world, plain(malformed(kind)), request);
        assert_eq!(sent, expected);
        assert_eq!((only(&recording).ended, only(&recording).fate.fault), (End::Cut, Some(0)));
    }
    let empty = RouteBehaviour { body: Body::holding(BodyContent::Text(String::new())), ..behaviour() };
    let faults = vec![fault(malformed(Malformed::StatusLine))];
    let (sent, recording) = until_the_end(world, single(RouteBehaviour { faults, ..empty }), get());
    assert_eq!(sent, ["HTTP/1.1 ??? OK", TYPE, "content-length: 0", "", ""]);
    assert_eq!(only(&recording).ended, End::Cut);
}

pub(crate) fn a_malformed_chunk_size_comes_in_a_chunked_response(world: &Arc<dyn World>) {
    let expected = ["HTTP/1.1 200 OK", TYPE, CHUNKED, "", "xyz", "A", "abcdefghij", ""];
    for framing in [Framing::ContentLength, Framing::Chunked] {
        let plan = single(ten(malformed(Malformed::ChunkSize), framing));
        let (sent, recording) = until_the_end(world, plan, Client::get("/", 1));
        assert_eq!((sent, only(&recording).ended), (expected.map(str::to_owned).to_vec(), End::Cut));
    }
    let old = "GET / HTTP/1.0\r\n\r\n".to_owned();
    let (sent, _) = until_the_end(world, plain(malformed(Malformed::ChunkSize)), old);
    assert_eq!(sent, ["HTTP/1.0 200 OK", TYPE, CHUNKED, "", "xyz", "abcdefghij"]);
}

pub(crate) fn a_broken_json_text_is_all_that_is_wrong(world: &Arc<dyn World>) {
    for (content, expected) in [
        (BodyContent::Json("{\"id\":7}".to_owned()), "{\"id\":7"),
        (BodyContent::Text("abc".to_owned()), "{\"upstorm\":\"malformed\""),
    ] {
        for framing in [Framing::ContentLength, Framing::Chunked] {
            let body = Body { framing, ..Body::holding(content.clone()) };
            let faults = vec![fault(malformed(Malformed::Json))];
            let plan = single(RouteBehaviour { body, faults, ..behaviour() });
            let (_, recording) = play(world, plan, move |client| async move {
                let mut stream = client.connect().await.unwrap();
                for call in 0..2 {
                    let reply = client.ask_on(&mut stream, Client::get("/", call)).await;
                    let chunk = format!("{:X}\r\n{expected}\r\n0\r\n\r\n", expected.len());
                    let whole = if framing == Framing::Chunked { chunk.as_str() } else { expected };
                    assert_eq!((reply.status(), std::str::from_utf8(&reply.body)), (200, Ok(whole)));
                    assert_eq!(
                        (reply.header("content-type"), reply.ended),
                        (Some("application/json"), Ended::Whole)
                    );
                }
            });
            assert_eq!(recording.connections.len(), 1);
            assert!(recording.attempts.iter().all(|a| a.ended == End::Completed && a.fate.fault == Some(0)));
        }
    }
}

pub(crate) fn a_length_can_promise_too_much_or_too_little(world: &Arc<dyn World>) {
    for (off_by, promised) in [(5, "15"), (-4, "6"), (-10, "0"), (-99, "0")] {
        for framing in [Framing::ContentLength, Framing::Chunked] {
            let plan = single(ten(FaultKind::ContentLength { off_by }, framing));
            let (sent, recording) = until_the_end(world, plan, Client::get("/", 1));
            let length = format!("content-length: {promised}");
            assert_eq!(sent, ["HTTP/1.1 200 OK", TYPE, &length, "", "abcdefghij"], "{off_by}");
            assert_eq!((only(&recording).ended, only(&recording).status), (End::Cut, Some(200)));
        }
    }
}

pub(crate) fn where_no_body_can_be_broken_the_head_is_cut(world: &Arc<dyn World>) {
    for kind in [
        malformed(Malformed::ChunkSize),
        malformed(Malformed::Json),
        FaultKind::ContentLength { off_by: 5 },
        FaultKind::ContentLength { off_by: -5 },
    ] {
        let head = "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n".to_owned();
        let (sent, recording) = until_the_end(world, plain(kind), head);
        assert_eq!(sent, [""]);
        assert_eq!((only(&recording).ended, only(&recording).status), (End::Cut, None));
    }
}

pub(crate) fn a_redirect_leads_back_to_where_it_came_from(world: &Arc<dyn World>) {
    let status = StatusMix([(503, StatusEntry::Table(StatusTable::default()))].into());
    let plan = single(RouteBehaviour { status, ..ten(FaultKind::RedirectLoop {}, Framing::Chunked) });
    let (_, recording) = play(world, plan, |client| async move {
        let mut stream = client.connect().await.unwrap();
        for request in [
            "GET /v1/charges/7?expand=all HTTP/1.1\r\nhost: x\r\n\r\n",
            "POST /v1/charges/7?expand=all HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok",
            "HEAD /v1/charges/7?expand=all HTTP/1.1\r\nhost: x\r\n\r\n",
        ] {
            let reply = client.ask_on(&mut stream, request).await;
            assert_eq!((reply.status(), reply.header("location")), (307, Some("/v1/charges/7?expand=all")));
            assert!(reply.body.is_empty() && reply.header("content-type").is_none());
        }
    });
    assert_eq!((recording.attempts.len(), recording.connections.len()), (3, 1));
    let met = |a: &upstorm_model::recording::Attempt| (a.ended, a.status, a.fate.status, a.fate.fault);
    assert!(recording.attempts.iter().all(|a| met(a) == (End::Completed, Some(307), 503, Some(0))));
}

pub(crate) fn a_flood_is_exactly_as_large_as_asked(world: &Arc<dyn World>) {
    for size in [1024, 65_536, 1_000_000] {
        let plan = plain(FaultKind::HeaderFlood { size: ByteSize::new(size) });
        let (_, recording) = play(world, plan, move |client| async move {
            let mut stream = client.connect().await.unwrap();
            for call in 0..2 {
                let reply = client.ask_on(&mut stream, Client::get("/", call)).await;
                assert_eq!((reply.status(), reply.body.as_slice()), (200, b"abcdefghij".as_slice()));
                let flood =
                    reply.head.split_inclusive("\r\n").filter(|line| line.starts_with("x-upstorm-flood: "));
                assert_eq!(flood.map(str::len).sum::<usize>() as u64, size);
            }
        });
        assert_eq!(recording.connections.len(), 1);
        assert!(recording.attempts.iter().all(|a| a.ended == End::Completed && a.fate.fault == Some(0)));
    }
}

/// This share of all responses is hit.
fn some(part: f64, kind: FaultKind) -> Plan {
    let mut route = ten(kind, Framing::ContentLength);
    route.faults[0].share = share(part);
    single(route)
}

pub(crate) fn only_the_response_that_is_hit_is_broken(world: &Arc<dyn World>) {
    for kind in [Malformed::StatusLine, Malformed::Header, Malformed::ChunkSize] {
        let (_, recording) = play(world, some(0.5, malformed(kind)), |client| async move {
            let mut stream = client.connect().await.unwrap();
            for call in 0..60 {
                stream.write_all(Client::get("/", call).as_bytes()).await.unwrap();
                let reply = client.read_on(&mut stream, "GET").await;
                let sound =
                    reply.status() == 200 && !reply.head.contains("malformed") && reply.body == b"abcdefghij";
                if !sound {
                    client.drain(&mut stream).await;
                    stream = client.connect().await.unwrap();
                }
            }
        });
        let hit = recording.attempts.iter().filter(|a| a.fate.fault.is_some());
        assert!(hit.clone().count() > 15 && recording.attempts.len() == 60, "{kind:?}");
        assert!(hit.clone().any(|a| a.request > 0), "on a connection that was kept");
        assert!(hit.clone().all(|a| a.ended == End::Cut));
        let sound = recording.attempts.iter().filter(|a| a.fate.fault.is_none());
        assert!(sound.clone().count() > 15 && sound.clone().all(|a| a.ended == End::Completed));
    }
}

pub(crate) fn pipelined_responses_before_a_broken_one_are_whole(world: &Arc<dyn World>) {
    let requests: String = (40..60).map(|call| Client::get("/", call)).collect();
    let (sent, recording) = until_the_end(world, some(0.2, malformed(Malformed::StatusLine)), requests);
    let sound = recording.attempts.iter().filter(|a| a.fate.fault.is_none()).count();
    let mut expected = [TYPE, LENGTH, "", "abcdefghijHTTP/1.1 200 OK"].repeat(sound);
    expected.insert(0, "HTTP/1.1 200 OK");
    let last = expected.len() - 1;
    expected[last] = "abcdefghijHTTP/1.1 ??? OK";
    expected.extend([TYPE, LENGTH, "", "abcdefghij"]);
    assert!(sound > 0, "another seed is needed");
    assert_eq!(sent, expected);
    assert_eq!(recording.attempts.last().map(|a| (a.request as usize, a.ended)), Some((sound, End::Cut)));
}

pub(crate) fn a_slow_body_is_broken_and_slow(world: &Arc<dyn World>) {
    let mut route = ten(malformed(Malformed::ChunkSize), Framing::ContentLength);
    (route.body.rate, route.body.chunk) = (Some(ByteRate::per_second(1000).into()), Some(ByteSize::new(5)));
    let (sent, recording) = until_the_end(world, single(route), Client::get("/", 1));
    assert_eq!(sent, ["HTTP/1.1 200 OK", TYPE, CHUNKED, "", "xyz", "5", "abcde", "5", "fghij", ""]);
    let attempt = only(&recording);
    assert!(
        attempt.end.since(attempt.first_byte.unwrap()) >= std::time::Duration::from_millis(9),
        "{attempt:?}"
    );
}
