//! Cohorts that can never be complete, and silences that are none.

use upstorm_model::TimeSpan;
use upstorm_model::plan::{ClientPlan, Load, UpstreamPlan};
use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::{Hold, Probes};

use super::case::{Case, Spot};
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::seconds;

/// Fewer requests than this in the length of a silence, and one may well come about by chance (Poisson: one gap in 150).
const LULL: f64 = 5.0;

/// W021.
pub(super) fn cannot_gather(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for spot in case.spots() {
        let upstream = &case.plan.upstreams[spot.upstream];
        let behaviour = upstream.timeline.get(spot.segment).and_then(|s| s.routes.get(spot.route));
        let Some((behaviour, hold)) = behaviour.and_then(|b| Some((b, b.hold.as_ref()?))) else { continue };
        let latency = TimeSpan::from(behaviour.latency.quantile(0.5, 0.5));
        let too_slow = latency >= hold.within;
        let why = if too_slow {
            Some(format!("their latency alone is {latency}"))
        } else {
            too_many(case, (upstream, spot), hold).or_else(|| too_few(case, (upstream, spot), hold))
        };
        let Some(why) = why else { continue };
        let place = format!("{}/{}", case.plan.host_name(upstream.host), upstream.routes[spot.route].name);
        let message = format!("`{place}` holds {} calls for {} at most, and {why}", hold.calls, hold.within);
        let path = case.layer(spot, "hold", |b| b.hold.is_some());
        let warning = case.warn(&codes::CANNOT_GATHER, &path, message);
        // Repeated steps are written once.
        if !found.contains(&warning) {
            found.push(warning);
        }
    }
}

/// The clients whose calls come to a route in a segment.
fn callers<'a>(
    case: &'a Case<'_>,
    (upstream, spot): (&'a UpstreamPlan, Spot),
) -> impl Iterator<Item = &'a ClientPlan> {
    let comes =
        move |c: &&ClientPlan| case.traffic.of_client_at(c.host, (upstream, spot.route), spot.segment) > 0.0;
    case.plan.clients.iter().filter(comes)
}

/// More than all callers together, or all gateways before it, have in flight.
fn too_many(case: &Case<'_>, at: (&UpstreamPlan, Spot), hold: &Hold) -> Option<String> {
    let in_flight = |client: &ClientPlan| match client.timeline.get(at.1.segment) {
        Some(Load::Closed { users, .. }) => u64::from(users.at(0.0).max(users.at(1.0))),
        _ => u64::from(client.max_in_flight),
    };
    let mut most: u64 = callers(case, at).map(in_flight).sum();
    let before = |host| case.plan.sends(host, at.0.host);
    if !callers(case, at).any(|client| before(client.host)) {
        let gateways = case.plan.gateways.iter().filter(|gateway| before(gateway.host)).map(|g| &g.policy);
        let room = |policy: &PolicySettings| {
            let connections = policy.pool.max_connections;
            u64::from(policy.limits.max_requests.map_or(connections, |most| most.min(connections)))
        };
        most = most.min(gateways.map(room).sum());
    }
    (most > 0 && u64::from(hold.calls) > most)
        .then(|| format!("no more than {most} can be in flight at once"))
}

/// Fewer than that come while the first of them waits, or its caller does, or the phase lasts.
fn too_few(case: &Case<'_>, at: (&UpstreamPlan, Spot), hold: &Hold) -> Option<String> {
    let length = seconds(case.plan.segments.get(at.1.segment)?);
    let patience = callers(case, at).flat_map(|client| {
        let before = case.plan.gateways.iter().filter(|g| case.plan.sends(g.host, at.0.host));
        let policies = before.map(|g| &g.policy).chain([&client.policy]);
        let deadlines = policies.flat_map(|p| [p.deadline.per_try, p.deadline.total]).flatten();
        deadlines.chain([client.timeout])
    });
    let patience = patience.min()?.min(hold.within);
    let time = patience.as_secs_f64().min(length);
    let come = case.calls_at(at.1) / length.max(1e-9) * time;
    let late = patience < hold.within && patience.as_secs_f64() < length;
    let who = if late { format!("callers give up after {patience}: ") } else { String::new() };
    // Arrivals at random may be somewhat more than expected.
    (come > 0.0 && f64::from(hold.calls) > come + 3.0 * come.sqrt())
        .then(|| format!("{who}only about {come:.0} come in that time"))
}

/// W022.
pub(super) fn no_silence(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for spot in case.spots() {
        let upstream = &case.plan.upstreams[spot.upstream];
        let behaviour = upstream.timeline.get(spot.segment).and_then(|s| s.routes.get(spot.route));
        let Some(Probes { after_silence, .. }) = behaviour.and_then(|b| b.probes.as_ref()) else { continue };
        let length = case.plan.segments.get(spot.segment).map_or(0.0, seconds).max(1e-9);
        let come = case.calls_at(spot) / length * after_silence.as_secs_f64();
        if come <= 0.0 || come >= LULL {
            continue;
        }
        let place = format!("{}/{}", case.plan.host_name(upstream.host), upstream.routes[spot.route].name);
        let message = format!(
            "`{place}` takes {after_silence} without a request for a silence, and {come:.1} come in that time"
        );
        let path = case.layer(spot, "probes", |b| b.probes.is_some());
        let help = "write a longer `after_silence`, or raise the load";
        let warning = case.warn(&codes::NO_SILENCE, &path, message).help(help);
        if !found.contains(&warning) {
            found.push(warning);
        }
    }
}
