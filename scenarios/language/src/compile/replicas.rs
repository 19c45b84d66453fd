//! Replicas: one host, address and behaviour for each, made from what the scenario says of all of them.

use std::net::SocketAddr;

use upstorm_model::plan::{Host, Role, UpstreamPlan};
use upstorm_model::scenario::{Upstream, UpstreamOverlay};

use super::hosts::{host_as, replica_names};
use super::parties::address;
use super::timeline::Stretch;
use super::trouble::Trouble;
use super::upstream::upstream_plan;
use crate::Spans;

/// The parts of the plan of all replicas of an upstream; one where it has none.
pub(crate) fn replica_plans(
    hosts: &[Host],
    (name, upstream): (&str, &Upstream),
    stretches: &[Stretch<'_>],
) -> Vec<Result<UpstreamPlan, Trouble>> {
    let path = format!("upstream.{}", Spans::quoted(name));
    let first = match address(&path, upstream.listen.as_ref()) {
        Ok(first) => first,
        Err(trouble) => return vec![Err(trouble)],
    };
    let plan = |(number, own): (u16, String)| {
        let host = host_as(hosts, Role::Upstream, &own);
        let host = host.ok_or_else(|| Trouble::unknown_host(path.clone(), &own))?;
        let listen = first.map(|first| after(first, number - 1, &path)).transpose()?;
        Ok(upstream_plan((name, number), upstream, (host, listen), stretches))
    };
    (1..).zip(replica_names(name, upstream)).map(plan).collect()
}

/// The address of a replica: ports follow each other. Port 0 is a free port for each.
fn after(first: SocketAddr, offset: u16, path: &str) -> Result<SocketAddr, Trouble> {
    if first.port() == 0 {
        return Ok(first);
    }
    let no_port = || Trouble::Address { path: format!("{path}.listen"), text: format!("{first} + {offset}") };
    let port = first.port().checked_add(offset).ok_or_else(no_port)?;
    Ok(SocketAddr::new(first.ip(), port))
}

/// What lies over one replica in a stretch, the outer first: what is its own in the base, then of each overlay what it
/// says of all, then of this one.
pub(crate) fn overlays_of(
    (name, number): (&str, u16),
    upstream: &Upstream,
    stretch: &Stretch<'_>,
) -> Vec<UpstreamOverlay> {
    let own = upstream.replica.get(&number).map(UpstreamOverlay::from);
    let over = stretch.overlays.iter().filter_map(|overlay| overlay.upstream.get(name));
    let layers = over.flat_map(|over| {
        let of_one = over.replica.get(&number).map(UpstreamOverlay::from);
        [Some(over.clone()), of_one].into_iter().flatten()
    });
    own.into_iter().chain(layers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_each_other_and_end() {
        let first: SocketAddr = "127.0.0.1:9101".parse().unwrap();
        assert_eq!(after(first, 2, "p").unwrap().port(), 9103);
        let free: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert_eq!(after(free, 2, "p").unwrap(), free);
        let last: SocketAddr = "127.0.0.1:65535".parse().unwrap();
        assert_eq!(after(last, 1, "p").unwrap_err().path(), "p.listen");
    }
}
