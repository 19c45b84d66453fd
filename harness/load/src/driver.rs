//! Drives one client's load from its first call to its last: the loops, the wait for what is in flight, the
//! count.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, join, select};
use tokio::sync::oneshot;
use upstorm_model::plan::Plan;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_model::{HostId, Offset};
use upstorm_world::Env;

use crate::load::ClientLoad;
use crate::{Caller, LoadSummary, Stop, closed, open};

/// How long calls in flight are waited for when the load was stopped before its time.
const BRIEF: Duration = Duration::from_secs(1);
/// How often calls in flight are counted for the recording.
const SAMPLED_EVERY: Duration = Duration::from_secs(1);

/// Drives one client's load.
#[must_use = "nothing is sent before it runs"]
pub struct Driver(Option<ClientLoad>);

/// Drives one client's load to its end: see [`Driver`].
pub async fn drive(env: Env, plan: Arc<Plan>, client: usize, caller: Arc<dyn Caller>) -> LoadSummary {
    Driver::new(env, plan, client, caller).run().await
}

impl Driver {
    /// For the plan's client of this index; for an index of another plan there is nothing to drive.
    pub fn new(env: Env, plan: Arc<Plan>, client: usize, caller: Arc<dyn Caller>) -> Self {
        Self(ClientLoad::new(env, plan, client, caller))
    }

    /// Obeys this handle beside others' loads that do.
    pub fn with_stop(self, stop: Stop) -> Self {
        Self(self.0.map(|mut load| {
            load.stop = stop;
            load
        }))
    }

    /// Sends the whole load on the client's own tasks, then waits for the calls in flight: until each one's
    /// timeout, and at most as long as the plan lets runs drain. What is then left is recorded as censored
    /// and stopped.
    pub async fn run(self) -> LoadSummary {
        let Some(load) = self.0.map(Arc::new) else { return LoadSummary::default() };
        let (tell, ended) = oneshot::channel();
        let at_work = Arc::clone(&load);
        load.env.spawn.spawn(async move {
            let work = pin!(work(&at_work));
            let sampling = pin!(sample(&at_work));
            if let Either::Right((never, _)) = select(work, sampling).await {
                match never {}
            }
            // Nobody waits any more if the run itself was given up.
            let _ = tell.send(());
        });
        // An error means that the world dropped the task; what was counted until then still holds.
        let _ = ended.await;
        load.tally.summary()
    }
}

/// Both loops, then the end.
async fn work(load: &Arc<ClientLoad>) {
    join(open::run(Arc::clone(load)), closed::run(Arc::clone(load))).await;
    // A closed loop has no last call of its own: it goes on until the end of the plan.
    load.stop.wait_until(&load.env.clock, load.plan.end).await;
    drain(load).await;
    load.give_up();
}

/// Waits for the calls in flight, as long as the plan says; only briefly once the load is stopped.
async fn drain(load: &ClientLoad) {
    let clock = &load.env.clock;
    let patience = load.plan.end.max(clock.now()) + load.plan.drain.get();
    let mut landed = pin!(load.flights.all_landed());
    tokio::select! {
        biased;
        () = &mut landed => return,
        () = load.stop.stopped() => {}
        () = clock.sleep_until(patience) => return,
    }
    let _ = clock.timeout_at(patience.min(clock.now() + BRIEF), landed).await;
}

/// A promise that is never kept.
enum Never {}

/// Counts the calls in flight every second.
async fn sample(load: &ClientLoad) -> Never {
    let host: HostId = load.env.host;
    let mut at = Offset::ZERO;
    loop {
        load.env.clock.sleep_until(at).await;
        let in_flight = u32::try_from(load.flights.count()).unwrap_or(u32::MAX);
        let kind = MarkKind::InFlight(host, in_flight);
        load.env.recorder.record(Record::Mark(Mark { at: load.env.clock.now(), kind }));
        at = load.env.clock.now().max(at) + SAMPLED_EVERY;
    }
}
