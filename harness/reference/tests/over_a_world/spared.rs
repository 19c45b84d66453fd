//! What callers get without waiting for the upstream, or in its place: extra attempts, kept answers, the fallback.

use serde_json::json;
use upstorm_model::Offset;
use upstorm_model::recording::{Annotation, CallId, MarkKind, Outcome, Record};
use upstorm_reference::{Answer, Outgoing};

use crate::stage::{EDGE, End, SHOPPERS, Stage, play};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-upstorm-made: 7\r\n\r\nok";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-upstorm-made: 7\r\n\r\n2\r\nok\r\n0\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy";

fn says(stage: &Stage, said: Annotation) -> usize {
    let kind = MarkKind::Says(EDGE, said);
    let is = |record: &Record| matches!(record, Record::Mark(mark) if mark.kind == kind);
    stage.recorded().iter().filter(|record| is(record)).count()
}

/// Until so many calls are at the gateway.
async fn wait_until_in_flight(stage: &Stage, calls: u64) {
    for _ in 0..1000 {
        let health = stage.send("GET /health HTTP/1.1\r\nhost: edge\r\n\r\n").answer().await;
        if health.json()["in_flight"] == calls {
            return;
        }
    }
    panic!("{calls} calls never were at the gateway");
}

#[test]
fn the_slower_of_two_attempts_is_closed_unanswered() {
    let settings = json!({ "hedge": { "kind": "delay", "after": "20ms" } });
    play(settings, |stage| async move {
        let answer = stage.get();
        let (mut slow, first) = stage.upstream.asked().await;
        let (_fast, second) = stage.upstream.answers(OK).await;
        assert_eq!(
            (first.header("x-request-id"), first.head.lines().next()),
            (second.header("x-request-id"), second.head.lines().next(),)
        );
        assert_ne!(first.header("traceparent"), second.header("traceparent"), "two spans");
        let answer = answer.answer().await;
        assert_eq!((answer.status(), answer.text()), (200, "ok"));
        assert_ne!(slow.left().await, End::Complete);
        assert_eq!(says(&stage, Annotation::Hedged), 1);
    });
}

#[test]
fn the_defect_leaves_the_slower_one_open() {
    let settings = json!({ "hedge": { "kind": "delay", "after": "20ms", "cancel": false } });
    play(settings, |stage| async move {
        let answer = stage.get();
        let (mut slow, _) = stage.upstream.asked().await;
        let (_fast, _) = stage.upstream.answers(OK).await;
        assert_eq!(answer.answer().await.status(), 200);
        assert!(slow.is_silent(), "nobody has closed it");
        slow.write(OK).await;
    });
}

#[test]
fn a_kept_answer_is_sent_again_with_its_age_however_it_was_framed() {
    let settings = json!({ "cache": { "kind": "memory", "fresh": "1h" } });
    play(settings, |stage| async move {
        for (path, response) in [("/whole", OK), ("/chunked", CHUNKED)] {
            let ask = format!("GET {path} HTTP/1.1\r\nhost: edge\r\n\r\n");
            let first = stage.send(ask.as_str());
            let (mut upstream, _) = stage.upstream.answers(response).await;
            let first = first.answer().await;
            assert_eq!(
                (first.status(), first.header("age"), first.header("x-upstorm-made")),
                (200, None, Some("7"))
            );
            let again = stage.send(ask.as_str()).answer().await;
            assert_eq!((again.status(), again.text(), again.header("age")), (200, "ok", Some("0")));
            assert_eq!(
                (again.header("content-length"), again.header("x-upstorm-made")),
                (Some("2"), Some("7"))
            );
            assert!(upstream.is_silent() && !stage.upstream.is_dialled());
        }
        let metrics = stage.send("GET /metrics HTTP/1.1\r\nhost: edge\r\n\r\n").answer().await;
        assert!(metrics.text().contains(r#"cache_answers_total{age="fresh",gateway="edge"} 2"#));
    });
}

#[test]
fn a_stale_answer_takes_the_place_of_a_failure() {
    let settings = json!({ "cache": { "kind": "memory", "fresh": "1ms", "stale_if_error": "1h" } });
    play(settings, |stage| async move {
        let first = stage.get();
        let (mut upstream, _) = stage.upstream.answers(OK).await;
        assert_eq!(first.answer().await.status(), 200);
        stage.caller.clock.sleep(std::time::Duration::from_millis(5)).await;
        let second = stage.get();
        stage.upstream.asked_again(&mut upstream).await;
        upstream.write(BUSY).await;
        let second = second.answer().await;
        assert_eq!((second.status(), second.text(), second.header("age")), (200, "ok", Some("0")));
        assert_eq!(says(&stage, Annotation::ServedStale), 1);
    });
}

#[test]
fn one_asks_for_many() {
    let settings = json!({ "cache": { "kind": "memory", "coalesce": true } });
    play(settings, |stage| async move {
        let (first, others) = (stage.get(), [stage.get(), stage.get(), stage.get()]);
        let (mut upstream, _) = stage.upstream.asked().await;
        wait_until_in_flight(&stage, 4).await;
        assert!(!stage.upstream.is_dialled());
        upstream.write(OK).await;
        assert_eq!(first.answer().await.text(), "ok");
        for other in others {
            assert_eq!(other.answer().await.text(), "ok");
        }
        assert!(upstream.is_silent() && !stage.upstream.is_dialled());
    });
}

#[test]
fn the_fallback_is_marked_and_no_upstream_made_it() {
    let settings = json!({ "fallback": {
        "kind": "answer", "status": 203, "body": "[]", "headers": { "content-type": "application/json" },
    }});
    play(settings, |stage| async move {
        let answer = stage.get();
        let (_upstream, _) = stage.upstream.answers(BUSY).await;
        let answer = answer.answer().await;
        assert_eq!((answer.status(), answer.text()), (203, "[]"));
        assert_eq!(answer.header("x-upstorm-fallback"), Some("true"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(says(&stage, Annotation::FellBack), 1);

        let call = Outgoing { id: CallId::new(SHOPPERS, 1), request: 0, timeout_at: Offset::MAX };
        let (own, _) =
            futures_util::future::join(stage.client.call(call), stage.upstream.answers(BUSY)).await;
        assert_eq!(own, Answer { outcome: Outcome::Answered(203), bytes: 2, made: None });
    });
}

#[test]
fn the_client_tells_when_what_it_got_was_made() {
    play(json!({}), |stage| async move {
        let call = |n| Outgoing { id: CallId::new(SHOPPERS, n), request: 0, timeout_at: Offset::MAX };
        let (made, (mut upstream, _)) =
            futures_util::future::join(stage.client.call(call(1)), stage.upstream.answers(OK)).await;
        let at = Some(Offset::from_nanos(7));
        assert_eq!(made, Answer { outcome: Outcome::Answered(200), bytes: 2, made: at });
        let odd = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-upstorm-made: soon\r\n\r\nok";
        let (other, ()) = futures_util::future::join(stage.client.call(call(2)), async {
            stage.upstream.asked_again(&mut upstream).await;
            upstream.write(odd).await;
        })
        .await;
        assert_eq!(other, Answer { outcome: Outcome::Answered(200), bytes: 2, made: None });
    });
}
