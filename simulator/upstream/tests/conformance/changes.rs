//! What is changed by hand while an upstream goes on.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::{Plan, Role, RouteBehaviour, RouteCapacity, UpstreamSegment};
use upstorm_model::recording::{Header, MarkKind, Recording};
use upstorm_model::scenario::{
    Behaviour, Capacity, Connect, Limit, Overflow, Reject, RouteMatch, StatusEntry, StatusMix,
};
use upstorm_model::{Law, Offset, Rate, Ratio, RouteId, TimeSpan};
use upstorm_upstream::{ChangeError, Control, Jump, Upstream, Word};
use upstorm_world::World;

use crate::support::{CLIENT, Client, UPSTREAM, behaviour, connect, route, segments, share, single, staged};

const ROUTE: RouteId = RouteId(0);

fn word(what: &str) -> Word {
    Word { by: "a test".to_owned(), what: what.to_owned() }
}

fn always(status: u16) -> StatusMix {
    StatusMix([(status, StatusEntry::Share(share(1.0)))].into())
}

/// Plays a story with a hand on the upstream. Gives what was recorded.
fn steer<F>(
    world: &Arc<dyn World>,
    plan: Plan,
    story: impl FnOnce(Client, Control) -> F + Send + 'static,
) -> Recording
where
    F: Future<Output = ()> + Send + 'static,
{
    let (near, far) = (world.env(CLIENT, Role::Client), world.env(UPSTREAM, Role::Upstream));
    let recorder = far.recorder.clone();
    let played = world.run(async move {
        let upstream = Upstream::raise(far, Arc::new(plan), 0).await.unwrap();
        story(Client::new(near), upstream.control()).await;
        upstream.close().await;
    });
    played.unwrap();
    Recording::from_records(Header::default(), recorder.take())
}

async fn status(client: &Client) -> u16 {
    client.ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.status()
}

fn put(control: &Control, over: Behaviour) -> Offset {
    let rewrite = control.rewrite(ROUTE, over).unwrap();
    control.put_in_force(rewrite, word("set")).at()
}

/// Before the change the plan, after it the change, and both can be told apart by their times.
pub(crate) fn a_change_is_in_force_for_all_that_comes_after_it(world: &Arc<dyn World>) {
    let recording = steer(world, single(behaviour()), async |client, control| {
        assert_eq!(status(&client).await, 200);
        put(&control, Behaviour { status: Some(always(503)), ..Behaviour::default() });
        assert_eq!(status(&client).await, 503);
        let now = control.route(ROUTE).unwrap();
        assert_eq!((now.in_force.status, now.planned.status), (always(503), StatusMix::default()));
        put(&control, Behaviour::default());
        assert_eq!(status(&client).await, 200);
        assert!(control.route(ROUTE).unwrap().since.is_none());
    });
    let changes =
        recording.marks.iter().filter(|mark| matches!(&mark.kind, MarkKind::Changed(c) if c.by == "a test"));
    let [set, taken_back] = changes.map(|mark| mark.at).collect::<Vec<_>>()[..] else { panic!("two marks") };
    for attempt in &recording.attempts {
        let changed = attempt.head >= set && attempt.head < taken_back;
        assert_eq!(attempt.status, Some(if changed { 503 } else { 200 }), "{attempt:?}");
    }
}

/// What cannot be sent is refused whole.
pub(crate) fn a_change_that_cannot_be_performed_changes_nothing(world: &Arc<dyn World>) {
    let recording = steer(world, single(behaviour()), async |client, control| {
        let impossible = Behaviour { status: Some(always(101)), ..Behaviour::default() };
        assert!(matches!(control.rewrite(ROUTE, impossible), Err(ChangeError::Behaviour { .. })));
        let nobody = control.rewrite(RouteId(7), Behaviour::default());
        assert_eq!(nobody.err(), Some(ChangeError::NoSuchRoute(7)));
        assert_eq!(status(&client).await, 200);
    });
    assert!(recording.marks.is_empty());
}

/// A limit that is left alone goes on with the tokens that it has.
pub(crate) fn a_change_hands_out_no_new_burst(world: &Arc<dyn World>) {
    let rate = Rate::per_second(1e-6).into();
    let limit = Limit { rate, burst: Some(1), key: None, reject: Reject::default() };
    let plan = single(RouteBehaviour { limit: Some(limit.clone()), ..behaviour() });
    steer(world, plan, async move |client, control| {
        assert_eq!((status(&client).await, status(&client).await), (200, 429));
        let over = Behaviour { status: Some(always(201)), ..Behaviour::default() };
        put(&control, over.clone());
        assert_eq!(status(&client).await, 429, "the bucket is as empty as before");
        put(&control, Behaviour { limit: Some(Limit { burst: Some(2), ..limit }), ..over });
        assert_eq!(
            (status(&client).await, status(&client).await),
            (201, 201),
            "a limit that is set has its burst"
        );
        assert_eq!(status(&client).await, 429);
    });
}

/// Doors and routes follow a jump; a reset leads back to what is planned for the time.
pub(crate) fn a_jump_leads_to_another_segment_and_a_reset_back(world: &Arc<dyn World>) {
    let shut = Connect { refuse: Some(Ratio::new(1.0)), ..Connect::default() };
    let teapot = RouteBehaviour { status: always(418), ..behaviour() };
    let pot = UpstreamSegment { connect: Connect::default(), routes: vec![teapot] };
    let far = 3_600_000;
    let plan = segments(vec![(0, connect(Connect::default())), (far, connect(shut)), (2 * far, pot)]);
    steer(world, plan, async move |client, control| {
        let to = |ms: u64, until: Option<u64>| Jump {
            to: Offset::from_millis(ms),
            until: until.map(Offset::from_millis),
        };
        assert_eq!(status(&client).await, 200);
        drop(control.jump(to(2 * far, None), word("jump")));
        assert_eq!(status(&client).await, 418);
        assert!(control.standing().jumped && !control.standing().held);
        drop(control.jump(to(far, Some(2 * far)), word("jump")));
        for _ in 0..10_000 {
            if client.connect().await.is_err() {
                break;
            }
        }
        assert!(client.connect().await.is_err(), "nobody listens");
        assert_eq!((control.standing().segment, control.standing().held), (1, true));
        drop(control.reset(word("reset")));
        for _ in 0..10_000 {
            if client.connect().await.is_ok() {
                break;
            }
        }
        assert_eq!(status(&client).await, 200);
        assert!(!control.standing().jumped);
    });
}

/// A jump to a time with more workers lets those begin who wait.
pub(crate) fn a_jump_brings_the_workers_of_its_segment(world: &Arc<dyn World>) {
    let with = |workers| {
        let (overflow, service) =
            (Overflow::default(), Some(Law::Constant(TimeSpan::from_secs(86_400).into())));
        let setting = Capacity {
            workers,
            queue: 5,
            service,
            overflow,
            ignore_disconnect: false,
            finish_begun: false,
            deadline: None,
        };
        let capacity = Some(RouteCapacity { shared: true, setting });
        let routes = vec![RouteBehaviour { capacity, ..behaviour() }];
        UpstreamSegment { connect: Connect::default(), routes }
    };
    let plan =
        staged(vec![route("default", RouteMatch::default())], vec![(0, with(1)), (3_600_000, with(3))]);
    steer(world, plan, async |client, control| {
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut stream = client.enter("/").await;
            stream.write_all(b"ok").await.unwrap();
            open.push(stream);
        }
        let load = |control: &Control| control.standing().queues.first().map(|q| (q.busy, q.waiting));
        assert_eq!(load(&control), Some((1, 2)));
        drop(control.jump(Jump { to: Offset::from_millis(3_600_000), until: None }, word("jump")));
        assert_eq!(load(&control), Some((3, 0)));
        drop(open);
    });
}
