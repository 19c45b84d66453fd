//! The site: all that the connections of one upstream share.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLockReadGuard};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use upstorm_model::plan::{Plan, UpstreamPlan};
use upstorm_model::{Offset, RouteId};
use upstorm_world::Env;

use crate::course::{Course, Courses};
use crate::fault::Farewell;
use crate::helm::{Helm, Wheel};
use crate::ledger::Ledger;
use crate::ordinals::Ordinals;
use crate::raise::RaiseError;
use crate::route::Routes;
use crate::rows::Rows;
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
    /// True where a request may say what it meets.
    pub(crate) fate_header: bool,
    /// What each route does in each segment.
    pub(crate) courses: Courses,
    /// The workers of the upstream and its routes.
    pub(crate) pools: Pools,
    /// The rows of each route that has some, by its index.
    rows: Vec<Option<Rows>>,
    /// The keys that each route remembers, by its index.
    ledgers: Vec<Ledger>,
    /// What is decided for connections in each segment.
    pub(crate) connects: Vec<ConnectStage>,
    /// Which attempt of its call each one is.
    pub(crate) ordinals: Mutex<Ordinals>,
    /// What somebody changed by hand.
    pub(crate) helm: Helm,
    arrivals: AtomicU64,
    connections: AtomicU32,
    open: Mutex<BTreeMap<u32, oneshot::Sender<Farewell>>>,
}

/// Held by every connection's task: when all are dropped, none is left.
pub(crate) type Presence = mpsc::Sender<()>;

/// A look at what is in force: by the plan, or by the hand that changed it.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    site: &'a Site,
    wheel: Option<RwLockReadGuard<'a, Wheel>>,
    /// When.
    pub(crate) at: Offset,
    /// The segment of the plan.
    pub(crate) segment: usize,
    /// How far through it, from 0 to 1.
    pub(crate) progress: f64,
    /// When it began.
    began: Offset,
}

impl Watch<'_> {
    /// Since when a route has done what it does: since the segment began, or since somebody changed it.
    pub(crate) fn since(&self, route: RouteId) -> Offset {
        let rewritten = self.wheel.as_ref().and_then(|wheel| wheel.routes.get(&route));
        rewritten.map_or(self.began, |rewritten| self.began.max(rewritten.since))
    }

    /// What a route does.
    pub(crate) fn course(&self, route: RouteId) -> Option<&Course> {
        let rewritten = self.wheel.as_ref().and_then(|wheel| wheel.routes.get(&route));
        match rewritten {
            Some(rewritten) => rewritten.column.get(self.segment),
            None => self.site.courses.of(self.segment, usize::from(route.0)),
        }
    }
}

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
            fate_header: upstream.fate_header,
            rows: upstream.routes.iter().map(|route| route.row.map(Rows::new)).collect(),
            ledgers: upstream.routes.iter().map(|_| Ledger::default()).collect(),
            courses: Courses::compile(&name, upstream, &pools)?,
            pools,
            connects,
            env,
            plan,
            ordinals: Mutex::default(),
            helm: Helm::default(),
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

    /// The rows of a route, if its paths are rows.
    pub(crate) fn rows_of(&self, route: RouteId) -> Option<&Rows> {
        self.rows.get(usize::from(route.0))?.as_ref()
    }

    /// The keys that a route remembers.
    pub(crate) fn ledger_of(&self, route: RouteId) -> Option<&Ledger> {
        self.ledgers.get(usize::from(route.0))
    }

    /// What is in force now.
    pub(crate) fn watch(&self) -> Watch<'_> {
        let now = self.env.clock.now();
        let wheel = self.helm.wheel();
        // While the wheel is held nobody turns it, so that this time and what is in force at it belong together.
        let at = if wheel.is_some() { self.env.clock.now() } else { now };
        let shown = wheel.as_ref().map_or(at, |wheel| wheel.clock.plan_at(at));
        let segment = self.plan.segment_at(shown);
        let into = self.plan.segments.get(segment).map_or(Duration::ZERO, |s| shown.since(s.start));
        let progress = self.plan.progress(segment, shown);
        Watch { site: self, wheel, at, segment, progress, began: at - into }
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

    /// How many connections are open.
    pub(crate) fn open_connections(&self) -> usize {
        self.open().len()
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
