//! The links of the simulated world: names become hosts.

use upstorm_model::plan::{Host, Network, PlannedLink};
use upstorm_model::scenario::{LinkBetween, Scenario};

use super::hosts::any_host;
use super::trouble::Trouble;

/// How every link behaves, before those that differ.
pub(crate) fn usual(scenario: &Scenario) -> Network {
    Network { usual: scenario.run.network.link, between: Vec::new() }
}

/// The links that differ, each with its hosts.
///
/// # Errors
/// When nobody has one of the names.
pub(crate) fn differing<'a>(
    hosts: &'a [Host],
    scenario: &'a Scenario,
) -> impl Iterator<Item = Result<PlannedLink, Trouble>> + 'a {
    let link = |(index, between): (usize, &LinkBetween)| {
        let path = |end| format!("run.network.between[{index}].hosts[{end}]");
        let host = |end: usize| {
            let name = &between.hosts[end];
            any_host(hosts, name).ok_or_else(|| Trouble::unknown_host(path(end), name))
        };
        Ok(PlannedLink { hosts: [host(0)?, host(1)?], link: between.link })
    };
    scenario.run.network.between.iter().enumerate().map(link)
}
