//! Ways: the hosts that calls pass, with the share of the calls that goes each way.
//!
//! Path prefixes part the calls at a gateway, and replicas share what arrives for their name. A forecast that knew
//! one way only would expect all the calls at the first replica and none at the others.

use upstorm_model::plan::Target;
use upstorm_model::scenario::Request;
use upstorm_model::{HostId, Plan};

/// The longest chain that is followed; planning refuses circles, and this ends one all the same.
const LONGEST_CHAIN: usize = 32;

/// One way that calls go.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// The share of the calls.
    pub(crate) share: f64,
    /// The hosts they pass after the sender, the last one an upstream.
    pub(crate) hosts: Vec<HostId>,
    /// The requests that go this way.
    pub(crate) requests: Vec<Request>,
}

/// The ways of these requests to these targets, when nothing goes wrong: nobody fails over, and the replicas of a name
/// share evenly. Requests that no target takes go no way.
pub(crate) fn ways(plan: &Plan, targets: &[Target], requests: &[Request]) -> Vec<Way> {
    let mut found = Vec::new();
    let start = Way { share: 1.0, hosts: Vec::new(), requests: requests.to_vec() };
    go_on(plan, targets, &start, &mut found);
    found
}

/// Every way from a host on, whatever is asked; each begins with a host that it sends to.
pub(crate) fn ways_from(plan: &Plan, from: HostId) -> Vec<Vec<HostId>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<HostId>> =
        plan.targets_of(from).iter().flat_map(Target::everybody).map(|host| vec![host]).collect();
    while let Some(way) = open.pop() {
        let next = way.last().map_or(&[][..], |last| plan.targets_of(*last));
        if next.is_empty() || way.len() >= LONGEST_CHAIN {
            found.push(way);
            continue;
        }
        open.extend(next.iter().flat_map(Target::everybody).map(|host| [way.as_slice(), &[host]].concat()));
    }
    found
}

fn go_on(plan: &Plan, targets: &[Target], so_far: &Way, found: &mut Vec<Way>) {
    let path = |request: &Request| request.path.split('?').next().unwrap_or_default().to_owned();
    let total: f64 = so_far.requests.iter().map(|r| r.weight).sum();
    for (index, target) in targets.iter().enumerate() {
        let mine = |r: &&Request| targets.iter().position(|t| t.takes(&path(r))) == Some(index);
        let requests: Vec<Request> = so_far.requests.iter().filter(mine).cloned().collect();
        let weight: f64 = requests.iter().map(|r| r.weight).sum();
        let share = if total > 0.0 { weight / total } else { 0.0 } / target.hosts.len().max(1) as f64;
        for host in target.hosts.iter().filter(|_| !requests.is_empty()) {
            let hosts = [so_far.hosts.as_slice(), &[*host]].concat();
            let way = Way { share: so_far.share * share, hosts, requests: requests.clone() };
            match plan.targets_of(*host) {
                next if next.is_empty() || way.hosts.len() >= LONGEST_CHAIN => found.push(way),
                next => go_on(plan, next, &way, found),
            }
        }
    }
}
