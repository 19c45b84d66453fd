//! What the first requests after a silence meet.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::{Plan, RouteBehaviour, UpstreamSegment};
use upstorm_model::recording::{Attempt, End, Holder, Origin, Recording};
use upstorm_model::scenario::{Connect, Ending, Probes};
use upstorm_model::{Offset, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, attempt_that, behaviour, play, segments, single};

/// Far more than two requests in a row take, over any world.
const SILENCE: TimeSpan = TimeSpan::from_millis(300);

fn probes() -> Probes {
    Probes { after_silence: SILENCE, first: 1, late: None, never: false, then: None }
}

fn then(status: u16) -> Option<Ending> {
    Some(Ending { status: Some(status), ..Ending::default() })
}

fn probing(probes: Probes) -> RouteBehaviour {
    RouteBehaviour { probes: Some(probes), ..behaviour() }
}

async fn ask(client: &Client, call: u64) -> u16 {
    client.ask(Client::get("/", call)).await.status()
}

/// Says nothing for a silence and a little more.
async fn be_silent(client: &Client) {
    client.env.clock.sleep_until(client.env.clock.now() + SILENCE.get() + Duration::from_millis(5)).await;
}

/// The silences that the attempts, by their call, came after.
fn silences(recording: &Recording) -> Vec<Option<u32>> {
    by_call(recording).iter().map(|attempt| attempt.held.map(|held| held.group)).collect()
}

fn by_call(recording: &Recording) -> Vec<&Attempt> {
    let mut attempts: Vec<&Attempt> = recording.attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.keys.call);
    attempts
}

pub(crate) fn the_first_after_a_silence_are_probes(world: &Arc<dyn World>) {
    let plan: Plan = single(probing(Probes { first: 2, then: then(503), ..probes() }));
    let (statuses, recording) = play(world, plan, |client| async move {
        let mut statuses = vec![ask(&client, 0).await];
        for round in 0..2 {
            be_silent(&client).await;
            for call in 1..=3 {
                statuses.push(ask(&client, 3 * round + call).await);
            }
        }
        statuses
    });
    assert_eq!(statuses, [200, 503, 503, 200, 503, 503, 200]);
    assert_eq!(silences(&recording), [None, Some(0), Some(0), None, Some(1), Some(1), None]);
    let by_probe = |attempt: &&&Attempt| attempt.fate.origin == Origin::Held(Holder::Probe);
    assert_eq!(by_call(&recording).iter().filter(by_probe).count(), 4);
}

pub(crate) fn a_probe_is_answered_late(world: &Arc<dyn World>) {
    let late = TimeSpan::from_millis(60);
    let plan = single(probing(Probes { first: 9, late: Some(late), ..probes() }));
    let (_, recording) = play(world, plan, |client| async move {
        ask(&client, 0).await;
        be_silent(&client).await;
        let mut both = [client.enter_as(1).await, client.enter_as(2).await];
        for stream in &mut both {
            assert_eq!(client.read_on(stream, "POST").await.status(), 200);
        }
        // Its probes are answered, and there was no silence since.
        ask(&client, 3).await
    });
    assert_eq!(silences(&recording), [None, Some(0), Some(0), None]);
    for attempt in &by_call(&recording)[1..3] {
        assert!(attempt.first_byte.unwrap() >= attempt.head + late.get());
        assert!(
            attempt.held.unwrap().lasted.unwrap().get() > late.get() / 2,
            "but for what it took to send it"
        );
        assert_eq!(attempt.fate.origin, Origin::Drawn, "it is answered as ever");
    }
}

pub(crate) fn a_probe_may_never_be_answered(world: &Arc<dyn World>) {
    let plan = single(probing(Probes { never: true, ..probes() }));
    let ((), recording) = play(world, plan, |client| async move {
        ask(&client, 0).await;
        be_silent(&client).await;
        let mut probe = client.enter_as(1).await;
        // Another comes after it, and is answered.
        let mut other = client.enter("/").await;
        other.write_all(b"ok").await.unwrap();
        assert_eq!(client.read_on(&mut other, "POST").await.status(), 200);
        probe.abort();
        let left = attempt_that(&client, End::CallerReset).await;
        let held = left.held.unwrap();
        assert_eq!((held.by, held.group, held.lasted), (Holder::Probe, 0, None));
        assert_eq!((left.status, left.fate.origin), (None, Origin::Held(Holder::Probe)));
    });
    assert!(recording.attempts.iter().all(|attempt| attempt.held.is_none()));
}

pub(crate) fn a_silence_may_begin_before_its_phase(world: &Arc<dyn World>) {
    let segment = |route| UpstreamSegment { connect: Connect::default(), routes: vec![route] };
    let listens = probing(Probes { then: then(503), ..probes() });
    let plan = segments(vec![(0, segment(behaviour())), (250, segment(listens))]);
    let (statuses, _) = play(world, plan, |client| async move {
        let before = ask(&client, 0).await;
        client.env.clock.sleep_until(Offset::from_millis(600)).await;
        [before, ask(&client, 1).await, ask(&client, 2).await]
    });
    assert_eq!(statuses, [200, 503, 200]);
}

pub(crate) fn who_says_what_it_meets_is_no_probe(world: &Arc<dyn World>) {
    let mut plan = single(probing(Probes { then: then(503), ..probes() }));
    plan.upstreams[0].fate_header = true;
    let (statuses, _) = play(world, plan, |client| async move {
        ask(&client, 0).await;
        be_silent(&client).await;
        let demand = "GET / HTTP/1.1\r\nhost: x\r\nx-upstorm-fate: status=418\r\n\r\n";
        let demanded = client.ask(demand).await.status();
        [demanded, ask(&client, 1).await]
    });
    assert_eq!(statuses, [418, 200], "it has broken the silence");
}
