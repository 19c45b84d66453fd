//! Links of the simulated world that nothing passes, or that nobody waits for.

use upstorm_model::policy::PolicySettings;
use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Plan, TimeSpan};

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};
use crate::forecast::{round_trip, ways_from};

/// Who calls: the path of its table, itself, its policies.
type Sender<'a> = (String, HostId, &'a PolicySettings);

fn senders<'a>(case: &Case<'a>) -> Vec<Sender<'a>> {
    let plan = case.plan;
    let path = |table: &str, host| format!("{table}.{}", Spans::quoted(plan.host_name(host)));
    let gateways = plan.gateways.iter().map(|g| (path("gateway", g.host), g.host, &g.policy));
    let clients = plan.clients.iter().map(|c| (path("client", c.host), c.host, &c.policy));
    gateways.chain(clients).collect()
}

/// W017.
pub(super) fn without_effect(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    const NETWORK: &str = "run.network";
    if case.plan.world == WorldKind::Real {
        if case.is_written(NETWORK) {
            let message = "this run is in the real world, which has the links it has";
            let help = "write `world = \"sim\"` in `[run]`, or run with `--world sim`";
            found.push(case.warn(&codes::IDLE_LINK, NETWORK, message).help(help));
        }
        return;
    }
    for (index, link) in case.plan.network.between.iter().enumerate() {
        let [one, other] = link.hosts;
        if !case.plan.sends(one, other) && !case.plan.sends(other, one) {
            let (one, other) = (case.plan.host_name(one), case.plan.host_name(other));
            let message = format!("neither `{one}` nor `{other}` calls the other");
            found.push(case.warn(&codes::IDLE_LINK, &format!("{NETWORK}.between[{index}].hosts"), message));
        }
    }
}

/// How long somebody waits for something: where that is written, for what, and along which way it comes.
struct Wait {
    path: String,
    what: &'static str,
    long: Option<TimeSpan>,
    from: HostId,
    way: Vec<HostId>,
}

fn waits(case: &Case<'_>) -> Vec<Wait> {
    let plan = case.plan;
    let mut waits = Vec::new();
    for client in &plan.clients {
        let path = format!("client.{}.timeout", Spans::quoted(plan.host_name(client.host)));
        let way = longest(plan, client.host);
        waits.push(Wait { path, what: "a call", long: Some(client.timeout), from: client.host, way });
    }
    for (path, from, policy) in senders(case) {
        let deadline = &policy.deadline;
        let way = longest(plan, from);
        let first = way.iter().copied().take(1).collect();
        for (key, what, long, way) in [
            ("total", "a call", deadline.total, way.clone()),
            ("per_try", "an attempt", deadline.per_try, way),
            ("connect", "a connection", deadline.connect, first),
        ] {
            waits.push(Wait { path: format!("{path}.deadline.{key}"), what, long, from, way });
        }
    }
    waits
}

/// The way on which a call of this host is under way for the longest time.
fn longest(plan: &Plan, from: HostId) -> Vec<HostId> {
    let ways = ways_from(plan, from).into_iter();
    ways.max_by_key(|way| round_trip(plan, from, way)).unwrap_or_default()
}

/// W018.
pub(super) fn too_short(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    for Wait { path, what, long, from, way } in waits(case) {
        let round_trip = round_trip(case.plan, from, &way);
        let Some(long) = long.filter(|long| long.get() < round_trip) else { continue };
        let name = |host: &HostId| format!("`{}`", case.plan.host_name(*host));
        let names: Vec<String> = way.iter().map(name).collect();
        let message = format!(
            "{} waits {long} for {what}, and a round trip to {} takes {}",
            name(&from),
            names.join(" and on to "),
            TimeSpan::from(round_trip)
        );
        found.push(case.warn(&codes::BELOW_ROUND_TRIP, &path, message));
    }
}
