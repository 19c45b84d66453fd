//! What a world lends to the policies: its time and its tasks, in the policies' own words.
//!
//! The policies know no world, so that they can be tested without one and cannot cheat; this is the seam.

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use upstorm_model::Offset;
use upstorm_policy::{Detach, Listener, Surroundings, Time};
use upstorm_world::{Clock, Env, Spawn};

/// A world's clock.
#[derive(Debug, Clone)]
pub(crate) struct WorldTime(Arc<dyn Clock>);

impl Time for WorldTime {
    fn now(&self) -> Offset {
        self.0.now()
    }

    fn sleep_until(&self, at: Offset) -> impl Future<Output = ()> + Send {
        self.0.sleep_until(at)
    }

    fn wall(&self) -> SystemTime {
        self.0.wall(self.0.now())
    }
}

/// A world's tasks.
struct WorldTasks(Arc<dyn Spawn>);

impl Detach for WorldTasks {
    fn detach(&self, task: BoxFuture<'static, ()>) {
        self.0.spawn_boxed(task);
    }
}

/// What the stack of the host of this name is lent.
pub(crate) fn surroundings(env: &Env, name: &str, listener: Arc<dyn Listener>) -> Surroundings<WorldTime> {
    Surroundings {
        time: WorldTime(Arc::clone(&env.clock)),
        seed: env.seed,
        name: name.to_owned(),
        listener,
        detach: Arc::new(WorldTasks(Arc::clone(&env.spawn))),
    }
}
