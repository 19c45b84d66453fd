//! Figures: calls by client and phase, and what attempts will meet.

use upstorm_model::Plan;
use upstorm_model::plan::Load;
use upstorm_model::scenario::Fault;

use super::table::{Table, section};
use super::timeline::fault;
use super::wording::{about, count, law, share, varying};
use crate::forecast::{Odds, Traffic, odds, seconds};

/// A phase, or warm-up: its name and its segments.
type Stage<'a> = (&'a str, Vec<usize>);

/// Warm-up, if there is one, and the phases.
fn stages(plan: &Plan) -> Vec<Stage<'_>> {
    let of = |phase: Option<u16>| {
        let segments = plan.segments.iter().enumerate().filter(move |(_, s)| s.phase == phase);
        segments.map(|(index, _)| index).collect::<Vec<_>>()
    };
    let warmup = ("warm-up", of(None));
    let phases = (0_u16..).zip(&plan.phases).map(|(index, phase)| (phase.name.as_str(), of(Some(index))));
    std::iter::once(warmup).chain(phases).filter(|(_, segments)| !segments.is_empty()).collect()
}

/// Expected calls of each client in each phase. Ramps are integrated.
pub(super) fn calls(plan: &Plan, traffic: &Traffic<'_>) -> String {
    let mut table = Table::new(&["client", "phase", "calls", "per second", "load"]);
    for (index, client) in plan.clients.iter().enumerate() {
        let name = plan.host_name(client.host);
        let mut total = 0.0;
        for (stage, segments) in stages(plan) {
            let calls: f64 = segments.iter().map(|segment| traffic.calls(index, *segment)).sum();
            let length: f64 = segments.iter().map(|s| seconds(&plan.segments[*s])).sum();
            let mut loads: Vec<String> = segments.iter().map(|s| load(&client.timeline[*s])).collect();
            loads.dedup();
            if loads.len() > 3 {
                loads.truncate(3);
                loads.push("…".to_owned());
            }
            total += calls;
            let cells = [name.to_owned(), stage.to_owned(), about(calls), about(calls / length)];
            table.row(cells.into_iter().chain([loads.join("; ")]));
        }
        table.row([name.to_owned(), "in all".to_owned(), about(total), String::new(), String::new()]);
    }
    section("Calls expected", &table.lines())
}

fn load(load: &Load) -> String {
    match load {
        Load::Open { rate, arrivals } => format!("open loop, {}, {arrivals:?}", varying(rate)).to_lowercase(),
        Load::Closed { users, think, calls } => {
            let each = calls.map_or_else(String::new, |n| format!(", {} each", count(n as usize, "call")));
            format!("closed loop, {} users, thinking {}{each}", varying(users), law(think))
        }
    }
}

/// What attempts meet in each phase on each route that is called: only where it is not all well.
pub(super) fn faults(plan: &Plan, traffic: &Traffic<'_>) -> String {
    let mut table = Table::new(&["phase", "route", "calls", "succeed", "what goes wrong"]);
    for (stage, segments) in stages(plan) {
        for (index, upstream) in plan.upstreams.iter().enumerate() {
            for (route, named) in upstream.routes.iter().enumerate() {
                let seen = Seen::of(plan, traffic, (index, route), &segments);
                if seen.calls > 0.0 && !seen.wrong.is_empty() {
                    let place = format!("{}/{}", plan.host_name(upstream.host), named.name);
                    table.row([
                        stage.to_owned(),
                        place,
                        about(seen.calls),
                        share(seen.succeed / seen.calls),
                        seen.wrong(),
                    ]);
                }
            }
        }
    }
    section("What first attempts meet", &table.lines())
}

/// Expected fates on one route over some segments.
#[derive(Default)]
struct Seen {
    calls: f64,
    succeed: f64,
    /// What, and how many, in the order met.
    wrong: Vec<(String, f64)>,
}

impl Seen {
    fn of(plan: &Plan, traffic: &Traffic<'_>, (upstream, route): (usize, usize), segments: &[usize]) -> Self {
        let mut seen = Self::default();
        for segment in segments.iter().copied() {
            let behaviour = &plan.upstreams[upstream].timeline[segment].routes[route];
            let calls = traffic.at_route(&plan.upstreams[upstream], route, segment);
            let odds = odds(plan, traffic, (upstream, route, segment));
            seen.calls += calls;
            seen.succeed += calls * odds.succeeded();
            seen.add(calls, &odds, &behaviour.faults);
        }
        seen
    }

    fn add(&mut self, calls: f64, odds: &Odds, faults: &[Fault]) {
        self.note("no connection".to_owned(), calls * odds.connect_failure);
        let hit: f64 = odds.faults.iter().sum();
        if hit == 0.0 {
            // Silence without a fault comes from the network: a partition, or SYNs that nobody answers.
            self.note("silence".to_owned(), calls * odds.silence);
        }
        for (status, part) in odds.statuses.iter().filter(|(status, _)| *status >= 400) {
            self.note(status.to_string(), calls * part);
        }
        for (index, part) in odds.faults.iter().enumerate() {
            self.note(faults.get(index).map_or_else(String::new, fault), calls * part);
        }
    }

    fn note(&mut self, what: String, count: f64) {
        match self.wrong.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += count,
            None if count > 0.0 => self.wrong.push((what, count)),
            None => {}
        }
    }

    fn wrong(&self) -> String {
        let part = |(what, count): &(String, f64)| {
            format!("{what} {} (about {})", share(count / self.calls), about(*count))
        };
        self.wrong.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}
