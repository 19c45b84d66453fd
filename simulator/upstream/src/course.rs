//! A course: what one route does with a request in one segment, its stages ready to decide.

use http::{HeaderMap, Method};
use upstorm_model::plan::{RouteBehaviour, UpstreamPlan};
use upstorm_model::recording::Fate;
use upstorm_model::{HostId, Offset};

use crate::demand::demanded;
use crate::fate::{Decision, Taken};
use crate::given::Given;
use crate::kept::Kept;
use crate::raise::RaiseError;
use crate::stage::{
    BodyStage, CapacityStage, Comer, Draw, FaultStage, HoldStage, LatencyStage, LimitStage, Pools, Probe,
    ProbeStage, ScriptStage, StatusStage, holds, limits, probes, scripts,
};

/// The stages of one route in one segment.
#[derive(Debug)]
pub(crate) struct Course {
    /// Which requests are let through.
    pub(crate) limit: Option<LimitStage>,
    /// Which find a worker or a place in the queue.
    pub(crate) capacity: Option<CapacityStage>,
    /// How long the response is held back.
    pub(crate) latency: LatencyStage,
    /// What is answered.
    pub(crate) status: StatusStage,
    /// What goes wrong.
    pub(crate) faults: FaultStage,
    /// What is met in turn, before all of that.
    script: Option<ScriptStage>,
    /// Who is gathered, and answered at one instant.
    pub(crate) hold: Option<HoldStage>,
    /// Who is the first after a silence.
    pub(crate) probes: Option<ProbeStage>,
    /// The route's body, for what a request demands.
    body: BodyStage,
    /// True where a request whose Idempotency-Key took effect before is told the same again.
    pub(crate) ledger: bool,
}

/// The stages of one route in one segment whose memory goes on through all segments.
type Remembering = (((Option<LimitStage>, Option<ScriptStage>), Option<HoldStage>), Option<ProbeStage>);

/// What only the request tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Its method.
    pub(crate) method: &'a Method,
    /// Its headers, for the limit's key.
    pub(crate) headers: &'a HeaderMap,
    /// The host that it comes from, where the link tells.
    pub(crate) peer: Option<HostId>,
    /// When its head arrived.
    pub(crate) head: Offset,
    /// True where it says which call it belongs to.
    pub(crate) named: bool,
    /// When the behaviour began that it meets.
    pub(crate) since: Offset,
    /// True where it may say itself what it meets.
    pub(crate) may_demand: bool,
}

/// The courses of an upstream, by segment and route.
#[derive(Debug)]
pub(crate) struct Courses(Vec<Vec<Course>>);

impl Courses {
    /// Compiles the behaviour of the upstream of this name, whose workers are these.
    ///
    /// # Errors
    /// When the plan is uneven or asks for what cannot be sent.
    pub(crate) fn compile(upstream: &str, plan: &UpstreamPlan, pools: &Pools) -> Result<Self, RaiseError> {
        if plan.routes.is_empty()
            || plan.timeline.iter().any(|segment| segment.routes.len() != plan.routes.len())
        {
            return Err(RaiseError::Uneven { upstream: upstream.to_owned() });
        }
        let mut segments: Vec<Vec<Course>> = plan.timeline.iter().map(|_| Vec::new()).collect();
        for (index, route) in plan.routes.iter().enumerate() {
            let wrong = |value| RaiseError::Behaviour { route: route.name.clone(), value };
            let behaviours: Vec<_> = plan.timeline.iter().map(|segment| &segment.routes[index]).collect();
            let path = [upstream, route.name.as_str()];
            let column = Self::column(path, &behaviours, (pools, index)).map_err(wrong)?;
            segments.iter_mut().zip(column).for_each(|(segment, course)| segment.push(course));
        }
        Ok(Self(segments))
    }

    /// The courses of one route of an upstream, by their names, whose behaviour in each segment is this; its workers are
    /// among these pools under its index.
    ///
    /// # Errors
    /// When it asks for what cannot be sent: what was wrong.
    pub(crate) fn column(
        path: [&str; 2],
        behaviours: &[&RouteBehaviour],
        pools: (&Pools, usize),
    ) -> Result<Vec<Course>, String> {
        let limits = limits(behaviours.iter().map(|behaviour| behaviour.limit.as_ref()))?;
        let scripts = scripts(path, behaviours)?;
        let (holds, probes) = (holds(path, behaviours)?, probes(path, behaviours)?);
        let remembering = limits.into_iter().zip(scripts).zip(holds).zip(probes);
        let course = |(behaviour, (((limit, script), hold), probes)): (&&RouteBehaviour, Remembering)| {
            let body = BodyStage::compile(&behaviour.body);
            Ok(Course {
                limit,
                capacity: CapacityStage::compile(path, behaviour.capacity.as_ref(), pools)?,
                latency: LatencyStage::compile(path, &behaviour.latency),
                status: StatusStage::compile(path, &behaviour.status, &body)?,
                faults: FaultStage::compile(path, &behaviour.faults),
                script,
                hold,
                probes,
                body,
                ledger: behaviour.ledger,
            })
        };
        behaviours.iter().zip(remembering).map(course).collect()
    }

    /// The course of a route in a segment.
    pub(crate) fn of(&self, segment: usize, route: usize) -> Option<&Course> {
        self.0.get(segment)?.get(route)
    }
}

impl Course {
    /// Leads a request through the stages.
    pub(crate) fn decide(&self, draw: &Draw, asked: Asked<'_>) -> Decision {
        let scripted = self.script.as_ref().and_then(|script| script.meet(draw, Comer::from(asked)));
        let demands = asked.may_demand && asked.headers.contains_key(Fate::HEADER);
        let probe = self.probes.as_ref().and_then(|probes| probes.take(asked.peer, asked.head, demands));
        // Before the demand is read: whatever it says, the request takes a token.
        let rejected = self.limit.as_ref().and_then(|l| l.decide(asked.headers, asked.head, draw.progress));
        if let Some(rejection) = rejected {
            return Decision::limited(rejection, asked.method, draw);
        }
        let demanded = demands.then(|| demanded(asked.headers, &self.body)).transpose();
        let demanded = match demanded {
            Ok(demanded) => demanded.flatten(),
            Err(answer) => return Decision::misworded(*answer, asked.method, draw),
        };
        let given = demanded.as_ref().or(scripted);
        let latency = given.and_then(|given| given.latency.as_ref()).unwrap_or(&self.latency);
        let delay = latency.decide(draw);
        match self.capacity.as_ref().map(|capacity| capacity.decide(draw, asked.head, delay)).transpose() {
            Ok(held) => {
                let kept = if demands { None } else { self.keep(draw, asked, probe) };
                let given = kept.as_ref().and_then(|kept| self.ending(kept)).or(given);
                Decision::served(self, draw, asked, Taken { delay, held, given, kept })
            }
            Err(overflow) => Decision::overflowed(overflow, asked.method, draw),
        }
    }

    /// Goes on from what this one remembers, which it takes the place of.
    pub(crate) fn remember(&mut self, old: &Self) {
        if let (Some(hold), Some(old)) = (&mut self.hold, &old.hold) {
            hold.share(old);
        }
        if let (Some(probes), Some(old)) = (&mut self.probes, &old.probes) {
            probes.share(old);
        }
    }

    /// What the answer to a request waits for that was let in: a probe is gathered with nobody.
    fn keep(&self, draw: &Draw, asked: Asked<'_>, probe: Option<Probe>) -> Option<Kept> {
        let gathered = || self.hold.as_ref()?.join(draw, asked.head, asked.since).map(Kept::Cohort);
        probe.map(Kept::Probe).or_else(gathered)
    }

    /// What is given for one that is kept.
    fn ending(&self, kept: &Kept) -> Option<&Given> {
        match kept {
            Kept::Cohort(_) => self.hold.as_ref()?.given.as_ref(),
            Kept::Probe(_) => self.probes.as_ref()?.given.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use upstorm_model::plan::{RouteBehaviour, RoutePlan, UpstreamSegment};
    use upstorm_model::recording::Fate;
    use upstorm_model::scenario::{
        Body, Connect, Cut, CutAt, Fault, FaultKind, RouteMatch, StatusEntry, StatusMix, StatusTable,
    };
    use upstorm_model::{ByteSize, DrawnLaw, HostId, Law, Ratio, Seed, TimeSpan};

    const CALLS: u64 = 20_000;

    /// A long-tailed latency, 20 % of 503, and two faults.
    fn behaviour() -> RouteBehaviour {
        let share = |part| Ratio::new(part).into();
        let (median, p99) = (TimeSpan::from_millis(40).into(), Some(TimeSpan::from_millis(180).into()));
        let rest = StatusEntry::Table(StatusTable::default());
        RouteBehaviour {
            limit: None,
            capacity: None,
            latency: Law::Drawn(DrawnLaw::Lognormal { median, p99, sigma: None, max: None }),
            status: StatusMix(BTreeMap::from([(200, rest), (503, StatusEntry::Share(share(0.2)))])),
            body: Body::of_size(ByteSize::new(100)),
            faults: vec![
                Fault { share: share(0.05), kind: FaultKind::Reset(Cut::At { at: CutAt::MidBody }) },
                Fault { share: share(0.1), kind: FaultKind::Hang {} },
            ],
            script: None,
            hold: None,
            probes: None,
            ledger: false,
        }
    }

    fn courses(behaviour: RouteBehaviour) -> Courses {
        let route = RoutePlan { name: "charge".to_owned(), matches: RouteMatch::default(), row: None };
        let segment = UpstreamSegment { connect: Connect::default(), routes: vec![behaviour] };
        let plan = UpstreamPlan {
            host: HostId(0),
            listen: None,
            fate_header: false,
            routes: vec![route],
            timeline: vec![segment],
        };
        Courses::compile("payments", &plan, &Pools::default()).unwrap()
    }

    fn fate(courses: &Courses, call: u64, ordinal: u64) -> Fate {
        let draw = Draw { seed: Seed(42), call, ordinal, progress: 0.5 };
        let (head, since) = (Offset::ZERO, Offset::ZERO);
        let (method, headers) = (&Method::GET, &HeaderMap::new());
        let asked = Asked { method, headers, peer: None, head, named: true, since, may_demand: false };
        courses.of(0, 0).unwrap().decide(&draw, asked).fate
    }

    #[test]
    fn fates_are_the_same_in_any_order_and_on_any_thread() {
        let courses = courses(behaviour());
        let forward: Vec<Fate> = (0..CALLS).map(|call| fate(&courses, call, 1 + call % 3)).collect();
        let halves = std::thread::scope(|scope| {
            let backward = |from: u64, to: u64| {
                let courses = &courses;
                scope.spawn(move || (from..to).rev().map(|call| fate(courses, call, 1 + call % 3)).collect())
            };
            [backward(0, CALLS / 2), backward(CALLS / 2, CALLS)].map(|half| half.join().unwrap())
        });
        let again: Vec<Fate> =
            halves.into_iter().flat_map(|half: Vec<Fate>| half.into_iter().rev()).collect();
        assert_eq!(forward, again);
        assert!(
            (0..100).any(|call| fate(&courses, call, 1) != fate(&courses, call, 2)),
            "a retry draws anew"
        );
    }

    #[test]
    fn shares_are_kept() {
        let courses = courses(behaviour());
        let fates: Vec<Fate> = (0..CALLS).map(|call| fate(&courses, call, 1)).collect();
        let near = |expected: f64, hit: &dyn Fn(&Fate) -> bool| {
            let (n, count) = (CALLS as f64, fates.iter().filter(|fate| hit(fate)).count() as f64);
            // Four standard deviations of the binomial; the seed is fixed, so this cannot flake.
            let bound = 4.0 * (n * expected * (1.0 - expected)).sqrt();
            assert!((count - n * expected).abs() < bound, "{count} of {n}, expected {expected}");
        };
        near(0.2, &|fate| fate.status == 503);
        near(0.05, &|fate| fate.fault == Some(0));
        near(0.1 * 0.95, &|fate| fate.fault == Some(1));
        near(0.5, &|fate| fate.delay < TimeSpan::from_millis(40));
        near(0.01, &|fate| fate.delay > TimeSpan::from_millis(180));
        // The stages draw apart: being slow says nothing about being hit.
        near(0.01, &|fate| fate.status == 503 && fate.fault == Some(0));
    }

    #[test]
    fn a_fault_more_shifts_no_other_draw() {
        let mut fewer = behaviour();
        fewer.faults.truncate(1);
        let (with, without) = (courses(behaviour()), courses(fewer));
        for call in 0..CALLS {
            let (a, b) = (fate(&with, call, 1), fate(&without, call, 1));
            assert_eq!((a.status, a.delay, a.fault == Some(0)), (b.status, b.delay, b.fault == Some(0)));
        }
    }

    #[test]
    fn an_uneven_plan_is_refused() {
        let route = RoutePlan { name: "charge".to_owned(), matches: RouteMatch::default(), row: None };
        let segment = UpstreamSegment { connect: Connect::default(), routes: Vec::new() };
        let plan = UpstreamPlan {
            host: HostId(0),
            listen: None,
            fate_header: false,
            routes: vec![route],
            timeline: vec![segment],
        };
        assert!(matches!(
            Courses::compile("payments", &plan, &Pools::default()),
            Err(RaiseError::Uneven { .. })
        ));
    }
}
