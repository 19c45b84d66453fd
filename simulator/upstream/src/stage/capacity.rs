//! The capacity stage: a request takes a worker, waits for one, or is turned away.
//!
//! Besides the limit, the only stage with a memory. The workers and the queue go on for the whole run: when a phase
//! changes how many workers there are, who waits goes on waiting, and nobody is sent away.

use std::sync::Arc;
use std::time::Duration;

use upstorm_model::plan::{Plan, RouteCapacity, UpstreamPlan};
use upstorm_model::{Law, Offset, TimeSpan};
use upstorm_world::Env;

use super::{BodyStage, Draw, LatencyStage, Stage};
use crate::answer::Answer;
use crate::turn::{Pool, Turn, Work};

/// The pools of one upstream.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// The upstream's own.
    shared: Option<Arc<Pool>>,
    /// Those of routes that have one, by their index.
    own: Vec<Option<Arc<Pool>>>,
}

/// The capacity of one route in one segment.
#[derive(Debug)]
pub(crate) struct CapacityStage {
    pool: Arc<Pool>,
    /// The time of service; without it, the worker is kept for the latency.
    service: Option<LatencyStage>,
    room: u32,
    stubborn: bool,
    finishes: bool,
    deadline: Option<Duration>,
    overflow: Arc<Answer>,
}

/// A request that has its turn.
#[derive(Debug)]
pub(crate) struct Held {
    /// Its turn.
    pub(crate) turn: Turn,
    /// True where its latency comes after the work; otherwise its latency is the work.
    pub(crate) then_latency: bool,
    /// What it is told where its turn comes too late.
    pub(crate) overflow: Arc<Answer>,
}

impl Pools {
    /// All that the plan of this upstream speaks of.
    pub(crate) fn of(env: &Env, plan: &Plan, upstream: &UpstreamPlan) -> Self {
        let pool = |of: &dyn Fn(&RouteCapacity, usize) -> bool| {
            let shifts = shifts(plan, upstream, of);
            shifts.iter().any(|(_, workers)| *workers < u32::MAX).then(|| Pool::new(env, shifts))
        };
        let own = |index| pool(&|capacity, route| !capacity.shared && route == index);
        Self {
            shared: pool(&|capacity, _| capacity.shared),
            own: (0..upstream.routes.len()).map(own).collect(),
        }
    }

    fn for_route(&self, route: usize, shared: bool) -> Option<&Arc<Pool>> {
        if shared { self.shared.as_ref() } else { self.own.get(route)?.as_ref() }
    }

    /// The same, but for the workers of one route.
    pub(crate) fn with_own(&self, route: usize, pool: &Arc<Pool>) -> Self {
        let mut own = self.own.clone();
        own.resize(own.len().max(route + 1), None);
        own[route] = Some(Arc::clone(pool));
        Self { shared: self.shared.clone(), own }
    }

    /// Every pool with the index of its route; none for the upstream's own.
    pub(crate) fn by_route(&self) -> impl Iterator<Item = (Option<usize>, &Arc<Pool>)> {
        let shared = self.shared.iter().map(|pool| (None, pool));
        shared.chain(
            self.own.iter().enumerate().filter_map(|(route, pool)| Some((Some(route), pool.as_ref()?))),
        )
    }

    /// Every pool.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.shared.iter().chain(self.own.iter().flatten())
    }
}

/// How many workers a pool has from when on: as many as the first route says that it is for, in each segment.
fn shifts(
    plan: &Plan,
    upstream: &UpstreamPlan,
    is_for: &dyn Fn(&RouteCapacity, usize) -> bool,
) -> Vec<(Offset, u32)> {
    let segments = plan.segments.iter().zip(&upstream.timeline);
    let workers = segments.map(|(segment, behaviour)| {
        let capacities = behaviour.routes.iter().map(|route| route.capacity.as_ref()).zip(0..);
        let mut mine = capacities.filter_map(|(c, route)| c.filter(|c| is_for(c, route)));
        // Where nobody bounds it, whoever still waits need not.
        (segment.start, mine.next().map_or(u32::MAX, |c| c.setting.workers))
    });
    let mut shifts: Vec<(Offset, u32)> = workers.collect();
    shifts.dedup_by_key(|(_, workers)| *workers);
    shifts
}

impl CapacityStage {
    /// Of this upstream and route, by its index; none where nothing is bounded.
    ///
    /// # Errors
    /// When what overflow is told cannot be sent: what was wrong.
    pub(crate) fn compile(
        path: [&str; 2],
        capacity: Option<&RouteCapacity>,
        (pools, route): (&Pools, usize),
    ) -> Result<Option<Self>, String> {
        let Some(RouteCapacity { shared, setting }) = capacity else { return Ok(None) };
        let Some(pool) = pools.for_route(route, *shared) else { return Ok(None) };
        let (overflow, table) = (&setting.overflow, setting.overflow.table());
        let body = overflow.body.as_ref().map_or_else(BodyStage::empty, BodyStage::compile);
        let service = |law: &Law| LatencyStage::named(path, Stage::Capacity, law);
        Ok(Some(Self {
            pool: Arc::clone(pool),
            service: setting.service.as_ref().map(service),
            room: setting.queue,
            stubborn: setting.ignore_disconnect,
            finishes: setting.finish_begun,
            deadline: setting.deadline.map(TimeSpan::get),
            overflow: Arc::new(Answer::compile(overflow.status, Some(&table), body)?),
        }))
    }

    /// Takes a place for a request that has just come and will be held back for this latency.
    ///
    /// # Errors
    /// When there is none: what the request is told.
    pub(crate) fn decide(&self, draw: &Draw, now: Offset, latency: Duration) -> Result<Held, Arc<Answer>> {
        let busy = self.service.as_ref().map_or(latency, |service| service.decide(draw));
        let Self { room, stubborn, finishes, deadline, .. } = *self;
        let work = Work { busy, room, stubborn, finishes, deadline };
        let turn = self.pool.enter(now, work).ok_or_else(|| Arc::clone(&self.overflow))?;
        Ok(Held { turn, then_latency: self.service.is_some(), overflow: Arc::clone(&self.overflow) })
    }
}
