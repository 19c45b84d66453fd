//! Fallback: the last resort, marked, and below nothing that could keep it.

use http_body_util::BodyExt;
use upstorm_model::policy::{
    Cache, CacheKind, Deadline, Fallback, FallbackKind, FallbackOn, Limits, PolicySettings,
};
use upstorm_model::{Rate, TimeSpan};
use upstorm_policy::{Failure, PolicyEvent, Time};

use crate::wire::{Ask, Bench, answer, fails, ms, sleep};

fn falling(on: Vec<FallbackOn>) -> PolicySettings {
    let fallback = Fallback { kind: FallbackKind::Answer, on, body: "[]".to_owned(), ..Fallback::default() };
    PolicySettings { fallback, ..PolicySettings::default() }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_answered_and_marked() {
    for script in [answer(500), answer(503), fails(Failure::ConnectFailed), fails(Failure::Malformed)] {
        let bench = Bench::new(&falling(Fallback::default().on), move |_, _| script.clone());
        let reply = bench.head(Ask::get(1)).await.unwrap();
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["x-upstorm-fallback"]),
            (200, &"true".parse().unwrap())
        );
        assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "[]");
        assert_eq!(bench.events(PolicyEvent::FellBack).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_it_is_not_for_passes() {
    for (script, outcome) in [(answer(200), Ok(200)), (answer(404), Ok(404)), (answer(429), Ok(429))] {
        let bench = Bench::new(&falling(Fallback::default().on), move |_, _| script.clone());
        assert_eq!(bench.call(Ask::get(1)).await, outcome);
        assert!(bench.events(PolicyEvent::FellBack).is_empty());
    }
    let bench = Bench::new(&falling(vec![FallbackOn::Timeout]), |_, _| answer(503));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(503));
}

#[tokio::test(start_paused = true)]
async fn it_takes_the_place_of_deadlines_and_rejections() {
    let deadline = Deadline { total: Some(TimeSpan::from_millis(200)), ..Deadline::default() };
    let limits = Limits { rate: Some(Rate::per_second(1.0)), burst: Some(1), ..Limits::default() };
    let settings = PolicySettings { deadline, limits, ..falling(Fallback::default().on) };
    let bench = Bench::new(&settings, |_, _| answer(200).after(1000));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.time.now(), ms(200));
    assert_eq!(bench.call(Ask::get(2)).await, Ok(200));
    assert_eq!((bench.sent().len(), bench.events(PolicyEvent::FellBack).len()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_comes_before_it_and_a_cache_never_keeps_it() {
    let cache = Cache { kind: CacheKind::Memory, ..Cache::default() };
    let settings = PolicySettings { cache, ..falling(Fallback::default().on) };
    let bench = Bench::new(&settings, |_, now| answer(if now == ms(0) { 200 } else { 503 }));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    sleep(20_000).await;
    assert_eq!(bench.call(Ask::get(2)).await, Ok(200));
    assert_eq!(bench.events(PolicyEvent::ServedStale).len(), 1);
    sleep(60_000).await;
    for _ in 0..3 {
        assert_eq!(bench.call(Ask::get(3)).await, Ok(200));
    }
    assert_eq!((bench.sent().len(), bench.events(PolicyEvent::FellBack).len()), (5, 3));
}
