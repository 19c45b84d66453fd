//! What every rule looks at: the scenario, its plan, its traffic, and where things were written.

use upstorm_model::Plan;
use upstorm_model::scenario::{Behaviour, Overlay, Scenario};

use crate::Loaded;
use crate::Spans;
use crate::diagnostic::{Code, Diagnostic};
use crate::forecast::Traffic;

/// A scenario under examination.
pub(super) struct Case<'a> {
    loaded: &'a Loaded,
    /// Its plan.
    pub(super) plan: &'a Plan,
    /// The calls to expect.
    pub(super) traffic: Traffic<'a>,
}

/// A route in a segment: the indices of upstream, route and segment in the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// The upstream.
    pub(super) upstream: usize,
    /// Its route.
    pub(super) route: usize,
    /// The segment.
    pub(super) segment: usize,
}

impl<'a> Case<'a> {
    /// A scenario with its plan.
    pub(super) fn new(loaded: &'a Loaded, plan: &'a Plan) -> Self {
        Self { loaded, plan, traffic: Traffic::of(plan) }
    }

    /// What was written.
    pub(super) const fn scenario(&self) -> &'a Scenario {
        &self.loaded.scenario
    }

    /// A warning about the value at a path, or what is written nearest to it.
    pub(super) fn warn(&self, code: &'static Code, path: &str, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(code, message);
        match self.loaded.spans.nearest(path) {
            Some(spot) => diagnostic.at(spot, ""),
            None => diagnostic,
        }
    }

    /// True where the scenario says something at a path.
    pub(super) fn is_written(&self, path: &str) -> bool {
        self.loaded.spans.value(path).is_some()
    }

    /// Every route in every segment.
    pub(super) fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        let upstreams = self.plan.upstreams.iter().enumerate();
        upstreams.flat_map(move |(upstream, u)| {
            let routes = 0..u.routes.len();
            routes.flat_map(move |route| {
                let segments = 0..self.plan.segments.len();
                segments.map(move |segment| Spot { upstream, route, segment })
            })
        })
    }

    /// The calls that reach a route in a segment.
    pub(super) fn calls_at(&self, spot: Spot) -> f64 {
        let upstream = self.plan.upstreams.get(spot.upstream);
        upstream.map_or(0.0, |u| self.traffic.at_route(u, spot.route, spot.segment))
    }

    /// The name of a segment's phase.
    pub(super) fn phase_name(&self, segment: usize) -> &'a str {
        let index = self.plan.segments.get(segment).and_then(|s| s.phase);
        index.and_then(|i| self.plan.phases.get(usize::from(i))).map_or("warm-up", |p| p.name.as_str())
    }

    /// The path at which a key of a route's behaviour in a segment was written: the innermost layer that has it.
    pub(super) fn layer(&self, spot: Spot, key: &str, has: fn(&Behaviour) -> bool) -> String {
        let upstream = self.plan.upstreams.get(spot.upstream);
        let (name, replica) = upstream.map_or(("", 1), |u| self.plan.replica_of(u.host));
        let route = upstream.and_then(|u| u.routes.get(spot.route)).map_or("", |r| r.name.as_str());
        let (base, number) = (format!("upstream.{}", Spans::quoted(name)), format!("replica.{replica}"));
        let written = self.scenario().upstream.get(name);
        let overlays = self.overlays(spot.segment);
        let over: Vec<_> = overlays
            .iter()
            .filter_map(|(prefix, o)| Some((format!("{prefix}.{base}"), o.upstream.get(name)?)))
            .collect();
        // Outer before inner, what is said of all replicas before what is said of one.
        let mut common = vec![(base.clone(), written.map(|u| &u.behaviour))];
        let own_route = written.and_then(|u| u.route.get(spot.route)).map(|r| &r.behaviour);
        let mut routes = vec![(format!("{base}.route[{}]", spot.route), own_route)];
        let quoted = Spans::quoted(route);
        let one = written.and_then(|u| u.replica.get(&replica));
        common.push((format!("{base}.{number}"), one.map(|o| &o.behaviour)));
        routes.push((format!("{base}.{number}.route.{quoted}"), one.and_then(|o| o.route.get(route))));
        for (path, over) in &over {
            let one = over.replica.get(&replica);
            common.push((path.clone(), Some(&over.behaviour)));
            common.push((format!("{path}.{number}"), one.map(|o| &o.behaviour)));
            routes.push((format!("{path}.route.{quoted}"), over.route.get(route)));
            routes.push((format!("{path}.{number}.route.{quoted}"), one.and_then(|o| o.route.get(route))));
        }
        let layers = common.into_iter().chain(routes).rev();
        let found = layers.into_iter().find(|(_, behaviour)| behaviour.is_some_and(has));
        format!("{}.{key}", found.map_or(base, |(path, _)| path))
    }

    /// The overlays of a segment with the paths at which they were written, the outer first.
    fn overlays(&self, segment: usize) -> Vec<(String, &'a Overlay)> {
        let index = self.plan.segments.get(segment).and_then(|s| s.phase);
        let Some((index, phase)) = index.and_then(|i| Some((i, self.scenario().phase.get(usize::from(i))?)))
        else {
            return Vec::new();
        };
        let mut overlays = vec![(format!("phase[{index}]"), &phase.overlay)];
        if !phase.steps.is_empty() {
            // Segments of a phase go through its steps in turn; none of them is left out, as none lasts no time.
            let first = self.plan.segments.iter().position(|s| s.phase == Some(index)).unwrap_or(segment);
            let step = (segment - first) % phase.steps.len();
            overlays.push((format!("phase[{index}].steps[{step}]"), &phase.steps[step].overlay));
        }
        overlays
    }
}
