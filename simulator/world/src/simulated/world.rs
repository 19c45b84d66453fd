//! The simulated world itself: a runtime of tokio's, the network, and what ends a run.
//!
//! Everything belongs to one world and nothing to the process, so that several seeds run on as many threads without
//! one changing another's order.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinError;
use upstorm_model::plan::{Network, Role};
use upstorm_model::{HostId, Offset, Seed};

use super::drive::Driver;
use super::given_up::GivenUp;
use super::net::SimulatedNet;
use super::timeline::Timeline;
use super::wires::Wires;
use crate::{Env, Recorder, Spawn, World};

/// What a simulated world is made of.
#[derive(Debug, Clone)]
pub struct SimulatedOptions {
    /// Where every host records.
    pub recorder: Recorder,
    /// What every draw is keyed by, the network's jitter included.
    pub seed: Seed,
    /// How the links behave.
    pub network: Network,
    /// What hosts are called in messages, by their ids.
    pub hosts: Vec<String>,
    /// The time, since the run began, past which it is given up.
    pub limit: Offset,
}

impl Default for SimulatedOptions {
    /// The usual links, seed 0, no names, recording nowhere, and a day of time.
    fn default() -> Self {
        Self {
            recorder: Recorder::nowhere(),
            seed: Seed::default(),
            network: Network::default(),
            hosts: Vec::new(),
            limit: Offset::from_millis(86_400_000),
        }
    }
}

/// A network in memory and virtual time on the thread that calls `run`. Several may run on as many threads. Dropping it
/// drops all its tasks.
pub struct SimulatedWorld {
    options: SimulatedOptions,
    timeline: Arc<Timeline>,
    network: Arc<Wires>,
    driver: Arc<Driver>,
    handle: Handle,
    /// None while it runs, and once the run was given up: its tasks are dropped then, for some may hold the world.
    runtime: Mutex<Option<Runtime>>,
}

impl fmt::Debug for SimulatedWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedWorld").field("driver", &self.driver).finish_non_exhaustive()
    }
}

impl SimulatedWorld {
    /// Makes a world whose clock shows zero.
    ///
    /// # Errors
    /// When the system gives no memory or threads to tokio.
    pub fn new(options: SimulatedOptions) -> io::Result<Self> {
        let timeline = Arc::<Timeline>::default();
        let network = Arc::new(Wires::new(&options, &timeline));
        let waits = Arc::clone(&network);
        let driver = Driver::new(Arc::clone(&timeline), options.limit, Box::new(move || waits.waits()));
        let driver = Arc::new(driver);
        let (before, after) = (Arc::clone(&driver), Arc::clone(&driver));
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(move || before.step())
            .on_thread_unpark(move || after.catch_up())
            .build()?;
        let handle = runtime.handle().clone();
        {
            let _within = handle.enter();
            driver.start();
        }
        Ok(Self { options, timeline, network, driver, handle, runtime: Mutex::new(Some(runtime)) })
    }

    /// Why the last run was given up, if it was. A world that was given up runs nothing any more.
    #[must_use]
    pub fn given_up(&self) -> Option<GivenUp> {
        self.driver.given_up()
    }

    /// Runs the story of a run to its end: see `run` of `dyn World`.
    pub fn run<T: Send + 'static>(&self, story: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let world: &dyn World = self;
        world.run(story)
    }

    fn runtime(&self) -> MutexGuard<'_, Option<Runtime>> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops all tasks, and what was still on its way. Never waits, so it is allowed anywhere.
    fn end(&self, runtime: Runtime) {
        self.driver.stop();
        runtime.shutdown_background();
        // A connection holds the time and its link, and what is to happen to it is held by them: neither would ever go.
        self.network.cut_exactly(&[]);
        self.timeline.forget();
    }
}

impl World for SimulatedWorld {
    fn env(&self, host: HostId, _: Role) -> Env {
        Env {
            host,
            clock: Arc::<Timeline>::clone(&self.timeline),
            net: Arc::new(SimulatedNet::new(host, &self.network)),
            spawn: Arc::new(Tasks { handle: self.handle.clone(), driver: Arc::clone(&self.driver) }),
            recorder: self.options.recorder.clone(),
            seed: self.options.seed,
        }
    }

    fn begin(&self) {
        self.timeline.begin();
    }

    fn set_partitions(&self, pairs: &[[HostId; 2]]) {
        self.network.cut_exactly(pairs);
    }

    /// Runs the story on this thread. A panic in the story is passed on, as it would be without a world.
    fn run_boxed(&self, story: Task) {
        // Taken out while it runs: a run within a run finds none, and comes to nothing.
        let Some(runtime) = self.runtime().take() else { return };
        let mut story = self.handle.spawn(Counted { driver: Arc::clone(&self.driver), task: story });
        // tokio polls what it blocks on out of turn, so that only waits for the story, which is a task like all.
        let ended = runtime.block_on(poll_fn(|cx| match self.driver.poll_given_up(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => Pin::new(&mut story).poll(cx).map(Some),
        }));
        match ended {
            None => self.end(runtime),
            Some(ended) => {
                *self.runtime() = Some(runtime);
                if let Err(panic) = ended.map_err(JoinError::try_into_panic)
                    && let Ok(panic) = panic
                {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}

impl Drop for SimulatedWorld {
    fn drop(&mut self) {
        let runtime = self.runtime().take();
        if let Some(runtime) = runtime {
            self.end(runtime);
        }
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts tasks on the one thread.
#[derive(Debug)]
struct Tasks {
    handle: Handle,
    driver: Arc<Driver>,
}

impl Spawn for Tasks {
    fn spawn_boxed(&self, task: Task) {
        self.handle.spawn(Counted { driver: Arc::clone(&self.driver), task });
    }
}

/// A task whose polls are counted, so that one that spins is noticed.
struct Counted {
    driver: Arc<Driver>,
    task: Task,
}

impl Future for Counted {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.count();
        self.task.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_world_that_is_dropped() {
        let world = SimulatedWorld::new(SimulatedOptions::default()).unwrap();
        let [client, upstream] = [0, 1].map(|host| world.env(HostId(host), Role::Client).net);
        let (driver, timeline) = (Arc::downgrade(&world.driver), Arc::downgrade(&world.timeline));
        let connected = world.run(async move {
            let listener = upstream.bind(None).await.unwrap();
            // What they send each other when they are dropped is still on its way at the end.
            let stream = client.connect(HostId(1)).await;
            listener.accept().await.is_ok() && stream.is_ok()
        });
        assert_eq!(connected, Some(true));
        drop(world);
        assert_eq!([driver.strong_count(), timeline.strong_count()], [0, 0]);
    }
}
