//! Beside: a run over real sockets that somebody watches and steers while it goes on.
//!
//! The run does not wait for them and does not know what they say; they are let in when everybody is raised and before
//! anything begins. In the simulated world half a minute is over in a second and nobody outside shares its time, so
//! there is nobody to let in.

use std::pin::Pin;
use std::sync::Arc;

use upstorm_load::Stop;
use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;
use upstorm_upstream::Control;
use upstorm_world::real::Stopwatch;
use upstorm_world::{BindError, Env, Recorder, World};

use crate::perform::perform_raised;
use crate::worlds::told;
use crate::{Performed, Topology, WorldError, real_world};

/// Lets somebody in: with the environment of one who is no host of the plan, and handles on the upstreams in the order of
/// the plan. Fails where they cannot listen.
pub type LetIn =
    Box<dyn FnOnce(Env, Vec<Control>) -> Pin<Box<dyn Future<Output = Result<(), BindError>> + Send>> + Send>;

/// Performs the plan over real sockets, whatever world it asks for, with somebody beside.
///
/// # Errors
/// When the world cannot be made, somebody who takes part cannot be raised, or whoever watches cannot listen.
pub fn perform_beside(
    plan: &Arc<Plan>,
    recorder: Recorder,
    stop: &Stop,
    let_in: LetIn,
) -> Result<Performed, WorldError> {
    let watch = Stopwatch::start();
    let world = Arc::new(real_world(plan, recorder)?);
    let env = world.env_beside();
    let (of_story, within) = (Arc::clone(plan), Arc::clone(&world));
    let stop = stop.clone();
    let story = async move {
        let within: Arc<dyn World> = within;
        let topology = |topology: &Topology| let_in(env, topology.controls());
        perform_raised(of_story.into(), within, stop, topology).await
    };
    let performed = told(&*world, story).ok_or(WorldError::Ended(WorldKind::Real))?;
    Ok(Performed { wall: watch.elapsed(), ..performed? })
}
