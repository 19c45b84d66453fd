//! The reference client says how its calls ended.

use futures_util::future::join;
use serde_json::json;
use upstorm_model::Offset;
use upstorm_model::recording::{CallId, Outcome};
use upstorm_reference::{Answer, Outgoing};

use crate::stage::{End, SHOPPERS, play};

fn call(sequence: u64) -> Outgoing {
    Outgoing { id: CallId::new(SHOPPERS, sequence), request: 0, timeout_at: Offset::MAX }
}

#[test]
fn an_answer_counts_when_all_of_it_is_there() {
    play(json!({}), |stage| async move {
        let upstream = stage.upstream.answers("HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\nnothing");
        let (answer, (_upstream, request)) = join(stage.client.call(call(5)), upstream).await;
        assert_eq!(answer, Answer { outcome: Outcome::Answered(404), bytes: 7, made: None });
        assert!(request.head.starts_with("GET /5 HTTP/1.1\r\n"), "{}", request.head);
        assert_eq!(request.header("x-upstorm-call"), Some("0003000000000005"));
        assert_eq!(request.header("idempotency-key"), None);
        assert!(request.header("traceparent").is_some_and(|trace| trace.len() == 55));
    });
}

#[test]
fn an_unsafe_request_carries_a_key_and_its_body() {
    play(json!({}), |stage| async move {
        let upstream = stage.upstream.answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let post = Outgoing { request: 1, ..call(5) };
        let (answer, (_upstream, request)) = join(stage.client.call(post), upstream).await;
        assert_eq!(answer, Answer { outcome: Outcome::Answered(200), bytes: 0, made: None });
        assert_eq!(request.header("idempotency-key").map(str::len), Some(32));
        assert_eq!(request.header("x-tenant"), Some("a"));
        assert_eq!(request.body.len(), 1024);
    });
}

#[test]
fn each_way_to_break_has_its_outcome() {
    let cases = [
        ("", Outcome::Closed, 0),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcd", Outcome::Closed, 4),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n", Outcome::Closed, 4),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nwhat?\r\n", Outcome::Malformed, 0),
        ("not HTTP at all\r\n\r\n", Outcome::Malformed, 0),
        ("HTTP/1.1 ??? OK\r\ncontent-length: 4\r\n\r\nabcd", Outcome::Malformed, 0),
        ("HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 4\r\n\r\nabcd", Outcome::Malformed, 0),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd and more", Outcome::Answered(200), 4),
    ];
    for (said, outcome, bytes) in cases {
        play(json!({}), move |stage| async move {
            let upstream = async {
                let (upstream, _) = stage.upstream.answers(said).await;
                drop(upstream);
            };
            let (answer, ()) = join(stage.client.call(call(0)), upstream).await;
            assert_eq!(answer, Answer { outcome, bytes, made: None }, "{said}");
        });
    }
}

#[test]
fn what_comes_after_the_end_is_not_the_next_answer() {
    play(json!({}), |stage| async move {
        let upstream = async {
            let said = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcdHTTP/1.1 500 Oh\r\n\r\n";
            drop(stage.upstream.answers(said).await);
            stage.upstream.answers("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await
        };
        let calls = async { (stage.client.call(call(0)).await, stage.client.call(call(1)).await) };
        let ((first, second), _upstream) = join(calls, upstream).await;
        assert_eq!((first.outcome, first.bytes), (Outcome::Answered(200), 4));
        assert_eq!(second.outcome, Outcome::Answered(201));
    });
}

#[test]
fn a_head_may_have_a_hundred_headers() {
    for (headers, outcome) in [(99, Outcome::Answered(200)), (100, Outcome::Malformed)] {
        play(json!({}), move |stage| async move {
            let flood = "x-upstorm-flood: much\r\n".repeat(headers);
            let said = format!("HTTP/1.1 200 OK\r\n{flood}content-length: 0\r\n\r\n");
            let (answer, _upstream) = join(stage.client.call(call(0)), stage.upstream.answers(&said)).await;
            assert_eq!(answer.outcome, outcome, "{headers}");
        });
    }
}

#[test]
fn a_reset_and_a_refusal_are_told_apart() {
    play(json!({}), |stage| async move {
        let upstream = async { stage.upstream.asked().await.0.reset() };
        let (answer, ()) = join(stage.client.call(call(0)), upstream).await;
        assert_eq!(answer.outcome, Outcome::Reset);
        let crate::stage::Stage { upstream, client, .. } = stage;
        drop(upstream);
        assert_eq!(client.call(call(1)).await.outcome, Outcome::ConnectFailed);
    });
}

#[test]
fn a_call_given_up_closes_its_connection() {
    play(json!({}), |stage| async move {
        let now = stage.caller.clock.now();
        let soon = Outgoing { timeout_at: now + std::time::Duration::from_millis(30), ..call(0) };
        let upstream = async {
            let (mut upstream, _) = stage.upstream.asked().await;
            upstream.left().await
        };
        let (answer, left) = join(stage.client.call(soon), upstream).await;
        assert_eq!(answer, Answer { outcome: Outcome::TimedOut, bytes: 0, made: None });
        assert_eq!(left, End::Closed);
    });
}

#[test]
fn one_connection_serves_calls_in_turn() {
    play(json!({}), |stage| async move {
        let calls = join(stage.client.call(call(0)), stage.client.call(call(1)));
        let upstream = async {
            let (mut upstream, first) = stage.upstream.asked().await;
            assert!(!stage.upstream.is_dialled());
            upstream.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            let second = upstream.read_message().await;
            upstream.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
            assert!(first.head.starts_with("GET /0 ") && second.head.starts_with("GET /1 "));
        };
        let ((first, second), ()) = join(calls, upstream).await;
        assert_eq!(first.outcome, Outcome::Answered(200));
        assert_eq!(second.outcome, Outcome::Answered(201));
    });
}

#[test]
fn its_own_policies_reject_and_an_unknown_kind_is_no_call() {
    play(json!({ "limits": { "rate": "1/m", "burst": 1 } }), |stage| async move {
        let unknown = stage.client.call(Outgoing { request: 9, ..call(0) }).await;
        assert_eq!(unknown, Answer { outcome: Outcome::Rejected, bytes: 0, made: None });
        let upstream = stage.upstream.answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let (first, _) = join(stage.client.call(call(0)), upstream).await;
        assert_eq!(first.outcome, Outcome::Answered(200));
        assert_eq!(stage.client.call(call(1)).await.outcome, Outcome::Rejected);
    });
}
