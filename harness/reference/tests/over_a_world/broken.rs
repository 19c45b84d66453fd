//! What breaks on one side breaks on the other, and what nobody waits for stops.

use serde_json::json;

use crate::stage::{End, play};

#[test]
fn a_truncated_body_is_passed_on_as_broken() {
    for framing in [
        "content-length: 10\r\n\r\nabcd",
        "transfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n",
        "transfer-encoding: chunked\r\n\r\nxyz\r\n4\r\nabcd\r\n",
    ] {
        play(json!({}), move |stage| async move {
            let answer = stage.get();
            let (upstream, _) = stage.upstream.answers(&format!("HTTP/1.1 200 OK\r\n{framing}")).await;
            drop(upstream);
            let answer = answer.answer().await;
            assert_eq!((answer.status(), answer.end), (200, End::Closed), "{answer:?}");
            assert!(!answer.body.ends_with(b"0\r\n\r\n"), "{answer:?}");
        });
    }
}

#[test]
fn a_reset_in_the_body_is_passed_on_as_a_reset() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        caller.write("GET / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let (upstream, _) = stage.upstream.answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd").await;
        assert!(caller.read_head().await.is_ok());
        caller.take(4).await;
        upstream.reset();
        assert_eq!(caller.left().await, End::Reset);
    });
}

#[test]
fn a_caller_whose_bodies_end_by_close_is_not_told_that_a_part_is_all() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        caller.write("GET / HTTP/1.0\r\nhost: edge\r\n\r\n").await;
        let (upstream, _) = stage
            .upstream
            .answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n")
            .await;
        let head = caller.read_head().await.unwrap();
        assert!(!head.contains("transfer-encoding"), "{head}");
        caller.take(4).await;
        drop(upstream);
        assert_eq!(caller.left().await, End::Reset);
    });
}

#[test]
fn what_breaks_before_the_head_is_a_502() {
    let cases: [(&str, &str); 5] = [
        ("", "connection-broken"),
        ("HTTP/1.1 200 OK\r\ncontent-le", "connection-broken"),
        ("these are not the words of HTTP\r\n\r\n", "malformed-answer"),
        ("HTTP/1.1 ??? OK\r\ncontent-length: 4\r\n\r\nabcd", "malformed-answer"),
        ("HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 4\r\n\r\nabcd", "malformed-answer"),
    ];
    for (said, problem) in cases {
        play(json!({}), move |stage| async move {
            let answer = stage.get();
            let (upstream, _) = stage.upstream.answers(said).await;
            drop(upstream);
            let answer = answer.answer().await;
            assert_eq!(answer.status(), 502);
            assert_eq!(answer.json()["type"], format!("urn:upstorm:problem:{problem}"), "{said}");
        });
    }
}

#[test]
fn an_upstream_that_is_not_there_is_a_502() {
    play(json!({}), |stage| async move {
        let crate::stage::Stage { upstream, gateway, caller, .. } = stage;
        drop(upstream);
        let stream = caller.net.connect(crate::stage::EDGE).await.unwrap();
        let mut wire = crate::stage::Wire::new(stream);
        wire.write("GET / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let answer = wire.read_message().await;
        assert_eq!(answer.status(), 502);
        assert_eq!(answer.json()["type"], "urn:upstorm:problem:connect-failed");
        gateway.close().await;
        assert_eq!(wire.left().await, End::Closed);
    });
}

#[test]
fn an_attempt_that_takes_too_long_is_closed() {
    play(json!({ "deadline": { "per_try": "50ms" } }), |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) = stage.upstream.asked().await;
        assert_eq!(upstream.left().await, End::Closed);
        let answer = answer.answer().await;
        assert_eq!(answer.status(), 504);
        assert_eq!(answer.json()["type"], "urn:upstorm:problem:attempt-timed-out");
    });
}

#[test]
fn an_attempt_may_not_trickle_beyond_its_time() {
    play(json!({ "deadline": { "per_try": "100ms" } }), |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) =
            stage.upstream.answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd").await;
        assert_ne!(upstream.left().await, End::Complete);
        let answer = answer.answer().await;
        assert_eq!((answer.status(), answer.text(), answer.end), (200, "abcd", End::Closed));
    });
}

#[test]
fn a_call_that_takes_too_long_as_a_whole_is_a_504() {
    play(json!({ "deadline": { "total": "50ms" } }), |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) = stage.upstream.asked().await;
        assert_eq!(upstream.left().await, End::Closed);
        assert_eq!(answer.answer().await.json()["type"], "urn:upstorm:problem:deadline-exceeded");
    });
}

#[test]
fn the_attempt_of_a_caller_that_left_is_closed() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        caller.write("GET / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let (mut upstream, _) = stage.upstream.asked().await;
        drop(caller);
        assert_eq!(upstream.left().await, End::Closed);
    });
}

#[test]
fn an_abandoned_attempt_goes_on_unheard() {
    let settings = json!({ "deadline": { "per_try": "30ms", "on_per_try_timeout": "abandon" } });
    play(settings, |stage| async move {
        let answer = stage.get();
        let (mut upstream, _) = stage.upstream.asked().await;
        assert_eq!(answer.answer().await.status(), 504);
        assert!(upstream.is_silent());
        upstream.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd").await;
        assert!(upstream.is_silent());
        stage.gateway.close().await;
        assert_ne!(upstream.left().await, End::Complete);
    });
}
