//! Updates: a read and a write are one attempt, and who was too late reads again.

use futures_util::future::join;
use serde_json::{Value, json};
use upstorm_model::Offset;
use upstorm_model::recording::{CallId, Outcome};
use upstorm_reference::Outgoing;

use crate::stage::{Message, SHOPPERS, Wire, play};

/// The kind of request of the stage's client that is an update, with a body and a key.
const UPDATE: u16 = 2;

fn update(sequence: u64) -> Outgoing {
    Outgoing { id: CallId::new(SHOPPERS, sequence), request: UPDATE, timeout_at: Offset::MAX }
}

/// Three attempts without a wait, for whom comes too late and for whom nobody serves.
fn again() -> Value {
    json!({ "retry": { "max_attempts": 3, "retry_on": ["412", "503"], "backoff": { "base": "0s", "jitter": "none" } } })
}

/// Answers the next request on a connection, and says what it was. Only what went well has a body: an answer that is
/// given up leaves its connection to the next request for certain only where nothing of it is left to read.
async fn answers(wire: &mut Wire, status: &str, headers: &str) -> Message {
    let request = wire.read_message().await;
    let body = if status.starts_with('2') { "ok" } else { "" };
    wire.write(&format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())).await;
    request
}

fn is(request: &Message, method: &str, version: Option<&str>) {
    assert!(request.head.starts_with(&format!("{method} /row HTTP/1.1\r\n")), "{}", request.head);
    assert_eq!(request.header("if-match"), version, "{}", request.head);
}

#[test]
fn a_write_brings_the_version_that_was_read() {
    play(again(), |stage| async move {
        let upstream = async {
            let mut wire = stage.upstream.accept().await;
            let read = answers(&mut wire, "200 OK", "etag: \"v7\"\r\n").await;
            let write = answers(&mut wire, "200 OK", "etag: \"v8\"\r\n").await;
            (read, write)
        };
        let (answer, (read, write)) = join(stage.client.call(update(5)), upstream).await;
        assert_eq!((answer.outcome, answer.bytes), (Outcome::Answered(200), 2));
        is(&read, "GET", None);
        is(&write, "PUT", Some("\"v7\""));
        assert_eq!((read.body.len(), write.body.len()), (0, 10));
        assert_eq!((read.header("idempotency-key"), write.header("idempotency-key")), (None, Some("mine")));
        let call = Some("0003000000000005");
        assert_eq!((read.header("x-upstorm-call"), write.header("x-upstorm-call")), (call, call));
        assert_ne!(read.header("traceparent"), write.header("traceparent"), "each is a span of its own");
    });
}

#[test]
fn who_was_too_late_reads_again() {
    play(again(), |stage| async move {
        let upstream = async {
            let mut wire = stage.upstream.accept().await;
            let mut seen = Vec::new();
            for (status, version) in
                [("200 OK", "\"a\""), ("412 No", ""), ("200 OK", "\"b\""), ("204 Yes", "\"c\"")]
            {
                let request = wire.read_message().await;
                let length = if status == "204 Yes" { "" } else { "content-length: 0\r\n" };
                wire.write(&format!("HTTP/1.1 {status}\r\netag: {version}\r\n{length}\r\n")).await;
                seen.push(request);
            }
            seen
        };
        let (answer, seen) = join(stage.client.call(update(5)), upstream).await;
        assert_eq!(answer.outcome, Outcome::Answered(204));
        let asked = [("GET", None), ("PUT", Some("\"a\"")), ("GET", None), ("PUT", Some("\"b\""))];
        for (request, (method, version)) in seen.iter().zip(asked) {
            is(request, method, version);
        }
    });
}

#[test]
fn nothing_is_written_from_a_read_that_failed() {
    play(again(), |stage| async move {
        let upstream = async {
            let mut wire = stage.upstream.accept().await;
            is(&answers(&mut wire, "503 No", "").await, "GET", None);
            is(&answers(&mut wire, "404 No", "etag: \"v1\"\r\n").await, "GET", None);
            wire
        };
        let (answer, mut wire) = join(stage.client.call(update(5)), upstream).await;
        assert_eq!(answer.outcome, Outcome::Answered(404), "503 is a reason to try again, 404 is none");
        assert!(wire.is_silent());
    });
}

#[test]
fn who_is_always_too_late_gives_up_with_412() {
    play(again(), |stage| async move {
        let upstream = async {
            let mut wire = stage.upstream.accept().await;
            for _ in 0..3 {
                is(&answers(&mut wire, "200 OK", "etag: \"v1\"\r\n").await, "GET", None);
                is(&answers(&mut wire, "412 No", "").await, "PUT", Some("\"v1\""));
            }
            wire
        };
        let (answer, mut wire) = join(stage.client.call(update(5)), upstream).await;
        assert_eq!(answer.outcome, Outcome::Answered(412));
        assert!(!answer.outcome.is_success() && wire.is_silent());
    });
}

#[test]
fn a_read_without_a_version_is_followed_by_a_write_without_one() {
    play(again(), |stage| async move {
        let upstream = async {
            let mut wire = stage.upstream.accept().await;
            is(&answers(&mut wire, "200 OK", "").await, "GET", None);
            is(&answers(&mut wire, "428 No", "").await, "PUT", None);
        };
        let (answer, ()) = join(stage.client.call(update(5)), upstream).await;
        assert_eq!(answer.outcome, Outcome::Answered(428));
    });
}
