//! Gateways and clients: whom they call, with which settings, and each client's load over time.

use std::net::SocketAddr;

use upstorm_model::plan::{ClientPlan, GatewayPlan, Host, Load, Role};
use upstorm_model::scenario::{Client, Gateway, LoadShape, Request};

use super::hosts::host_as;
use super::load::{load, overlaid};
use super::targets;
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
    let unknown = || Trouble::unknown_host(path.clone(), name);
    Ok(GatewayPlan {
        host: host_as(hosts, Role::Gateway, name).ok_or_else(unknown)?,
        targets: targets::of_gateway(hosts, name, gateway)?,
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
    let unknown = || Trouble::unknown_host(format!("client.{name}"), name);
    Ok(ClientPlan {
        host: host_as(hosts, Role::Client, name).ok_or_else(unknown)?,
        target: targets::of_client(hosts, name, &client.target, &client.settings.failover)?,
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
    vec![Request::default()]
}

fn or_none(preset: &str) -> String {
    if preset.is_empty() { "none".to_owned() } else { preset.to_owned() }
}
