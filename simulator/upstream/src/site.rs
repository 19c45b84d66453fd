//! The site: all that the connections of one upstream share.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::{mpsc, oneshot};
use upstorm_model::plan::{Plan, UpstreamPlan};
use upstorm_world::Env;

use crate::course::Courses;
use crate::fault::Farewell;
use crate::ordinals::Ordinals;
use crate::raise::RaiseError;
use crate::route::Routes;
use crate::stage::{ConnectStage, Pools};

/// What the connections of one upstream share.
#[derive(Debug)]
pub(crate) struct Site {
    /// Its host's world.
    pub(crate) env: Env,
    /// The whole plan, for its segments.
    pub(crate) plan: Arc<Plan>,
    /// Which route serves what.
    pub(crate) routes: Routes,
    /// What each route does in each segment.
    pub(crate) courses: Courses,
    /// The workers of the upstream and its routes.
    pub(crate) pools: Pools,
    /// What is decided for connections in each segment.
    pub(crate) connects: Vec<ConnectStage>,
    /// Which attempt of its call each one is.
    pub(crate) ordinals: Mutex<Ordinals>,
    arrivals: AtomicU64,
    connections: AtomicU32,
    open: Mutex<BTreeMap<u32, oneshot::Sender<Farewell>>>,
}

/// Held by every connection's task: when all are dropped, none is left.
pub(crate) type Presence = mpsc::Sender<()>;

impl Site {
    /// Compiles an upstream's plan.
    ///
    /// # Errors
    /// When the plan is uneven or asks for what cannot be sent.
    pub(crate) fn compile(env: Env, plan: Arc<Plan>, upstream: &UpstreamPlan) -> Result<Self, RaiseError> {
        let name = plan.host_name(upstream.host).to_owned();
        if upstream.timeline.is_empty() || upstream.timeline.len() != plan.segments.len() {
            return Err(RaiseError::Uneven { upstream: name });
        }
        let pools = Pools::of(&env, &plan, upstream);
        let connects = upstream.timeline.iter().map(|s| ConnectStage::compile(&name, &s.connect)).collect();
        Ok(Self {
            routes: Routes::compile(&name, &upstream.routes)?,
            courses: Courses::compile(&name, upstream, &pools)?,
            pools,
            connects,
            env,
            plan,
            ordinals: Mutex::default(),
            arrivals: AtomicU64::new(0),
            connections: AtomicU32::new(0),
            open: Mutex::default(),
        })
    }

    /// Lets those begin who wait for a worker when a phase brings more of them. Never completes.
    pub(crate) async fn keep_shifts(&self) {
        let mut keeping: Vec<_> = self.pools.all().map(|pool| Box::pin(pool.keep_shifts())).collect();
        poll_fn(|cx| {
            for pool in &mut keeping {
                // It never completes either.
                let _ = pool.as_mut().poll(cx);
            }
            Poll::Pending
        })
        .await
    }

    /// The number of the next request, from 0.
    pub(crate) fn next_arrival(&self) -> u64 {
        self.arrivals.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of the next connection, from 0.
    pub(crate) fn next_connection(&self) -> u32 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u32, oneshot::Sender<Farewell>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an open connection; what comes out tells it to end.
    pub(crate) fn opened(&self, connection: u32) -> oneshot::Receiver<Farewell> {
        let (tell, told) = oneshot::channel();
        self.open().insert(connection, tell);
        told
    }

    /// A connection has ended.
    pub(crate) fn closed(&self, connection: u32) {
        self.open().remove(&connection);
    }

    /// Tells all open connections to end.
    pub(crate) fn end_all(&self, farewell: Farewell) {
        for tell in std::mem::take(&mut *self.open()).into_values() {
            // One that has ended meanwhile needs no telling.
            let _ = tell.send(farewell);
        }
    }
}
