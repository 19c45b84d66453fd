//! The links of the simulated world, with their hosts resolved.

use serde::{Deserialize, Serialize};

use super::HostId;
use crate::scenario::Link;

/// How the links of the simulated world behave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Every link that is not named below.
    pub usual: Link,
    /// The links that differ, each pair of hosts at most once.
    pub between: Vec<PlannedLink>,
}

/// The link between two hosts, where it differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedLink {
    /// The two hosts, in either order.
    pub hosts: [HostId; 2],
    /// How it behaves.
    pub link: Link,
}

impl Network {
    /// The link between two hosts, in either order.
    #[must_use]
    pub fn link(&self, one: HostId, other: HostId) -> &Link {
        let pair = HostId::pair(one, other);
        let named = self.between.iter().find(|l| HostId::pair(l.hosts[0], l.hosts[1]) == pair);
        named.map_or(&self.usual, |l| &l.link)
    }
}
