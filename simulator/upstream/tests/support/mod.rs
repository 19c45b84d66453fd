//! What the tests of the upstream share: plans built by hand, and a client that sees the bare bytes.

#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

mod client;
mod plans;

pub(crate) use client::{Client, Ended, Reply};
pub(crate) use plans::{
    CLIENT, UPSTREAM, behaviour, connect, fault, filler, plan, route, segments, share, single, staged,
};

use std::sync::Arc;

use upstorm_model::plan::{Plan, Role};
use upstorm_model::recording::{Attempt, Connection, End, Header, Record, Recording};
use upstorm_upstream::Upstream;
use upstorm_world::World;

/// Raises the plan's upstream, lets the story play, closes the upstream. Gives what the story saw and what was recorded.
pub(crate) fn play<T, F>(
    world: &Arc<dyn World>,
    plan: Plan,
    story: impl FnOnce(Client) -> F + Send + 'static,
) -> (T, Recording)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let (near, far) = (world.env(CLIENT, Role::Client), world.env(UPSTREAM, Role::Upstream));
    let recorder = far.recorder.clone();
    let seen = world.run(async move {
        let upstream = Upstream::raise(far, Arc::new(plan), 0).await.unwrap();
        let seen = story(Client::new(near)).await;
        upstream.close().await;
        seen
    });
    (seen.unwrap(), Recording::from_records(Header::default(), recorder.take()))
}

/// Waits for an attempt that ended so, and takes it and all that was recorded before it out of the recording.
pub(crate) async fn attempt_that(client: &Client, ended: End) -> Attempt {
    for _ in 0..10_000 {
        let found = client.env.recorder.take().into_iter().find_map(|record| match record {
            Record::Attempt(attempt) if attempt.ended == ended => Some(attempt),
            _ => None,
        });
        if let Some(attempt) = found {
            return attempt;
        }
        client.env.clock.sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("no attempt ended as {ended:?}")
}

/// The one attempt that was recorded.
pub(crate) fn only(recording: &Recording) -> &Attempt {
    assert_eq!(recording.attempts.len(), 1, "{:#?}", recording.attempts);
    &recording.attempts[0]
}

/// The one connection that was recorded.
pub(crate) fn only_connection(recording: &Recording) -> &Connection {
    assert_eq!(recording.connections.len(), 1, "{:#?}", recording.connections);
    &recording.connections[0]
}
