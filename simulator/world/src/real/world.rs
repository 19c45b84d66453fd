//! The real world itself: a runtime a role, so that a busy gateway delays neither the load's schedule nor the
//! upstream's timers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use upstorm_model::plan::Role;
use upstorm_model::{HostId, Seed};

use super::clock::{ClockThread, RealClock};
use super::descriptors::raise_limit;
use super::net::RealNet;
use super::registry::Registry;
use super::socket::Ports;
use crate::{Clock, Env, Recorder, Spawn, World};

/// How long a runtime may take to stop its tasks when a world is dropped.
const GOODBYE: Duration = Duration::from_millis(500);

/// What a real world is made of.
#[derive(Debug, Clone)]
pub struct RealOptions {
    /// Where every host records.
    pub recorder: Recorder,
    /// What every draw is keyed by.
    pub seed: Seed,
    /// How many hosts take part; their ids go from 0 up.
    pub hosts: usize,
}

/// Real sockets on loopback, in real time. Dropping it stops all its tasks and closes all its sockets.
#[derive(Debug)]
pub struct RealWorld {
    options: RealOptions,
    registry: Arc<Registry>,
    clock: Arc<RealClock>,
    control: Handle,
    client: Handle,
    gateway: Handle,
    upstream: Handle,
    /// The runtimes behind the handles, to be stopped.
    runtimes: Vec<Runtime>,
    _clock_thread: ClockThread,
}

impl RealWorld {
    /// Makes a world whose clock shows zero now, and raises the limit on open files.
    ///
    /// # Errors
    /// When the system gives no thread or no event queue.
    pub fn new(options: RealOptions) -> io::Result<Self> {
        raise_limit();
        let (clock, clock_thread) = RealClock::start()?;
        let workers = workers_a_role();
        let mut runtimes = Vec::new();
        let mut start = |name, workers| {
            let runtime = runtime(name, workers)?;
            let handle = runtime.handle().clone();
            runtimes.push(runtime);
            io::Result::Ok(handle)
        };
        Ok(Self {
            registry: Arc::new(Registry::new(options.hosts)),
            options,
            clock: Arc::new(clock),
            control: start("control", 1)?,
            client: start("client", workers)?,
            gateway: start("gateway", workers)?,
            upstream: start("upstream", workers)?,
            runtimes,
            _clock_thread: clock_thread,
        })
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::<RealClock>::clone(&self.clock)
    }

    /// What somebody is handed who is no host of the plan: a person's way in to watch and to steer. Its listeners must be
    /// bound to an address, and its tasks share a thread with nobody who is measured.
    #[must_use]
    pub fn env_beside(&self) -> Env {
        self.env_on(HostId(u16::MAX), &self.control)
    }

    fn env_on(&self, host: HostId, runtime: &Handle) -> Env {
        let net = RealNet {
            host,
            registry: Arc::clone(&self.registry),
            clock: self.clock(),
            ports: Ports::new(),
            runtime: runtime.clone(),
        };
        Env {
            host,
            clock: self.clock(),
            net: Arc::new(net),
            spawn: Arc::new(Tasks(runtime.clone())),
            recorder: self.options.recorder.clone(),
            seed: self.options.seed,
        }
    }

    /// Runs the story of a run to its end: see `run` of `dyn World`.
    pub fn run<T: Send + 'static>(&self, story: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let world: &dyn World = self;
        world.run(story)
    }

    /// From now on, connections from an address of none of the hosts count as this host's: an external
    /// gateway or client stands in its place.
    pub fn adopt_strangers(&self, host: Option<HostId>) {
        self.registry.adopt_strangers(host);
    }
}

/// How many threads each of client, gateway and upstream gets on this machine: half the cores, for two of the three
/// are busy at a time, and at most four.
#[must_use]
pub fn workers_a_role() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, 4)
}

fn runtime(name: &'static str, workers: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(workers).thread_name(name).enable_all().build()
}

impl World for RealWorld {
    fn env(&self, host: HostId, role: Role) -> Env {
        let runtime = match role {
            Role::Client => &self.client,
            Role::Gateway => &self.gateway,
            Role::Upstream => &self.upstream,
        };
        self.env_on(host, runtime)
    }

    fn begin(&self) {
        self.clock.begin();
    }

    fn set_partitions(&self, pairs: &[[HostId; 2]]) {
        self.registry.links.cut_exactly(pairs);
    }

    fn run_boxed(&self, story: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.control.block_on(story);
    }
}

impl Drop for RealWorld {
    fn drop(&mut self) {
        // Waiting is not allowed within a runtime: there the tasks are told to stop and left to it.
        let within_a_runtime = Handle::try_current().is_ok();
        for runtime in self.runtimes.drain(..) {
            if within_a_runtime { runtime.shutdown_background() } else { runtime.shutdown_timeout(GOODBYE) }
        }
    }
}

/// Starts tasks on a role's runtime.
#[derive(Debug)]
struct Tasks(Handle);

impl Spawn for Tasks {
    fn spawn_boxed(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn(task);
    }
}
