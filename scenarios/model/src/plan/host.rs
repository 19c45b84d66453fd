//! Hosts: everybody who takes part, by index.

use serde::{Deserialize, Serialize};

/// An index into the plan's hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostId(pub u16);

impl HostId {
    /// Two hosts as what lies between them is known by: the lower first, whichever is named first.
    #[must_use]
    pub fn pair(one: Self, other: Self) -> [Self; 2] {
        if one <= other { [one, other] } else { [other, one] }
    }
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name in the scenario.
    pub name: String,
    /// What it does.
    pub role: Role,
}

/// What a host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Calls.
    Client,
    /// Stands between.
    Gateway,
    /// Answers.
    Upstream,
}
