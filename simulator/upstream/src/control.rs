//! Control: looking at an upstream and changing what it does while it goes on.
//!
//! Typed, and in the model's words: who speaks HTTP to a person, and what that person wrote, is not known here. A change
//! is compiled whole before any of it is in force, so that one that cannot be performed changes nothing; it is in force
//! at one moment for all that it says, and leaves a mark in the recording, so that nobody later takes what came of it for
//! what the plan declares.

use std::net::SocketAddr;
use std::sync::Arc;

use upstorm_model::plan::{RouteBehaviour, UpstreamPlan};
use upstorm_model::recording::{Change, Mark, MarkKind, Record};
use upstorm_model::scenario::Behaviour;
use upstorm_model::{HostId, Offset, RouteId};

use crate::course::{Course, Courses};
use crate::helm::Rewritten;
use upstorm_world::Recorder;

use crate::PlanClock;
use crate::site::{Site, Watch};
use crate::turn::Pool;

/// A handle on an upstream that goes on. Cheap to clone; it keeps nothing running.
#[derive(Debug, Clone)]
pub struct Control {
    site: Arc<Site>,
    address: SocketAddr,
}

/// Where an upstream stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// When this was looked at.
    pub at: Offset,
    /// The segment of the plan that is in force.
    pub segment: u16,
    /// How far through it, from 0 to 1.
    pub progress: f64,
    /// True where somebody jumped there by hand.
    pub jumped: bool,
    /// True where it stays in its phase until somebody jumps on.
    pub held: bool,
    /// Connections that are open.
    pub connections: u64,
    /// The workers that are bounded, and who waits for them.
    pub queues: Vec<Queue>,
    /// The cohorts that are gathered now.
    pub cohorts: Vec<Gathered>,
}

/// Requests that are gathered at a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// The route.
    pub route: RouteId,
    /// Requests that are held.
    pub held: u64,
    /// How many make a cohort.
    pub calls: u64,
}

/// Workers and who waits for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Whose workers these are; none for those that routes share.
    pub route: Option<RouteId>,
    /// Requests that are worked on.
    pub busy: u64,
    /// Requests that wait.
    pub waiting: u64,
}

/// What a route does.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteStanding {
    /// What is in force.
    pub in_force: RouteBehaviour,
    /// What would be in force if nobody had changed it.
    pub planned: RouteBehaviour,
    /// What was laid over the plan by hand; empty where nothing was.
    pub over: Behaviour,
    /// Since when.
    pub since: Option<Offset>,
}

/// A change of a route that can be performed, and is not yet in force.
#[derive(Debug)]
pub struct Rewrite {
    route: RouteId,
    over: Behaviour,
    column: Vec<Course>,
    pool: Option<Arc<Pool>>,
}

/// The cohort of a route, where it gathers one.
fn gathered(watch: &Watch<'_>, route: RouteId) -> Option<Gathered> {
    let (held, calls) = watch.course(route)?.hold.as_ref()?.load();
    Some(Gathered { route, held, calls: u64::from(calls) })
}

/// A jump to a segment of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    /// The time of the plan to go on from.
    pub to: Offset,
    /// The time of the plan before which it is held; none where it goes on.
    pub until: Option<Offset>,
}

/// Who asked for a change, and what they asked for, for the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Who, as their program names itself.
    pub by: String,
    /// What they asked for.
    pub what: String,
}

/// Why a route cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There is no such route.
    #[error("no route {0} at this upstream")]
    NoSuchRoute(u16),
    /// It asks for what HTTP cannot send.
    #[error("route {route} cannot send `{value}`")]
    Behaviour {
        /// The route.
        route: String,
        /// What was wrong.
        value: String,
    },
}

impl Control {
    /// On this site, which listens there.
    pub(crate) const fn of(site: Arc<Site>, address: SocketAddr) -> Self {
        Self { site, address }
    }

    /// Which host it is.
    #[must_use]
    pub fn host(&self) -> HostId {
        self.site.env.host
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time of the run.
    #[must_use]
    pub fn now(&self) -> Offset {
        self.site.env.clock.now()
    }

    fn planned(&self) -> Option<&UpstreamPlan> {
        self.site.plan.upstream_of(self.host()).map(|(_, upstream)| upstream)
    }

    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let watch = self.site.watch();
        let (at, segment, progress) = (watch.at, watch.segment, watch.progress);
        let routes = self.planned().map_or(0, |upstream| upstream.routes.len());
        let ids = (0..routes).filter_map(|index| u16::try_from(index).ok().map(RouteId));
        let cohorts = ids.filter_map(|route| gathered(&watch, route)).collect();
        drop(watch);
        let wheel = self.site.helm.wheel();
        let clock = wheel.as_ref().map(|wheel| wheel.clock).unwrap_or_default();
        let changed = wheel.iter().flat_map(|wheel| &wheel.routes);
        let own = changed.filter_map(|(route, now)| Some((Some(*route), now.pool.as_ref()?)));
        let planned = self.site.pools.by_route();
        let planned =
            planned.map(|(route, pool)| (route.and_then(|r| u16::try_from(r).ok()).map(RouteId), pool));
        let queue = |(route, pool): (Option<RouteId>, &Arc<Pool>)| {
            let (busy, waiting) = pool.load();
            Queue { route, busy: busy as u64, waiting: waiting as u64 }
        };
        Standing {
            at,
            segment: u16::try_from(segment).unwrap_or(u16::MAX),
            progress,
            jumped: clock != PlanClock::default(),
            held: clock.is_held(),
            connections: self.site.open_connections() as u64,
            queues: planned.chain(own).map(queue).collect(),
            cohorts,
        }
    }

    /// What a route does; none where there is no such route.
    #[must_use]
    pub fn route(&self, route: RouteId) -> Option<RouteStanding> {
        let segment = self.site.watch().segment;
        let planned = self.planned()?.timeline.get(segment)?.routes.get(usize::from(route.0))?.clone();
        let wheel = self.site.helm.wheel();
        let changed = wheel.as_ref().and_then(|wheel| wheel.routes.get(&route));
        let (over, since) = changed.map(|now| (now.over.clone(), now.since)).unzip();
        let over = over.unwrap_or_default();
        Some(RouteStanding { in_force: planned.overlaid(&over), planned, over, since })
    }

    /// Makes a change of a route ready: this is laid over what the plan says for it, in all segments and in place of what
    /// was laid over it before. Nothing is in force yet.
    ///
    /// # Errors
    /// When there is no such route, or it could not be performed.
    pub fn rewrite(&self, route: RouteId, over: Behaviour) -> Result<Rewrite, ChangeError> {
        let index = usize::from(route.0);
        let found = self.planned().and_then(|upstream| Some((upstream, upstream.routes.get(index)?)));
        let (upstream, named) = found.ok_or(ChangeError::NoSuchRoute(route.0))?;
        let laid = |over: &Behaviour| -> Vec<RouteBehaviour> {
            upstream
                .timeline
                .iter()
                .filter_map(|segment| Some(segment.routes.get(index)?.overlaid(over)))
                .collect()
        };
        let behaviours = laid(&over);
        let before = self.site.helm.wheel();
        let before = before.as_ref().and_then(|wheel| wheel.routes.get(&route));
        let pool = self.pool_for(&over, before);
        let own = pool.as_ref().map(|pool| self.site.pools.with_own(index, pool));
        let pools = (own.as_ref().unwrap_or(&self.site.pools), index);
        let names = [self.site.plan.host_name(upstream.host), named.name.as_str()];
        let wrong = |value| ChangeError::Behaviour { route: named.name.clone(), value };
        let mut column =
            Courses::column(names, &behaviours.iter().collect::<Vec<_>>(), pools).map_err(wrong)?;
        let were = laid(&before.map(|now| now.over.clone()).unwrap_or_default());
        for (segment, (course, (is, was))) in column.iter_mut().zip(behaviours.iter().zip(&were)).enumerate()
        {
            let old = match before {
                Some(now) => now.column.get(segment),
                None => self.site.courses.of(segment, index),
            };
            // A limit that stays as it is hands out no new burst.
            if let (Some(limit), Some(old)) = (&mut course.limit, old.and_then(|old| old.limit.as_ref()))
                && is.limit == was.limit
            {
                limit.share(old);
            }
            if let Some(old) = old {
                course.remember(old);
            }
        }
        Ok(Rewrite { route, over, column, pool })
    }

    /// The workers of a route for which this is laid over the plan; none where it leaves them alone.
    fn pool_for(&self, over: &Behaviour, before: Option<&Rewritten>) -> Option<Arc<Pool>> {
        let capacity = over.capacity.as_ref()?;
        let same = before.filter(|now| now.over.capacity.as_ref() == Some(capacity));
        let kept = same.and_then(|now| now.pool.clone());
        Some(kept.unwrap_or_else(|| Pool::new(&self.site.env, vec![(Offset::ZERO, capacity.workers)])))
    }

    /// Puts a change in force. Attempts whose head arrived from that time on met it. Of two changes of one route that were
    /// made ready before either was in force, the later wins whole.
    pub fn put_in_force(&self, rewrite: Rewrite, word: Word) -> InForce {
        let Rewrite { route, over, column, pool } = rewrite;
        let at = self.site.helm.turn(&*self.site.env.clock, |wheel, since| {
            if over == Behaviour::default() {
                wheel.routes.remove(&route);
            } else {
                wheel.routes.insert(route, Rewritten { over, since, column, pool });
            }
        });
        self.in_force(at, Some(route), word)
    }

    /// Goes on from another time of the plan. What was laid over routes stays.
    pub fn jump(&self, jump: Jump, word: Word) -> InForce {
        let at = self.site.helm.turn(&*self.site.env.clock, |wheel, since| {
            wheel.clock = PlanClock::set(since, jump.to, jump.until);
        });
        self.follow_clock();
        self.in_force(at, None, word)
    }

    /// Takes back every change: it does what the plan says for this time of the run.
    pub fn reset(&self, word: Word) -> InForce {
        let at = self.site.helm.turn(&*self.site.env.clock, |wheel, _| {
            wheel.clock = PlanClock::default();
            wheel.routes.clear();
        });
        self.follow_clock();
        self.in_force(at, None, word)
    }

    fn follow_clock(&self) {
        let clock = self.site.helm.clock();
        self.site.pools.all().for_each(|pool| pool.follow(clock));
    }

    fn in_force(&self, at: Offset, route: Option<RouteId>, word: Word) -> InForce {
        let change = Change { upstream: self.host(), route, by: word.by, what: word.what };
        InForce { at, mark: Some(change), recorder: self.site.env.recorder.clone() }
    }
}

/// A change that is in force. Its mark goes into the recording when this is dropped, so that whoever holds a lock that
/// the recorder's tap needs can give it back first.
#[must_use = "it is marked when this is dropped"]
#[derive(Debug)]
pub struct InForce {
    at: Offset,
    mark: Option<Change>,
    recorder: Recorder,
}

impl InForce {
    /// Since when.
    #[must_use]
    pub const fn at(&self) -> Offset {
        self.at
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        if let Some(change) = self.mark.take() {
            self.recorder.record(Record::Mark(Mark { at: self.at, kind: MarkKind::Changed(change) }));
        }
    }
}
