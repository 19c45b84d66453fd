//! Headers and bodies, in both directions.

use serde_json::json;

use crate::stage::{End, play};

#[test]
fn headers_of_one_hop_end_at_the_gateway() {
    play(json!({}), |stage| async move {
        let answer = stage.send(
            "GET /a HTTP/1.1\r\nhost: edge\r\nconnection: keep-alive, x-mine\r\nkeep-alive: timeout=5\r\n\
             te: trailers\r\nupgrade: websocket\r\nx-mine: 1\r\nx-yours: 2\r\nx-forwarded-for: 10.0.0.1\r\n\r\n",
        );
        let (_upstream, request) = stage
            .upstream
            .answers(
                "HTTP/1.1 200 OK\r\nconnection: x-hop\r\nkeep-alive: timeout=5\r\nx-hop: 1\r\nx-end: 2\r\n\
                 content-length: 0\r\n\r\n",
            )
            .await;
        for gone in ["connection", "keep-alive", "te", "upgrade", "x-mine"] {
            assert_eq!(request.header(gone), None, "{}", request.head);
        }
        assert_eq!(request.header("x-yours"), Some("2"));
        assert_eq!(request.header("via"), Some("1.1 upstorm"));
        assert!(request.head.contains("x-forwarded-for: 10.0.0.1\r\nx-forwarded-for: _caller\r\n"));
        let host = stage.caller.net.address_of(crate::stage::PAYMENTS).unwrap().to_string();
        assert_eq!(request.header("host"), Some(host.as_str()));
        assert!(request.header("traceparent").is_some_and(|trace| trace.len() == 55));
        let answer = answer.answer().await;
        for gone in ["x-hop", "keep-alive"] {
            assert_eq!(answer.header(gone), None, "{}", answer.head);
        }
        assert_eq!(answer.header("x-end"), Some("2"));
    });
}

#[test]
fn the_ids_a_caller_brings_are_kept() {
    play(json!({}), |stage| async move {
        let answer = stage.send(
            "GET http://edge/a?b HTTP/1.1\r\nhost: edge\r\nx-request-id: mine\r\nx-upstorm-call: 00ff\r\n\r\n",
        );
        let (_upstream, request) = stage.upstream.answers("HTTP/1.1 204 No Content\r\n\r\n").await;
        assert!(request.head.starts_with("GET /a?b HTTP/1.1\r\n"), "{}", request.head);
        assert_eq!(request.header("x-request-id"), Some("mine"));
        assert_eq!(request.header("x-upstorm-call"), Some("00ff"));
        assert_eq!(answer.answer().await.status(), 204);
    });
}

#[test]
fn a_head_answer_keeps_its_length_and_has_no_body() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        for _ in 0..2 {
            caller.write("HEAD / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
            let (_upstream, _) = stage
                .upstream
                .answers("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 7\r\n\r\n")
                .await;
            let head = caller.read_head().await.unwrap();
            assert!(head.contains("content-length: 7"), "{head}");
        }
    });
}

#[test]
fn an_answer_streams_before_it_is_whole() {
    play(json!({}), |stage| async move {
        let mut caller = stage.dial().await;
        caller.write("GET / HTTP/1.1\r\nhost: edge\r\n\r\n").await;
        let (mut upstream, _) =
            stage.upstream.answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await;
        caller.read_head().await.unwrap();
        assert_eq!(caller.take(8).await, b"3\r\none\r\n");
        upstream.write("3\r\ntwo\r\n0\r\n\r\n").await;
        assert_eq!(caller.take(13).await, b"3\r\ntwo\r\n0\r\n\r\n");
    });
}

#[test]
fn a_long_request_streams_through_and_is_not_repeated() {
    let settings = json!({ "retry": { "max_attempts": 3, "methods": "all",
        "backoff": { "base": "1ms", "max": "1ms", "jitter": "none" } } });
    play(settings, |stage| async move {
        const LENGTH: usize = 3 * upstorm_reference::REPLAY_LIMIT;
        let (first, rest) = (LENGTH / 2, LENGTH - LENGTH / 2);
        let mut caller = stage.dial().await;
        caller.write(&format!("PUT / HTTP/1.1\r\nhost: edge\r\ncontent-length: {LENGTH}\r\n\r\n")).await;
        caller.write(&"x".repeat(first)).await;
        let mut upstream = stage.upstream.accept().await;
        let head = upstream.read_head().await.unwrap();
        assert!(head.contains(&format!("content-length: {LENGTH}")), "{head}");
        // The first half arrives while the second is not sent yet.
        let mut got = upstream.take(first).await.len();
        caller.write(&"y".repeat(rest)).await;
        while got < LENGTH {
            got += upstream.take(1).await.len();
        }
        upstream.write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(caller.read_message().await.status(), 503);
        assert!(upstream.is_silent() && !stage.upstream.is_dialled());
    });
}

#[test]
fn a_short_chunked_request_is_held_and_repeated() {
    let settings = json!({ "retry": { "max_attempts": 2, "methods": "all",
        "backoff": { "base": "1ms", "max": "1ms", "jitter": "none" } } });
    play(settings, |stage| async move {
        let answer = stage.send(
            "PUT / HTTP/1.1\r\nhost: edge\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
        );
        let busy = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        let (mut upstream, first) = stage.upstream.answers(busy).await;
        let second = stage.upstream.asked_again(&mut upstream).await;
        upstream.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        for request in [first, second] {
            assert_eq!((request.text(), request.end), ("onetwo", End::Complete));
            assert_eq!(request.header("content-length"), Some("6"));
        }
        assert_eq!(answer.answer().await.status(), 200);
    });
}
