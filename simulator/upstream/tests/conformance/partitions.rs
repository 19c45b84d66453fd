//! Partitions between the caller and the upstream: nothing arrives, nothing is lost, nobody is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;
use upstorm_model::recording::End;
use upstorm_model::{Law, TimeSpan};
use upstorm_world::World;

use crate::support::{CLIENT, Client, Ended, UPSTREAM, attempt_that, behaviour, only, play, single};

const CUT: Duration = Duration::from_millis(60);

pub(crate) fn what_is_under_way_comes_after_the_heal(world: &Arc<dyn World>) {
    let control = Arc::clone(world);
    let (replies, recording) = play(world, single(behaviour()), |client| async move {
        let mut stream = client.enter("/").await;
        control.set_partitions(&[[CLIENT, UPSTREAM]]);
        let (told, answered) = oneshot::channel();
        let other = client.clone();
        client.env.spawn.spawn(async move {
            stream.write_all(b"ok").await.unwrap();
            let reply = other.read_on(&mut stream, "POST").await;
            assert!(told.send((reply, other.env.clock.now(), stream)).is_ok());
        });
        client.env.clock.sleep(CUT).await;
        let healed = client.env.clock.now();
        control.set_partitions(&[]);
        let (reply, at, mut stream) = answered.await.unwrap();
        assert!(at >= healed, "{at}");
        [reply, client.ask_on(&mut stream, Client::get("/", 2)).await]
    });
    for reply in replies {
        assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 4096, Ended::Whole));
    }
    assert!(recording.attempts.iter().all(|attempt| attempt.ended == End::Completed));
    assert_eq!((recording.attempts.len(), recording.connections.len()), (2, 1));
}

pub(crate) fn a_caller_that_gives_up_is_noticed_after_the_heal(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.latency = Law::Constant(TimeSpan::from_secs(3600).into());
    let control = Arc::clone(world);
    let ((attempt, healed), _) = play(world, single(route), |client| async move {
        let stream = client.enter("/").await;
        control.set_partitions(&[[CLIENT, UPSTREAM]]);
        drop(stream);
        client.env.clock.sleep(CUT).await;
        let healed = client.env.clock.now();
        control.set_partitions(&[]);
        (attempt_that(&client, End::CallerLeft).await, healed)
    });
    assert!(attempt.end >= healed, "{attempt:?}");
}

pub(crate) fn connects_wait_for_the_heal(world: &Arc<dyn World>) {
    let control = Arc::clone(world);
    let (healed, recording) = play(world, single(behaviour()), |client| async move {
        control.set_partitions(&[[CLIENT, UPSTREAM]]);
        let heal = client.env.clock.now() + CUT;
        assert!(client.env.clock.timeout_at(heal, client.connect()).await.is_err());
        let healed = client.env.clock.now();
        control.set_partitions(&[]);
        assert_eq!(client.ask(Client::get("/", 1)).await.status(), 200);
        healed
    });
    assert!(only(&recording).head >= healed);
}
