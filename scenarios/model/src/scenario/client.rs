//! `[gateway.NAME]` and `[client.NAME]`: what stands between, and who calls.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::PolicySettings;
use crate::{ByteSize, Law, Rate, TimeSpan, Varying};

/// `[gateway.NAME]`: the reference gateway with a preset and overrides.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Gateway {
    /// The upstream (or further gateway) it stands before; of a gateway with `routes`, where all other paths go.
    #[serde(default)]
    pub target: Option<String>,
    /// Where each path prefix goes, the longest that fits first.
    #[serde(default)]
    pub routes: BTreeMap<String, String>,
    /// A fixed address; without it, a free loopback port.
    #[serde(default)]
    pub listen: Option<String>,
    /// The preset it starts from; without it, `none`.
    #[serde(default)]
    pub preset: String,
    /// The preset with the overrides applied.
    #[serde(flatten)]
    pub settings: PolicySettings,
}

/// `[client.NAME]`: a population of callers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Client {
    /// Whom it calls.
    pub target: String,
    /// How much and when.
    #[serde(flatten)]
    pub load: LoadShape,
    /// What it asks, drawn by weight.
    #[serde(default)]
    pub requests: Vec<Request>,
    /// How long it waits for an answer, from the time it sends.
    #[serde(default)]
    pub timeout: TimeSpan,
    /// Calls at once; an arrival beyond is shed and counted.
    #[serde(default)]
    pub max_in_flight: u32,
    /// Connections it keeps; without it, as many as it has calls in flight.
    #[serde(default)]
    pub connections: Option<u32>,
    /// The preset it starts from; without it, `none`.
    #[serde(default)]
    pub preset: String,
    /// The preset with the overrides applied.
    #[serde(flatten)]
    pub settings: PolicySettings,
}

/// Open loop (`rate`, `arrivals`) or closed loop (`users`, `think`). A phase may put another over it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoadShape {
    /// Open loop: calls per time, whatever becomes of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Varying<Rate>>,
    /// Open loop: how the arrivals are spaced; without it, `poisson`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
    /// Closed loop: callers that each wait for their answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Varying<u32>>,
    /// Closed loop: how long a caller waits before its next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub think: Option<Law>,
    /// Closed loop: how many calls each caller makes in the whole run; without it, as many as there is time for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
}

/// How open-loop arrivals are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Independent of each other, as users are.
    #[default]
    Poisson,
    /// Evenly spaced.
    Constant,
}

/// One kind of request of a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// How often, against the sum of the weights; without it, 1.
    #[serde(default = "one")]
    pub weight: f64,
    /// The method; without it, GET.
    #[serde(default = "get")]
    pub method: String,
    /// The path; `{seq}` becomes the number of the call.
    pub path: String,
    /// Bytes of the request body; without it, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RequestBody>,
    /// Headers beside the usual ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// True for an update: the path is read first, and the write brings the version that was read (`If-Match`). What is
    /// tried again is both.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub update: bool,
    /// Whether it carries an Idempotency-Key, a new one for each call; without it, POST and PATCH do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyed: Option<bool>,
}

impl Default for Request {
    /// A GET of the root.
    fn default() -> Self {
        let (method, path) = (get(), "/".to_owned());
        let headers = BTreeMap::new();
        Self { weight: one(), method, path, body: None, headers, update: false, keyed: None }
    }
}

/// The body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// So many bytes of filler.
    pub size: ByteSize,
}

fn one() -> f64 {
    1.0
}

fn get() -> String {
    "GET".to_owned()
}
