//! `[upstream.NAME]`: who answers, and how each route behaves.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, Capacity, Connect, Fault, Hold, Limit, Probes, Row, Script, StatusMix};
use crate::{Law, Ratio};

/// `[upstream.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Upstream {
    /// A fixed address, such as `"127.0.0.1:9101"`; without it, a free loopback port.
    pub listen: Option<String>,
    /// True where a request's `x-upstorm-fate` says what it meets; without it, that header means nothing.
    pub fate_header: bool,
    /// What happens to connections.
    pub connect: Option<Connect>,
    /// The default of all its routes.
    #[serde(flatten)]
    pub behaviour: Behaviour,
    /// The routes; the first that matches serves the request.
    pub route: Vec<Route>,
    /// How many hosts of this name there are; without it, one.
    pub replicas: Option<u16>,
    /// What single replicas do otherwise, by their number from 1.
    pub replica: BTreeMap<u16, ReplicaOverlay>,
}

/// `[[upstream.NAME.route]]`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Route {
    /// Its name, unique within the upstream.
    pub name: String,
    /// Which requests it serves; without it, all.
    #[serde(default)]
    pub r#match: RouteMatch,
    /// Each of its paths is a row with a version; without it, nothing is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Row>,
    /// What differs from the upstream's own behaviour.
    #[serde(flatten)]
    pub behaviour: Behaviour,
}

/// Which requests a route serves: all that is given must fit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RouteMatch {
    /// The method, in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path; `{name}` stands for one segment, a final `**` for any rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers and their exact values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, String>,
    /// Only this share of the requests that fit, drawn for each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Ratio>,
}

/// What a route does with a request; what is left out comes from the level above.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Behaviour {
    /// The rate limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// How much can be done at once; an upstream's own is shared by all its routes that set none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// How long until the first byte of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Law>,
    /// The statuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusMix>,
    /// The response body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What may go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Vec<Fault>>,
    /// What is met in turn, before all of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
    /// So many requests are gathered and answered at one instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What the first requests after a silence meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
    /// Whether a request with an Idempotency-Key that took effect before takes none and is told the same again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<bool>,
}

impl Behaviour {
    /// This, with what `over` says put over it key by key.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        Self {
            limit: over.limit.clone().or_else(|| self.limit.clone()),
            capacity: over.capacity.clone().or_else(|| self.capacity.clone()),
            latency: over.latency.clone().or_else(|| self.latency.clone()),
            status: over.status.clone().or_else(|| self.status.clone()),
            body: over.body.clone().or_else(|| self.body.clone()),
            faults: over.faults.clone().or_else(|| self.faults.clone()),
            script: over.script.clone().or_else(|| self.script.clone()),
            hold: over.hold.clone().or_else(|| self.hold.clone()),
            probes: over.probes.clone().or_else(|| self.probes.clone()),
            ledger: over.ledger.or(self.ledger),
        }
    }
}

/// What a phase puts over an upstream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct UpstreamOverlay {
    /// What happens to connections.
    pub connect: Option<Connect>,
    /// Over the upstream's own behaviour, the default of its routes.
    #[serde(flatten)]
    pub behaviour: Behaviour,
    /// Over a route's behaviour, by its name.
    pub route: BTreeMap<String, Behaviour>,
    /// Over all of that at single replicas, by their number from 1.
    pub replica: BTreeMap<u16, ReplicaOverlay>,
}

/// What one replica does otherwise than the rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ReplicaOverlay {
    /// What happens to connections.
    pub connect: Option<Connect>,
    /// Over the behaviour that is common to all, the default of the routes.
    #[serde(flatten)]
    pub behaviour: Behaviour,
    /// Over a route's behaviour, by its name.
    pub route: BTreeMap<String, Behaviour>,
}

impl From<&ReplicaOverlay> for UpstreamOverlay {
    fn from(one: &ReplicaOverlay) -> Self {
        let ReplicaOverlay { connect, behaviour, route } = one.clone();
        Self { connect, behaviour, route, replica: BTreeMap::new() }
    }
}
