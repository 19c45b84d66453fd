//! Connections to the upstream: used again, never too many, closed when they lie idle.

use futures_util::future::join;
use serde_json::json;

use crate::stage::{End, play};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn two_calls_in_turn_share_a_connection() {
    play(json!({}), |stage| async move {
        let first = stage.get();
        let (mut upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(first.answer().await.text(), "ok");
        let second = stage.get();
        assert_eq!(upstream.read_message().await.end, End::Complete);
        upstream.write(OK).await;
        assert_eq!(second.answer().await.text(), "ok");
        assert!(!stage.upstream.is_dialled());
    });
}

#[test]
fn a_connection_the_upstream_ends_is_not_used_again() {
    play(json!({}), |stage| async move {
        for _ in 0..2 {
            let answer = stage.get();
            let response = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
            let (mut upstream, _) = stage.upstream.answers(response).await;
            assert_eq!(answer.answer().await.text(), "ok");
            assert_eq!(upstream.left().await, End::Closed);
        }
    });
}

#[test]
fn a_call_beyond_the_limit_waits_for_a_connection() {
    play(json!({ "pool": { "max_connections": 1 } }), |stage| async move {
        let answers = [stage.get(), stage.get(), stage.get()];
        let (mut upstream, _) = stage.upstream.asked().await;
        for _ in 0..2 {
            assert!(!stage.upstream.is_dialled());
            upstream.write(OK).await;
            upstream.read_message().await;
        }
        upstream.write(OK).await;
        for answer in answers {
            assert_eq!(answer.answer().await.status(), 200);
        }
        assert!(upstream.is_silent() && !stage.upstream.is_dialled());
    });
}

#[test]
fn a_place_is_free_again_after_a_break() {
    play(json!({ "pool": { "max_connections": 1 } }), |stage| async move {
        let answers = [stage.get(), stage.get()];
        let (upstream, _) = stage.upstream.asked().await;
        upstream.reset();
        let (_upstream, _) = stage.upstream.answers(OK).await;
        let [one, other] = answers.map(crate::stage::Awaited::answer);
        let (one, other) = join(one, other).await;
        assert_eq!(one.status().min(other.status()), 200);
        assert_eq!(one.status().max(other.status()), 502);
    });
}

#[test]
fn an_idle_connection_is_closed_in_time() {
    play(json!({ "pool": { "idle": "30ms" } }), |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(answer.answer().await.status(), 200);
        assert_eq!(upstream.left().await, End::Closed);
    });
}

#[test]
fn closing_the_gateway_closes_both_sides() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        caller.write("GET / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let (mut upstream, _) = stage.upstream.asked().await;
        stage.gateway.close().await;
        assert_eq!(upstream.left().await, End::Closed);
        assert_eq!(caller.left().await, End::Closed);
        assert!(stage.caller.net.connect(crate::stage::EDGE).await.is_err());
    });
}
