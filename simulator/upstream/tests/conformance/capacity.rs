//! Workers and the queue before them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_model::plan::{Plan, RouteBehaviour, RouteCapacity, UpstreamSegment};
use upstorm_model::recording::{Admission, End, Hint};
use upstorm_model::scenario::{Capacity, Connect, Overflow, RetryAfter, RouteMatch};
use upstorm_model::{Law, Offset, TimeSpan};
use upstorm_world::{Stream, World};

use crate::support::{Client, Ended, Reply, attempt_that, behaviour, only, play, route, staged};

/// Longer than any test.
const FOR_EVER: TimeSpan = TimeSpan::from_secs(24 * 3600);

fn capacity(workers: u32, queue: u32) -> Capacity {
    let overflow = Overflow { retry_after: Some(RetryAfter::Seconds(3)), ..Overflow::default() };
    Capacity {
        workers,
        queue,
        service: None,
        overflow,
        ignore_disconnect: false,
        finish_begun: false,
        deadline: None,
    }
}

fn taking(latency: TimeSpan, capacity: &Capacity) -> RouteBehaviour {
    RouteBehaviour {
        capacity: Some(RouteCapacity { shared: true, setting: capacity.clone() }),
        latency: Law::Constant(latency.into()),
        ..behaviour()
    }
}

/// `/slow` never answers and `/fast` does at once, with the same workers; these from these milliseconds on.
fn slow_and_fast(shifts: &[(u64, Capacity)]) -> Plan {
    let path = |path: &str| RouteMatch { path: Some(path.to_owned()), ..RouteMatch::default() };
    let routes = vec![route("slow", path("/slow")), route("fast", RouteMatch::default())];
    let segment = |(start, capacity): &(u64, Capacity)| {
        let routes = vec![taking(FOR_EVER, capacity), taking(TimeSpan::ZERO, capacity)];
        (*start, UpstreamSegment { connect: Connect::default(), routes })
    };
    staged(routes, shifts.iter().map(segment).collect())
}

/// One route that always has this capacity and latency.
fn always(latency: TimeSpan, capacity: &Capacity) -> Plan {
    let segment = UpstreamSegment { connect: Connect::default(), routes: vec![taking(latency, capacity)] };
    staged(vec![route("default", RouteMatch::default())], vec![(0, segment)])
}

/// A request that the upstream has met.
async fn ask(client: &Client, path: &str) -> Stream {
    let mut stream = client.enter(path).await;
    stream.write_all(b"ok").await.unwrap();
    stream
}

async fn answer(client: &Client, mut stream: Stream) -> Reply {
    client.read_on(&mut stream, "POST").await
}

/// Nothing is heard on it for a while.
async fn is_silent(client: &Client, stream: &mut Stream) -> bool {
    let until = client.env.clock.now() + Duration::from_millis(30);
    let heard = stream.read_u8();
    let waited: Result<io::Result<u8>, _> = client.env.clock.timeout_at(until, heard).await;
    waited.is_err()
}

pub(crate) fn who_comes_first_is_served_first(world: &Arc<dyn World>) {
    let each = TimeSpan::from_millis(10);
    let (_, recording) = play(world, always(each, &capacity(2, 9)), |client| async move {
        let mut streams = Vec::new();
        for _ in 0..7 {
            streams.push(ask(&client, "/").await);
        }
        for stream in streams {
            assert_eq!(answer(&client, stream).await.status(), 200);
        }
    });
    let mut attempts = recording.attempts;
    attempts.sort_by_key(|attempt| attempt.head);
    let mut free = [Offset::ZERO; 2];
    for attempt in &attempts {
        // Two workers: the one that is free first takes who came first, and nobody is done sooner than that allows.
        let first = free.iter_mut().min().unwrap();
        *first = attempt.head.max(*first) + each.get();
        assert!(attempt.first_byte.unwrap() >= *first, "{attempt:?}");
        let kept = attempt.delay.unwrap();
        assert!(kept >= each && attempt.head + kept.get() <= attempt.first_byte.unwrap(), "{attempt:?}");
        assert_eq!((attempt.fate.delay, attempt.fate.admission), (each, Admission::Admitted));
    }
    assert_eq!(attempts.len(), 7);
}

pub(crate) fn who_finds_no_place_is_turned_away_at_once(world: &Arc<dyn World>) {
    let ((reply, _kept), recording) = play(world, always(FOR_EVER, &capacity(1, 1)), |client| async move {
        let kept = (ask(&client, "/").await, ask(&client, "/").await);
        (answer(&client, ask(&client, "/").await).await, kept)
    });
    assert_eq!((reply.status(), reply.header("retry-after"), reply.body.len()), (503, Some("3"), 0));
    let mut attempts = recording.attempts;
    attempts.sort_by_key(|attempt| attempt.head);
    let admitted: Vec<_> = attempts.iter().map(|a| (a.fate.admission, a.ended)).collect();
    let waiting = (Admission::Admitted, End::Unfinished);
    assert_eq!(admitted, [waiting, waiting, (Admission::Overflowed, End::Completed)]);
    let (fate, hint) = (attempts[2].fate, attempts[2].hint);
    assert_eq!((fate.status, fate.delay, fate.fault), (503, TimeSpan::ZERO, None));
    assert_eq!(hint, Some(Hint::Seconds(3)));
}

pub(crate) fn a_caller_that_leaves_frees_its_worker_and_its_place(world: &Arc<dyn World>) {
    play(world, slow_and_fast(&[(0, capacity(1, 2))]), |client| async move {
        let (mut works, mut waits) = (ask(&client, "/slow").await, ask(&client, "/slow").await);
        let mut patient = ask(&client, "/fast").await;
        assert_eq!(answer(&client, ask(&client, "/fast").await).await.status(), 503);
        waits.abort();
        attempt_that(&client, End::CallerReset).await;
        let late = ask(&client, "/fast").await;
        assert_eq!(
            answer(&client, ask(&client, "/fast").await).await.status(),
            503,
            "its place is taken again"
        );
        assert!(is_silent(&client, &mut patient).await);
        works.abort();
        for stream in [patient, late] {
            assert_eq!(answer(&client, stream).await.status(), 200);
        }
    });
}

pub(crate) fn where_disconnects_are_ignored_the_work_goes_on(world: &Arc<dyn World>) {
    let stubborn = Capacity { ignore_disconnect: true, ..capacity(1, 1) };
    play(world, slow_and_fast(&[(0, stubborn)]), |client| async move {
        let (mut works, mut waits) = (ask(&client, "/slow").await, ask(&client, "/fast").await);
        for leaves in [&mut waits, &mut works] {
            leaves.abort();
            attempt_that(&client, End::CallerReset).await;
        }
        assert_eq!(answer(&client, ask(&client, "/fast").await).await.status(), 503);
    });
}

pub(crate) fn ignored_work_ends_in_its_time(world: &Arc<dyn World>) {
    let (each, stubborn) =
        (TimeSpan::from_millis(20), Capacity { ignore_disconnect: true, ..capacity(1, 3) });
    let (_, recording) = play(world, always(each, &stubborn), |client| async move {
        let (mut works, mut waits) = (ask(&client, "/").await, ask(&client, "/").await);
        let patient = ask(&client, "/").await;
        works.abort();
        waits.abort();
        assert_eq!(answer(&client, patient).await.status(), 200);
    });
    let heads: Vec<Offset> = recording.attempts.iter().map(|a| a.head).collect();
    let done = recording.attempts.iter().find_map(|a| a.first_byte).unwrap();
    assert!(done >= *heads.iter().min().unwrap() + each.get() * 3, "nobody gave a worker back");
}

pub(crate) fn what_has_begun_may_be_finished_without_its_caller(world: &Arc<dyn World>) {
    let finishing = Capacity { finish_begun: true, ..capacity(1, 1) };
    play(world, slow_and_fast(&[(0, finishing)]), |client| async move {
        let (mut works, mut waits) = (ask(&client, "/slow").await, ask(&client, "/fast").await);
        for leaves in [&mut waits, &mut works] {
            leaves.abort();
            attempt_that(&client, End::CallerReset).await;
        }
        let mut patient = ask(&client, "/fast").await;
        assert_eq!(
            answer(&client, ask(&client, "/fast").await).await.status(),
            503,
            "one place was given free"
        );
        assert!(is_silent(&client, &mut patient).await, "the worker was not");
    });
}

pub(crate) fn whose_turn_comes_too_late_is_turned_away(world: &Arc<dyn World>) {
    let (each, deadline) = (TimeSpan::from_millis(200), Some(TimeSpan::from_millis(250)));
    let (_, recording) =
        play(world, always(each, &Capacity { deadline, ..capacity(1, 9) }), |client| async move {
            let (first, second) = (ask(&client, "/").await, ask(&client, "/").await);
            assert_eq!(answer(&client, first).await.status(), 200);
            let late = answer(&client, second).await;
            assert_eq!((late.status(), late.header("retry-after")), (503, Some("3")));
            assert_eq!(answer(&client, ask(&client, "/").await).await.status(), 200, "it kept no worker");
        });
    let mut attempts = recording.attempts;
    attempts.sort_by_key(|attempt| attempt.head);
    let admitted: Vec<_> = attempts.iter().map(|a| a.fate.admission).collect();
    assert_eq!(admitted, [Admission::Admitted, Admission::Overflowed, Admission::Admitted]);
    assert!(attempts[1].first_byte.unwrap() >= attempts[0].head + each.get(), "its turn had to come");
}

pub(crate) fn more_workers_begin_with_who_waits(world: &Arc<dyn World>) {
    let plan = slow_and_fast(&[(0, capacity(1, 2)), (120, capacity(2, 0))]);
    let (reply, recording) = play(world, plan, |client| async move {
        let _works = ask(&client, "/slow").await;
        answer(&client, ask(&client, "/fast").await).await
    });
    assert_eq!((reply.status(), reply.ended), (200, Ended::Whole));
    let done = recording.attempts.iter().find_map(|a| a.first_byte).unwrap();
    assert!(done >= Offset::from_millis(120), "{done}");
}

pub(crate) fn a_route_of_its_own_does_not_wait_for_the_others(world: &Arc<dyn World>) {
    let mut plan = slow_and_fast(&[(0, capacity(1, 2))]);
    let fast = &mut plan.upstreams[0].timeline[0].routes[1];
    fast.capacity.as_mut().unwrap().shared = false;
    play(world, plan, |client| async move {
        let _works = ask(&client, "/slow").await;
        assert_eq!(answer(&client, ask(&client, "/fast").await).await.status(), 200);
    });
}

pub(crate) fn latency_comes_after_the_service(world: &Arc<dyn World>) {
    let (service, latency) = (TimeSpan::from_millis(15), TimeSpan::from_millis(5));
    let served = Capacity { service: Some(Law::Constant(service.into())), ..capacity(1, 1) };
    let (_, recording) = play(world, always(latency, &served), |client| async move {
        assert_eq!(answer(&client, ask(&client, "/").await).await.status(), 200);
    });
    let attempt = only(&recording);
    assert_eq!(attempt.fate.delay, latency);
    let kept = attempt.delay.unwrap();
    assert!(kept >= latency && attempt.first_byte.unwrap() >= attempt.head + service.get() + kept.get());
}

pub(crate) fn a_slow_upload_keeps_a_worker_no_longer_than_its_work(world: &Arc<dyn World>) {
    play(world, always(TimeSpan::from_millis(5), &capacity(1, 1)), |client| async move {
        let uploads = client.enter("/").await;
        assert_eq!(answer(&client, ask(&client, "/").await).await.status(), 200);
        drop(uploads);
    });
}
