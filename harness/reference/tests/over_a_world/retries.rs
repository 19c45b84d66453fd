//! Which attempts are made again, and what they have in common.

use serde_json::{Value, json};
use upstorm_model::recording::{Annotation, MarkKind, Record};

use crate::stage::{EDGE, End, play};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy";

fn retrying() -> Value {
    json!({ "retry": { "max_attempts": 3, "backoff": { "base": "1ms", "max": "1ms", "jitter": "none" } } })
}

#[test]
fn a_503_is_tried_again_as_the_same_call() {
    play(retrying(), |stage| async move {
        let answer = stage.send(
            "POST /charges?x=1 HTTP/1.1\r\nhost: edge\r\ncontent-length: 5\r\nidempotency-key: k-1\r\n\
             x-upstorm-call: 0000000000000007\r\n\
             traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\n\r\nmoney",
        );
        let (mut upstream, first) = stage.upstream.answers(BUSY).await;
        let second = stage.upstream.asked_again(&mut upstream).await;
        upstream.write(OK).await;
        let answer = answer.answer().await;
        assert_eq!((answer.status(), answer.text(), answer.end), (200, "ok", End::Complete));
        for request in [&first, &second] {
            assert!(request.head.starts_with("POST /charges?x=1 HTTP/1.1\r\n"), "{}", request.head);
            assert_eq!(request.text(), "money");
            assert_eq!(request.header("content-length"), Some("5"));
            assert_eq!(request.header("idempotency-key"), Some("k-1"));
            assert_eq!(request.header("x-upstorm-call"), Some("0000000000000007"));
        }
        assert_eq!(first.header("x-request-id").map(str::len), Some(32));
        assert_eq!(first.header("x-request-id"), second.header("x-request-id"));
        let span = |request: &crate::stage::Message| {
            let parent = request.header("traceparent").unwrap().to_owned();
            assert!(parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{parent}");
            assert!(parent.ends_with("-00") && !parent.contains("b7ad6b7169203331"), "{parent}");
            parent
        };
        assert_ne!(span(&first), span(&second));
        stage.gateway.close().await;
    });
}

#[test]
fn a_reset_is_tried_again_on_another_connection() {
    play(retrying(), |stage| async move {
        let answer = stage.get();
        let (upstream, _) = stage.upstream.asked().await;
        upstream.reset();
        let (_upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(answer.answer().await.status(), 200);
    });
}

#[test]
fn the_last_answer_is_passed_on_as_it_is() {
    play(retrying(), |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) = stage.upstream.answers(BUSY).await;
        for _ in 0..2 {
            stage.upstream.asked_again(&mut upstream).await;
            upstream.write(BUSY).await;
        }
        let answer = answer.answer().await;
        assert_eq!((answer.status(), answer.text()), (503, "busy"));
        assert!(upstream.is_silent());
    });
}

#[test]
fn the_twin_with_new_keys_changes_the_key_on_every_retry() {
    let mut settings = retrying();
    settings["retry"]["key"] = json!("per-attempt");
    play(settings, |stage| async move {
        let answer = stage
            .send("POST / HTTP/1.1\r\nhost: edge\r\nidempotency-key: k-1\r\ncontent-length: 5\r\n\r\nmoney")
            .answer();
        let upstream = async {
            let (mut upstream, first) = stage.upstream.answers(BUSY).await;
            let mut keys = vec![first.header("idempotency-key").map(str::to_owned)];
            for reply in [BUSY, OK] {
                let again = stage.upstream.asked_again(&mut upstream).await;
                keys.push(again.header("idempotency-key").map(str::to_owned));
                upstream.write(reply).await;
            }
            keys
        };
        let (answer, keys) = futures_util::future::join(answer, upstream).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(keys[0].as_deref(), Some("k-1"), "the first attempt has its caller's");
        assert!(keys[1].is_some() && keys[1] != keys[0] && keys[2] != keys[1] && keys[2] != keys[0]);
    });
}

#[test]
fn an_unsafe_request_without_a_key_is_not_repeated() {
    play(retrying(), |stage| async move {
        let answer = stage.send("POST / HTTP/1.1\r\nhost: edge\r\ncontent-length: 5\r\n\r\nmoney").answer();
        let upstream = async {
            let (upstream, request) = stage.upstream.answers(BUSY).await;
            assert_eq!(request.header("idempotency-key"), None, "a key is never invented");
            upstream
        };
        let (answer, mut upstream) = futures_util::future::join(answer, upstream).await;
        assert_eq!((answer.status(), answer.text()), (503, "busy"));
        assert!(upstream.is_silent());
    });
}

#[test]
fn an_open_breaker_answers_itself_and_sends_nothing() {
    let settings = json!({ "breaker": {
        "kind": "rate", "min_calls": 2, "failure_rate": "50%", "open_for": "1h", "window": { "calls": 2 },
    }});
    play(settings, |stage| async move {
        let mut caller = stage.dial().await;
        let ask = "GET / HTTP/1.1\r\nhost: edge\r\n\r\n";
        caller.write(ask).await;
        let (mut upstream, _) = stage.upstream.answers(BUSY).await;
        assert_eq!(caller.read_message().await.text(), "busy");
        caller.write(ask).await;
        upstream.read_message().await;
        upstream.write(BUSY).await;
        assert_eq!(caller.read_message().await.text(), "busy");

        caller.write(ask).await;
        let refused = caller.read_message().await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        let retry_after: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((3500..=3600).contains(&retry_after), "{retry_after}");
        assert_eq!(refused.json()["type"], "urn:upstorm:problem:breaker-open");
        assert!(upstream.is_silent() && !stage.upstream.is_dialled());

        caller.write("GET /metrics HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let metrics = caller.read_message().await;
        assert!(metrics.text().contains(r#"breaker_state{gateway="edge",state="open",target="payments"} 1"#));
        let says = |record: &Record| match record {
            Record::Mark(mark) => mark.kind == MarkKind::Says(EDGE, Annotation::BreakerOpened),
            _ => false,
        };
        assert_eq!(stage.recorded().iter().filter(|record| says(record)).count(), 1);
    });
}

#[test]
fn calls_over_the_rate_are_told_when_to_come_back() {
    let settings = json!({ "limits": { "rate": "1/m", "burst": 1 } });
    play(settings, |stage| async move {
        let first = stage.get();
        let (_upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(first.answer().await.status(), 200);
        let second = stage.get().answer().await;
        assert_eq!(second.status(), 429);
        assert_eq!(second.json()["type"], "urn:upstorm:problem:rate-limited");
        let retry_after: u64 = second.header("retry-after").unwrap().parse().unwrap();
        assert!((30..=60).contains(&retry_after), "{retry_after}");
    });
}

#[test]
fn calls_beyond_the_bulkhead_are_refused() {
    let settings = json!({ "limits": { "max_requests": 1 } });
    play(settings, |stage| async move {
        let first = stage.get();
        let (mut upstream, _) = stage.upstream.asked().await;
        let second = stage.get().answer().await;
        assert_eq!(second.json()["type"], "urn:upstorm:problem:bulkhead-full");
        upstream.write(OK).await;
        assert_eq!(first.answer().await.status(), 200);
    });
}
