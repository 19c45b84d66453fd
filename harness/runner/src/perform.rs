//! Perform: a plan in a world, from raising who takes part to the last record.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use upstorm_load::{Driver, LoadSummary, Stop};
use upstorm_model::plan::Role;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_model::{HostId, Offset, Plan};
use upstorm_world::{BindError, Env, World};

use crate::Cast;
use crate::conductor::{follow_segments, sample_noise};
use crate::topology::{RaiseError, Topology};

/// How much later than any call may end the load is taken for one that will not end.
const GRACE: Duration = Duration::from_secs(1);

/// Why a plan could not be performed.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    /// Somebody who takes part could not be raised.
    #[error(transparent)]
    Raise(#[from] RaiseError),
    /// Whoever watches and steers could not be let in.
    #[error("nobody could be let in to watch and steer (set by `--admin`)")]
    Beside(#[from] BindError),
}

/// What the harness says of its own part. The rest is in the recording.
#[derive(Debug, Clone, Default)]
pub struct Performance {
    /// For each client of the plan.
    pub loads: Vec<LoadSummary>,
    /// True when it was stopped before its end.
    pub interrupted: bool,
}

/// Performs the plan: raise, drive the load through all segments, wait for what is in flight, close.
///
/// # Errors
/// When an address cannot be listened on. What goes wrong later is in the recording.
pub async fn perform(
    cast: impl Into<Cast>,
    world: Arc<dyn World>,
    stop: Stop,
) -> Result<Performance, PerformError> {
    perform_raised(cast.into(), world, stop, |_| std::future::ready(Ok(()))).await
}

/// The same, telling somebody when everybody is raised and before anything begins.
pub(crate) async fn perform_raised<F: Future<Output = Result<(), BindError>>>(
    cast: Cast,
    world: Arc<dyn World>,
    stop: Stop,
    raised: impl FnOnce(&Topology) -> F,
) -> Result<Performance, PerformError> {
    let topology = Topology::raise(&cast, &*world).await?;
    let plan = Arc::clone(cast.plan());
    if let Err(error) = raised(&topology).await {
        topology.close().await;
        return Err(error.into());
    }
    let env = world.env(conductor_host(&plan), Role::Client);
    world.begin();
    let ending = Stop::new();
    let load = drive_all(&plan, &*world, &topology, &ending);
    let load = until_hopeless(load, (&stop, &ending), &env, hopeless_at(&plan));
    let loads = conducted(&plan, &world, &env, load).await;
    world.set_partitions(&[]);
    topology.close().await;
    mark(&env, MarkKind::End);
    Ok(Performance { loads, interrupted: stop.is_stopped() })
}

/// By when a load that keeps up is done in any case: its last call is due before the end, and waited for that long.
pub(crate) fn hopeless_at(plan: &Plan) -> Offset {
    plan.end + plan.drain.get() + GRACE
}

/// Runs the load until it is done, somebody stops it, or it is hopelessly late: a machine that cannot keep up with the
/// declared rate would go on sending for ever, and the run must end for the checks to say so.
///
/// An interruption is marked where it takes effect, so that everything before the mark is as it would have been.
async fn until_hopeless<T>(
    load: impl Future<Output = T>,
    (stop, ending): (&Stop, &Stop),
    env: &Env,
    hopeless: Offset,
) -> T {
    let (stopped, late) = (pin!(stop.stopped()), pin!(env.clock.sleep_until(hopeless)));
    match select(pin!(load), select(stopped, late)).await {
        Either::Left((done, _)) => done,
        Either::Right((why, load)) => {
            if matches!(why, Either::Left(_)) {
                mark(env, MarkKind::Interrupted);
            }
            ending.stop();
            load.await
        }
    }
}

/// Runs the load with the conductor beside it; the conductor ends when the load does.
async fn conducted(
    plan: &Arc<Plan>,
    world: &Arc<dyn World>,
    env: &Env,
    load: impl Future<Output = Vec<LoadSummary>>,
) -> Vec<LoadSummary> {
    let segments = follow_segments(Arc::clone(plan), Arc::clone(world), env.clone());
    let noise = sample_noise(env.clone(), plan.end);
    let conductor = Box::pin(futures_util::future::join(segments, noise));
    match select(Box::pin(load), conductor).await {
        Either::Left((loads, _)) => loads,
        Either::Right((_, load)) => load.await,
    }
}

async fn drive_all(
    plan: &Arc<Plan>,
    world: &dyn World,
    topology: &Topology,
    stop: &Stop,
) -> Vec<LoadSummary> {
    let loads = plan.clients.iter().zip(&topology.clients).enumerate().map(|(index, (client, caller))| {
        let env = world.env(client.host, Role::Client);
        Driver::new(env, Arc::clone(plan), index, Arc::clone(caller)).with_stop(stop.clone()).run()
    });
    join_all(loads).await
}

/// The conductor speaks from the first client's place.
fn conductor_host(plan: &Plan) -> HostId {
    plan.clients.first().map_or(HostId(0), |client| client.host)
}

fn mark(env: &Env, kind: MarkKind) {
    env.recorder.record(Record::Mark(Mark { at: env.clock.now(), kind }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_world::Recorder;
    use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};

    /// A load that ends only when it is told to, and a second of hope for it: whether it was told, when it ended, and the
    /// marks.
    fn told_after(stop: Stop) -> (bool, Offset, Vec<Record>) {
        let recorder = Recorder::in_memory();
        let options = SimulatedOptions { recorder: recorder.clone(), ..SimulatedOptions::default() };
        let world = SimulatedWorld::new(options).expect("a world can be made");
        let env = World::env(&world, HostId(0), Role::Client);
        let ended = world.run(async move {
            let ending = Stop::new();
            let hopeless = Offset::from_nanos(1_000_000_000);
            until_hopeless(ending.stopped(), (&stop, &ending), &env, hopeless).await;
            (ending.is_stopped(), env.clock.now())
        });
        let (told, when) = ended.expect("the load ends");
        (told, when, recorder.take())
    }

    #[test]
    fn a_load_that_would_go_on_for_ever_is_ended_and_the_run_is_not_called_interrupted() {
        assert_eq!(told_after(Stop::new()), (true, Offset::from_nanos(1_000_000_000), Vec::new()));
    }

    #[test]
    fn a_stop_from_outside_ends_the_load_at_once_and_is_marked_there() {
        let stop = Stop::new();
        stop.stop();
        let interrupted = Record::Mark(Mark { at: Offset::ZERO, kind: MarkKind::Interrupted });
        assert_eq!(told_after(stop), (true, Offset::ZERO, vec![interrupted]));
    }
}
