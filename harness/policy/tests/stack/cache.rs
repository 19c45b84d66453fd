//! Cache: what is served without asking, what where asking failed, and who waits for whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use http::Method;
use http_body_util::BodyExt;
use upstorm_model::policy::{Cache, CacheKind, Deadline, PolicySettings, ServeStale};
use upstorm_model::{ByteSize, TimeSpan};
use upstorm_policy::{Failure, PolicyEvent, Time};

use crate::wire::{Ask, Bench, answer, fails, ms, sleep};

fn cached(cache: Cache) -> PolicySettings {
    PolicySettings { cache: Cache { kind: CacheKind::Memory, ..cache }, ..PolicySettings::default() }
}

fn default() -> PolicySettings {
    cached(Cache::default())
}

fn coalescing() -> PolicySettings {
    cached(Cache { coalesce: true, ..Cache::default() })
}

/// Status, body and Age.
async fn whole(bench: &Bench, ask: Ask) -> (u16, String, Option<String>) {
    let reply = bench.head(ask).await.unwrap();
    let age = reply.headers().get("age").map(|age| age.to_str().unwrap().to_owned());
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap(), age)
}

#[tokio::test(start_paused = true)]
async fn a_fresh_answer_is_served_without_asking_and_tells_its_age() {
    let script = answer(200).body(vec![(0, Ok("one")), (5, Ok("two"))]).header("x-made-by", "upstream");
    let bench = Bench::new(&default(), move |_, _| script.clone());
    assert_eq!(whole(&bench, Ask::get(1)).await, (200, "onetwo".to_owned(), None));
    sleep(2500).await;
    let reply = bench.head(Ask::get(2)).await.unwrap();
    assert_eq!(
        (&reply.headers()["x-made-by"], &reply.headers()["age"]),
        (&"upstream".parse().unwrap(), &2.into())
    );
    assert_eq!(whole(&bench, Ask::get(3)).await, (200, "onetwo".to_owned(), Some("2".to_owned())));
    assert_eq!(bench.sent(), [ms(0)]);
    sleep(7500).await;
    assert_eq!(bench.call(Ask::get(4)).await, Ok(200));
    assert_eq!(bench.sent(), [ms(0), ms(10_005)], "it is stale after ten seconds");
    assert_eq!(whole(&bench, Ask::get(5)).await.2, Some("0".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn each_path_and_method_has_its_own_answer() {
    let bench = Bench::new(&default(), |_, _| answer(200));
    for target in ["/a", "/a?b", "/b"] {
        for method in [Method::GET, Method::HEAD, Method::GET] {
            assert_eq!(bench.call(Ask { target, method, ..Ask::get(1) }).await, Ok(200));
        }
    }
    assert_eq!(bench.sent().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_kept_is_asked_for_each_time() {
    let scripts = [
        answer(404),
        answer(500),
        answer(200).header("cache-control", "no-store"),
        answer(200).header("cache-control", "max-age=0, must-revalidate"),
        answer(200).body(vec![(0, Ok("too much for it"))]),
        answer(200).body(vec![(0, Ok("a")), (0, Err(Failure::Reset))]),
    ];
    for script in scripts {
        let bench = Bench::new(&cached(Cache { max_body: ByteSize::new(4), ..Cache::default() }), {
            let script = script.clone();
            move |_, _| script.clone()
        });
        for call in 0..3 {
            let _broken_or_not = bench.call(Ask::get(call)).await;
        }
        assert_eq!(bench.sent().len(), 3, "{script:?}");
    }
    let bench = Bench::new(&default(), |_, _| answer(200));
    assert!(bench.head(Ask::get(1)).await.is_ok(), "dropped before its end");
    assert_eq!(bench.call(Ask { method: Method::POST, ..Ask::get(1) }).await, Ok(200));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_request_may_ask_for_a_new_answer() {
    let bench = Bench::new(&default(), |_, _| answer(200));
    let asking = |control: &'static str| {
        let mut ask = Ask::get(1);
        ask.headers.insert("cache-control", control.parse().unwrap());
        ask
    };
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    sleep(2000).await;
    for (control, asked) in
        [("max-age=3", 1), ("max-age=2", 2), ("no-cache", 3), ("no-store", 4), ("max-age=1", 4)]
    {
        assert_eq!(bench.call(asking(control)).await, Ok(200));
        assert_eq!(bench.sent().len(), asked, "{control}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_effect_makes_what_is_kept_untrue() {
    let bench = Bench::new(&default(), |ask, _| answer(if ask.keyed { 409 } else { 200 }));
    let post = |keyed| Ask { method: Method::POST, keyed, ..Ask::get(1) };
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    assert_eq!(bench.call(post(true)).await, Ok(409));
    assert_eq!(bench.call(Ask::get(2)).await, Ok(200));
    assert_eq!(bench.sent().len(), 2, "what failed had no effect");
    assert_eq!(bench.call(post(false)).await, Ok(200));
    assert_eq!(bench.call(Ask::get(3)).await, Ok(200));
    assert_eq!(bench.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_served_where_asking_failed_and_only_for_so_long() {
    for failing in [answer(503), fails(Failure::ConnectFailed), answer(200).after(60_000)] {
        let settings = PolicySettings {
            deadline: Deadline { per_try: Some(TimeSpan::from_secs(1)), ..Deadline::default() },
            ..default()
        };
        let good = Arc::new(AtomicBool::new(true));
        let bench = Bench::new(&settings, {
            let good = Arc::clone(&good);
            move |_, _| if good.load(Ordering::Relaxed) { answer(200) } else { failing.clone() }
        });
        assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
        good.store(false, Ordering::Relaxed);
        sleep(30_000).await;
        let (status, body, age) = whole(&bench, Ask::get(2)).await;
        assert_eq!((status, body.as_str()), (200, "body"));
        assert!(["30", "31"].contains(&age.unwrap().as_str()));
        assert_eq!(
            (bench.sent().len(), bench.events(PolicyEvent::ServedStale).len()),
            (2, 1),
            "it asked first"
        );
        sleep(40_000).await;
        assert_ne!(bench.call(Ask::get(3)).await, Ok(200), "ten seconds and sixty are over");
        good.store(true, Ordering::Relaxed);
        assert_eq!(whole(&bench, Ask::get(4)).await.2, None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_defect_never_asks_again() {
    let bench = Bench::new(&cached(Cache { serve_stale: ServeStale::Always, ..Cache::default() }), |_, _| {
        answer(200)
    });
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    sleep(3_600_000).await;
    assert_eq!(whole(&bench, Ask::get(2)).await.2, Some("3600".to_owned()));
    assert_eq!((bench.sent().len(), bench.events(PolicyEvent::ServedStale).len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_herd_asks_once() {
    for (settings, asked) in [(coalescing(), 1), (default(), 50)] {
        let bench = Bench::new(&settings, |_, _| answer(200).after(100));
        let calls = join_all((0..50).map(|call| bench.call(Ask::get(call)))).await;
        assert!(calls.iter().all(|status| *status == Ok(200)));
        assert_eq!((bench.sent().len(), bench.time.now()), (asked, ms(100)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_herd_shares_a_failure_too() {
    for (script, outcome) in
        [(answer(503), Ok(503)), (fails(Failure::Reset), Err(Failure::Reset)), (answer(429), Ok(429))]
    {
        let bench = Bench::new(&coalescing(), move |_, _| script.clone().after(100));
        let calls = join_all((0..50).map(|call| bench.call(Ask::get(call)))).await;
        assert!(calls.iter().all(|ended| *ended == outcome), "{outcome:?}");
        assert_eq!(bench.sent().len(), 1);
        assert_eq!(bench.call(Ask::get(99)).await, outcome);
        assert_eq!(bench.sent().len(), 2, "a failure is not kept");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_shared_sends_the_others_on_their_own() {
    let kept = answer(200).header("cache-control", "private");
    let large = answer(200).body(vec![(0, Ok("1234")), (0, Ok("5"))]);
    for script in [kept, large, answer(404)] {
        let settings = cached(Cache { coalesce: true, max_body: ByteSize::new(4), ..Cache::default() });
        let bench = Bench::new(&settings, move |_, _| script.clone().after(100));
        join_all((0..5).map(|call| bench.call(Ask::get(call)))).await;
        assert_eq!(bench.sent(), [ms(0), ms(100), ms(100), ms(100), ms(100)]);
    }
}

#[tokio::test(start_paused = true)]
async fn if_the_one_that_asks_goes_away_the_next_in_line_asks() {
    let bench = Bench::new(&coalescing(), |_, _| answer(200).after(100));
    let mut first = Box::pin(bench.call(Ask::get(1)));
    assert!(first.as_mut().now_or_never().is_none());
    let mut gone = Box::pin(bench.call(Ask::get(2)));
    assert!(gone.as_mut().now_or_never().is_none());
    let rest = join_all((3..9).map(|call| bench.call(Ask::get(call))));
    let giving_up = async {
        sleep(10).await;
        drop((gone, first));
    };
    let (calls, ()) = futures_util::future::join(rest, giving_up).await;
    assert!(calls.iter().all(|status| *status == Ok(200)));
    let asked: Vec<_> = bench.attempts().iter().map(|seen| (seen.call, seen.at)).collect();
    assert_eq!(asked, [(1, ms(0)), (3, ms(10))]);
}

#[tokio::test(start_paused = true)]
async fn a_herd_is_served_what_is_stale() {
    let bench = Bench::new(&coalescing(), |_, now| answer(if now == ms(0) { 200 } else { 503 }).after(100));
    assert_eq!(bench.call(Ask::get(1)).await, Ok(200));
    sleep(20_000).await;
    let calls = join_all((0..50).map(|call| bench.call(Ask::get(call)))).await;
    assert!(calls.iter().all(|status| *status == Ok(200)));
    assert_eq!((bench.sent().len(), bench.events(PolicyEvent::ServedStale).len()), (2, 50));
}
