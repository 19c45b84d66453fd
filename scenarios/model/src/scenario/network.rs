//! `[run] network`: the links of the simulated world.
//!
//! Loopback has no delay worth the name, while a client's timeouts and its keep-alive races live on the delay of a
//! link. The real world has the links it has; these are the simulated one's.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ByteRate, Law, TimeSpan};

/// `[run] network`: how every link of the simulated world behaves, and those that differ.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Network {
    /// Every link, unless it is among those that differ.
    #[serde(flatten)]
    pub link: Link,
    /// The links that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<LinkBetween>,
}

/// One direction of a link; both directions are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Link {
    /// How long a packet is under way: always as long, or drawn anew for each from a law (no ramp).
    pub delay: Law,
    /// Up to so much more, drawn evenly for each packet; packets never overtake each other.
    pub jitter: TimeSpan,
    /// How many bytes a second it carries in each direction.
    pub bandwidth: ByteRate,
}

impl Default for Link {
    /// A link within one data centre.
    fn default() -> Self {
        Self {
            delay: TimeSpan::from_micros(200).into(),
            jitter: TimeSpan::from_micros(50),
            bandwidth: ByteRate::per_second(1 << 30),
        }
    }
}

impl Link {
    /// How long half of the packets are under way, beside the jitter.
    #[must_use]
    pub fn typical(&self) -> Duration {
        self.delay.median(0.0)
    }

    /// How long a packet is under way at least; with a law, 999 of 1,000.
    #[must_use]
    pub fn shortest(&self) -> Duration {
        self.delay.quantile(0.0, 1.0 - NEARLY_ALL)
    }

    /// How long a packet is under way at most, the jitter included; with a law, 999 of 1,000.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.delay.quantile(0.0, NEARLY_ALL) + self.jitter.get()
    }
}

/// The share of packets that a law is spoken for.
const NEARLY_ALL: f64 = 0.999;

/// The link between two hosts, where it differs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LinkBetween {
    /// The two hosts, by name, in either order.
    pub hosts: [String; 2],
    /// How it behaves; what is left out is as on every other link.
    #[serde(flatten)]
    pub link: Link,
}
