//! Gateways and clients: whom they call, with which settings, and each client's load over time.

use std::net::SocketAddr;

use upstorm_model::plan::{ClientPlan, GatewayPlan, Host, Load, Role};
use upstorm_model::scenario::{Client, Gateway, LoadShape, Request, Scenario};

use super::hosts::{callee, host_as};
use super::load::{load, overlaid};
use super::timeline::Stretch;
use super::trouble::Trouble;

/// Reads a fixed address; none where none is given.
///
/// # Errors
/// When it is not an IP address with a port.
pub(crate) fn address(path: &str, listen: Option<&String>) -> Result<Option<SocketAddr>, Trouble> {
    let wrong = |text: &String| Trouble::Address { path: format!("{path}.listen"), text: text.clone() };
    listen.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

/// A gateway's part of the plan.
///
/// # Errors
/// When its target or address means nothing.
pub(crate) fn gateway(hosts: &[Host], name: &str, gateway: &Gateway) -> Result<GatewayPlan, Trouble> {
    let path = format!("gateway.{name}");
    let unknown = || Trouble::unknown_host(format!("{path}.target"), &gateway.target);
    Ok(GatewayPlan {
        host: host_as(hosts, Role::Gateway, name).ok_or_else(unknown)?,
        target: callee(hosts, &gateway.target).ok_or_else(unknown)?,
        listen: address(&path, gateway.listen.as_ref())?,
        preset: or_none(&gateway.preset),
        policy: gateway.settings.clone(),
    })
}

/// A client's part of the plan, with its load in each stretch.
///
/// # Errors
/// When its target means nothing.
pub(crate) fn client(
    hosts: &[Host],
    name: &str,
    client: &Client,
    stretches: &[Stretch<'_>],
) -> Result<ClientPlan, Trouble> {
    let unknown = || Trouble::unknown_host(format!("client.{name}.target"), &client.target);
    Ok(ClientPlan {
        host: host_as(hosts, Role::Client, name).ok_or_else(unknown)?,
        target: callee(hosts, &client.target).ok_or_else(unknown)?,
        requests: requests(client),
        timeout: client.timeout,
        max_in_flight: client.max_in_flight,
        connections: client.connections,
        preset: or_none(&client.preset),
        policy: client.settings.clone(),
        timeline: stretches.iter().map(|stretch| in_stretch(name, &client.load, stretch)).collect(),
    })
}

fn in_stretch(name: &str, base: &LoadShape, stretch: &Stretch<'_>) -> Load {
    let overlays = stretch.overlays.iter().filter_map(|o| o.client.get(name));
    load(&overlays.fold(base.clone(), |shape, over| overlaid(&shape, over)))
}

fn requests(client: &Client) -> Vec<Request> {
    if !client.requests.is_empty() {
        return client.requests.clone();
    }
    let (method, path) = ("GET".to_owned(), "/".to_owned());
    vec![Request { weight: 1.0, method, path, body: None, headers: Default::default() }]
}

fn or_none(preset: &str) -> String {
    if preset.is_empty() { "none".to_owned() } else { preset.to_owned() }
}

/// The first gateway of a circle of gateways that call each other, if there is one: its calls would never arrive.
pub(crate) fn circle(scenario: &Scenario) -> Option<Trouble> {
    let next = |name: &str| scenario.gateway.get(name).map(|g| g.target.as_str());
    scenario.gateway.keys().find_map(|start| {
        let mut chain = vec![start.as_str()];
        let mut at = next(start);
        while let Some(name) = at {
            if name == start {
                chain.push(name);
                return Some(Trouble::Circle { name: start.clone(), chain: chain.join(" -> ") });
            }
            if chain.contains(&name) {
                return None; // a circle further on, which is found from its own first gateway
            }
            chain.push(name);
            at = next(name);
        }
        None
    })
}
