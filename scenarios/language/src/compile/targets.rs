//! Targets: names become hosts, path prefixes are put in the order they are tried, and circles are found.

use upstorm_model::plan::{Host, Target};
use upstorm_model::policy::Failover;
use upstorm_model::scenario::{Gateway, Scenario};

use super::hosts::callees;
use super::trouble::Trouble;
use crate::Spans;

/// A name as a gateway or client speaks of it: where that is written, for which path prefix, and the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken<'a> {
    path: String,
    prefix: &'a str,
    name: &'a str,
}

/// Whom a gateway sends to, the longest path prefix first.
fn spoken_by<'a>(name: &str, gateway: &'a Gateway) -> Vec<Spoken<'a>> {
    let table = format!("gateway.{}", Spans::quoted(name));
    let route = |(prefix, name): (&'a String, &'a String)| Spoken {
        path: format!("{table}.routes.{}", Spans::quoted(prefix)),
        prefix,
        name,
    };
    let mut spoken: Vec<Spoken<'_>> = gateway.routes.iter().map(route).collect();
    spoken.sort_by_key(|s| std::cmp::Reverse(s.prefix.trim_end_matches('/').len()));
    let rest = gateway.target.as_deref();
    spoken.extend(rest.map(|name| Spoken { path: format!("{table}.target"), prefix: "", name }));
    spoken
}

/// The targets of a gateway.
///
/// # Errors
/// When a name in it means nobody who can be called.
pub(crate) fn of_gateway(hosts: &[Host], name: &str, gateway: &Gateway) -> Result<Vec<Target>, Trouble> {
    let table = format!("gateway.{}", Spans::quoted(name));
    let spoken = spoken_by(name, gateway);
    spoken.iter().map(|one| target(hosts, one, (&table, &gateway.settings.failover))).collect()
}

/// The target of a client.
///
/// # Errors
/// When a name in it means nobody who can be called.
pub(crate) fn of_client(
    hosts: &[Host],
    client: &str,
    to: &str,
    failover: &Failover,
) -> Result<Target, Trouble> {
    let table = format!("client.{}", Spans::quoted(client));
    target(hosts, &Spoken { path: format!("{table}.target"), prefix: "", name: to }, (&table, failover))
}

fn target(
    hosts: &[Host],
    spoken: &Spoken<'_>,
    (table, failover): (&str, &Failover),
) -> Result<Target, Trouble> {
    let known =
        |path: String, name: &str| callees(hosts, name).ok_or_else(|| Trouble::unknown_host(path, name));
    let backups = failover.to.iter().enumerate();
    let backup = |(index, name): (usize, &String)| {
        let path = format!("{table}.failover.to[{index}]");
        if name == spoken.name || failover.to[..index].contains(name) {
            return Err(Trouble::FailsOverToItself { path, name: name.clone() });
        }
        known(path, name)
    };
    Ok(Target {
        prefix: spoken.prefix.to_owned(),
        upstream: spoken.name.to_owned(),
        hosts: known(spoken.path.clone(), spoken.name)?,
        backups: backups.map(backup).collect::<Result<_, _>>()?,
    })
}

/// Everybody a gateway may send to, with the path at which that is written.
fn sends_to<'a>(scenario: &'a Scenario, gateway: &str) -> Vec<(String, &'a str)> {
    let Some(own) = scenario.gateway.get(gateway) else { return Vec::new() };
    let straight = spoken_by(gateway, own).into_iter().map(|spoken| (spoken.path, spoken.name));
    let backups = own.settings.failover.to.iter().enumerate().map(|(index, name)| {
        (format!("gateway.{}.failover.to[{index}]", Spans::quoted(gateway)), name.as_str())
    });
    straight.chain(backups).collect()
}

/// The first gateway of a circle of gateways that call each other, if there is one: its calls would never arrive.
pub(crate) fn circle(scenario: &Scenario) -> Option<Trouble> {
    scenario.gateway.keys().find_map(|start| {
        sends_to(scenario, start).into_iter().find_map(|(path, first)| {
            let chain = chain(scenario, first, start)?;
            Some(Trouble::Circle { path, chain: format!("{start} -> {}", chain.join(" -> ")) })
        })
    })
}

/// The shortest way from one gateway to another, both ends included.
fn chain<'a>(scenario: &'a Scenario, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![from]];
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        let last = *way.last()?;
        if last == to {
            return Some(way);
        }
        for (_, further) in sends_to(scenario, last) {
            if ways.iter().all(|known| known.last() != Some(&further)) {
                ways.push([way.as_slice(), &[further]].concat());
            }
        }
        next += 1;
    }
    None
}
