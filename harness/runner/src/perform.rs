//! Perform: a plan in a world, from raising who takes part to the last record.

use std::sync::Arc;

use futures_util::future::{Either, join_all, select};
use upstorm_load::{Caller, Driver, LoadSummary, Stop};
use upstorm_model::plan::Role;
use upstorm_model::recording::{Mark, MarkKind, Record};
use upstorm_model::{HostId, Plan};
use upstorm_world::{Env, World};

use crate::caller::ReferenceCaller;
use crate::conductor::{follow_segments, sample_noise};
use crate::topology::{RaiseError, Topology};

/// Why a plan could not be performed.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    /// Somebody who takes part could not be raised.
    #[error(transparent)]
    Raise(#[from] RaiseError),
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
    plan: Arc<Plan>,
    world: Arc<dyn World>,
    stop: Stop,
) -> Result<Performance, PerformError> {
    let topology = Topology::raise(&plan, &*world).await?;
    let env = world.env(conductor_host(&plan), Role::Client);
    world.begin();
    let loads = conducted(&plan, &world, &env, drive_all(&plan, &*world, &topology, &stop)).await;
    world.set_partitions(&[]);
    topology.close().await;
    let interrupted = stop.is_stopped();
    if interrupted {
        mark(&env, MarkKind::Interrupted);
    }
    mark(&env, MarkKind::End);
    Ok(Performance { loads, interrupted })
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
    let loads = plan.clients.iter().zip(&topology.clients).enumerate().map(|(index, (client, reference))| {
        let env = world.env(client.host, Role::Client);
        let caller: Arc<dyn Caller> = Arc::new(ReferenceCaller(Arc::clone(reference)));
        Driver::new(env, Arc::clone(plan), index, caller).with_stop(stop.clone()).run()
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
