//! The links of the simulated world: names become hosts.

use upstorm_model::plan::{Host, Network, PlannedLink};
use upstorm_model::scenario::{LinkBetween, Scenario};

use super::hosts::named;
use super::trouble::Trouble;

/// How every link behaves, before those that differ.
pub(crate) fn usual(scenario: &Scenario) -> Network {
    Network { usual: scenario.run.network.link.clone(), between: Vec::new() }
}

/// The links that differ, each with its hosts: of replicas, the link of each.
///
/// # Errors
/// When nobody has one of the names.
pub(crate) fn differing(hosts: &[Host], scenario: &Scenario) -> Vec<Result<PlannedLink, Trouble>> {
    let links = scenario.run.network.between.iter().enumerate();
    let planned = |(index, between): (usize, &LinkBetween)| {
        let ends = [0, 1].map(|end: usize| {
            let (name, found) = (&between.hosts[end], named(hosts, &between.hosts[end]));
            let path = format!("run.network.between[{index}].hosts[{end}]");
            if found.is_empty() { Err(Trouble::unknown_host(path, name)) } else { Ok(found) }
        });
        match ends {
            [Ok(ones), Ok(others)] => {
                let pairs = ones.iter().flat_map(|one| others.iter().map(|other| [*one, *other]));
                let apart = pairs.filter(|[one, other]| one != other);
                apart.map(|hosts| Ok(PlannedLink { hosts, link: between.link.clone() })).collect()
            }
            ends => ends.into_iter().filter_map(Result::err).map(Err).collect::<Vec<_>>(),
        }
    };
    links.flat_map(planned).collect()
}
