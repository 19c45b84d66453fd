//! Cohorts that are let go at one instant.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::{Plan, UpstreamSegment};
use upstorm_model::recording::{Attempt, End, Held, Holder, Origin, Recording};
use upstorm_model::scenario::{
    Connect, Cut, CutAt, Ending, FaultKind, Hold, Limit, Reject, StatusEntry, StatusMix, StatusTable,
};
use upstorm_model::{Law, Offset, Rate, Ratio, TimeSpan};
use upstorm_world::{Stream, World};

use crate::support::{Client, Ended, attempt_that, behaviour, only, play, segments, single};

/// Longer than any test.
const FOR_EVER: TimeSpan = TimeSpan::from_secs(3600);

fn failing(calls: u32) -> Hold {
    let then = Ending { status: Some(503), ..Ending::default() };
    Hold { calls, within: FOR_EVER, again: false, retries: false, then: Some(then) }
}

fn holding(hold: Hold) -> Plan {
    let mut route = behaviour();
    route.hold = Some(hold);
    single(route)
}

async fn status(client: &Client, mut stream: Stream) -> u16 {
    client.read_on(&mut stream, "POST").await.status()
}

/// Attempts by the number of their call.
fn by_call(recording: &Recording) -> Vec<&Attempt> {
    let mut attempts: Vec<&Attempt> = recording.attempts.iter().collect();
    attempts.sort_by_key(|attempt| (attempt.keys.call, attempt.ordinal));
    attempts
}

/// The cohorts that attempts were held with.
fn cohorts(recording: &Recording) -> Vec<Option<u32>> {
    by_call(recording).iter().map(|attempt| attempt.held.map(|held| held.group)).collect()
}

pub(crate) fn a_cohort_is_answered_at_one_instant(world: &Arc<dyn World>) {
    let (statuses, recording) = play(world, holding(failing(100)), |client| async move {
        let mut streams = Vec::new();
        for call in 0..100 {
            streams.push(client.enter_as(call).await);
        }
        let mut statuses = Vec::new();
        for stream in streams {
            statuses.push(status(&client, stream).await);
        }
        statuses.push(status(&client, client.enter_as(100).await).await);
        statuses
    });
    assert!(statuses[..100].iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(statuses[100], 200, "one cohort is all");
    let attempts = by_call(&recording);
    let (cohort, after) = attempts.split_at(100);
    let last = cohort.iter().map(|attempt| attempt.head).max().unwrap();
    let first_bytes = || cohort.iter().map(|attempt| attempt.first_byte.unwrap());
    assert!(first_bytes().all(|at| at >= last), "nobody was answered before the last had come");
    let took = first_bytes().max().unwrap().since(first_bytes().min().unwrap());
    // Far more than it takes, for a machine that has other things to do.
    assert!(took < Duration::from_millis(100), "{took:?}");
    for attempt in cohort {
        let held = attempt.held.unwrap();
        assert_eq!((held.by, held.group), (Holder::Cohort, 0));
        assert!(held.lasted.unwrap().get() <= attempt.first_byte.unwrap().since(attempt.head));
        assert_eq!(attempt.fate.origin, Origin::Held(Holder::Cohort));
        assert!(attempt.delay.unwrap().get() < Duration::from_millis(100), "the hold is no delay");
    }
    assert_eq!((after[0].held, after[0].fate.origin), (None, Origin::Drawn));
}

pub(crate) fn a_cohort_may_meet_what_is_drawn(world: &Arc<dyn World>) {
    let share = |part| StatusEntry::Share(Ratio::new(part).into());
    let mut route = behaviour();
    let rest = StatusEntry::Table(StatusTable::default());
    route.status = StatusMix([(200, rest), (503, share(0.5))].into());
    let plain = single(route.clone());
    route.hold = Some(Hold { then: None, ..failing(30) });
    let ask_all = |client: Client| async move {
        let mut streams = Vec::new();
        for call in 0..30 {
            streams.push(client.enter_as(call).await);
        }
        let mut statuses = Vec::new();
        for stream in streams {
            statuses.push(status(&client, stream).await);
        }
        statuses
    };
    let (held, recording) = play(world, single(route), ask_all);
    let (free, _) = play(world, plain, ask_all);
    assert_eq!(held, free, "being held changes no draw");
    assert!(held.contains(&200) && held.contains(&503));
    assert!(recording.attempts.iter().all(|a| a.fate.origin == Origin::Drawn && a.held.is_some()));
}

pub(crate) fn a_cohort_may_be_reset(world: &Arc<dyn World>) {
    let reset = FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders });
    let then = Ending { fault: Some(reset), ..Ending::default() };
    let (ends, recording) =
        play(world, holding(Hold { then: Some(then), ..failing(3) }), |client| async move {
            let mut streams =
                vec![client.enter_as(0).await, client.enter_as(1).await, client.enter_as(2).await];
            let mut ends = Vec::new();
            for stream in &mut streams {
                ends.push(client.drain(stream).await.1);
            }
            ends
        });
    assert_eq!(ends, [Ended::Reset; 3]);
    assert!(recording.attempts.iter().all(|attempt| attempt.ended == End::Reset));
    assert!(recording.attempts.iter().all(|attempt| attempt.held.unwrap().lasted.is_some()));
}

pub(crate) fn retries_are_held_only_where_it_is_said(world: &Arc<dyn World>) {
    for (retries, expected) in [(false, [Some(0), None, Some(0)]), (true, [Some(0), Some(0), None])] {
        let plan = holding(Hold { retries, again: false, ..failing(2) });
        let (_, recording) = play(world, plan, move |client| async move {
            let first = client.enter_as(1).await;
            let retry = client.enter_as(1).await;
            let other = client.enter_as(2).await;
            for stream in [first, retry, other] {
                status(&client, stream).await;
            }
        });
        assert_eq!(cohorts(&recording), expected, "retries = {retries}");
    }
}

pub(crate) fn time_lets_a_cohort_go_that_is_too_small(world: &Arc<dyn World>) {
    let within = TimeSpan::from_millis(40);
    let (_, recording) = play(world, holding(Hold { within, ..failing(3) }), |client| async move {
        let both = [client.enter_as(0).await, client.enter_as(1).await];
        for stream in both {
            assert_eq!(status(&client, stream).await, 503);
        }
        assert_eq!(status(&client, client.enter_as(2).await).await, 200, "there was one");
    });
    let first = recording.attempts.iter().map(|attempt| attempt.head).min().unwrap();
    let held = recording.attempts.iter().filter(|attempt| attempt.held.is_some());
    assert!(held.clone().all(|attempt| attempt.first_byte.unwrap() >= first + within.get()));
    assert_eq!(held.count(), 2);
}

pub(crate) fn a_caller_that_leaves_makes_room_in_its_cohort(world: &Arc<dyn World>) {
    let ((), recording) = play(world, holding(failing(2)), |client| async move {
        let mut leaves = client.enter_as(0).await;
        leaves.abort();
        let left = attempt_that(&client, End::CallerReset).await;
        assert_eq!(left.held, Some(Held { by: Holder::Cohort, group: 0, lasted: None }));
        let both = [client.enter_as(1).await, client.enter_as(2).await];
        for stream in both {
            assert_eq!(status(&client, stream).await, 503);
        }
    });
    assert_eq!(cohorts(&recording), [Some(1), Some(1)], "whom all have left has never begun");
}

pub(crate) fn one_cohort_follows_another_where_it_is_asked_for(world: &Arc<dyn World>) {
    let (_, recording) = play(world, holding(Hold { again: true, ..failing(2) }), |client| async move {
        for pair in 0..3 {
            let both = [client.enter_as(2 * pair).await, client.enter_as(2 * pair + 1).await];
            for stream in both {
                assert_eq!(status(&client, stream).await, 503);
            }
        }
    });
    assert_eq!(cohorts(&recording), [0, 0, 1, 1, 2, 2].map(Some));
}

pub(crate) fn a_cohort_waits_for_the_latency_of_all(world: &Arc<dyn World>) {
    let latency = TimeSpan::from_millis(30);
    let mut route = behaviour();
    (route.latency, route.hold) = (Law::Constant(latency.into()), Some(failing(2)));
    let (_, recording) = play(world, single(route), |client| async move {
        let both = [client.enter_as(0).await, client.enter_as(1).await];
        for stream in both {
            assert_eq!(status(&client, stream).await, 503);
        }
    });
    let last = recording.attempts.iter().map(|attempt| attempt.head).max().unwrap();
    for attempt in &recording.attempts {
        assert!(attempt.first_byte.unwrap() >= last + latency.get());
        assert!(attempt.delay.unwrap() >= latency && attempt.fate.delay == latency);
    }
}

pub(crate) fn who_is_turned_away_is_in_no_cohort(world: &Arc<dyn World>) {
    let mut route = behaviour();
    let reject = Reject::default();
    let rate = Rate::per_second(1e-6).into();
    (route.limit, route.hold) = (Some(Limit { rate, burst: Some(2), key: None, reject }), Some(failing(3)));
    let ((limited, _held), recording) = play(world, single(route), |client| async move {
        let held = [client.enter_as(0).await, client.enter_as(1).await];
        (status(&client, client.enter_as(2).await).await, held)
    });
    let mut statuses: Vec<(bool, End)> =
        recording.attempts.iter().map(|attempt| (attempt.held.is_some(), attempt.ended)).collect();
    statuses.sort_unstable();
    assert_eq!(limited, 429);
    assert_eq!(statuses, [(false, End::Completed), (true, End::Unfinished), (true, End::Unfinished)]);
}

pub(crate) fn each_phase_gathers_anew(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.hold = Some(failing(2));
    let segment = || UpstreamSegment { connect: Connect::default(), routes: vec![route.clone()] };
    let plan = segments(vec![(0, segment()), (200, segment())]);
    let (_, recording) = play(world, plan, |client| async move {
        let begun = [client.enter_as(0).await, client.enter_as(1).await];
        for stream in begun {
            assert_eq!(status(&client, stream).await, 503);
        }
        assert_eq!(status(&client, client.enter_as(2).await).await, 200);
        client.env.clock.sleep_until(Offset::from_millis(210)).await;
        let anew = [client.enter_as(3).await, client.enter_as(4).await];
        for stream in anew {
            assert_eq!(status(&client, stream).await, 503);
        }
    });
    assert_eq!(cohorts(&recording), [Some(0), Some(0), None, Some(1), Some(1)]);
}

pub(crate) fn who_is_held_at_the_end_is_unfinished(world: &Arc<dyn World>) {
    let (_stream, recording) = play(world, holding(failing(2)), |client| async move {
        let mut stream = client.enter("/").await;
        stream.write_all(b"ok").await.unwrap();
        stream
    });
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.status), (End::Unfinished, None));
    assert_eq!(attempt.held, Some(Held { by: Holder::Cohort, group: 0, lasted: None }));
}
