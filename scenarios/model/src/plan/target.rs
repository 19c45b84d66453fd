//! Targets: whom a gateway or client sends which requests to.
//!
//! A name in the scenario may mean several hosts (replicas), a gateway may send each path prefix elsewhere (routes),
//! and each of these may have others behind it (failover). What shares one name is protected by one stack.

use serde::{Deserialize, Serialize};

use super::HostId;

/// Whom requests beneath one path prefix are sent to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Requests whose path lies beneath this go here; empty for all that go nowhere else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Its name, as the scenario writes it.
    pub upstream: String,
    /// The hosts of that name: its replicas, or one.
    pub hosts: Vec<HostId>,
    /// The hosts of each name behind it, first the one that is tried first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<Vec<HostId>>,
}

impl Target {
    /// All requests to one host.
    #[must_use]
    pub fn one(name: &str, host: HostId) -> Self {
        Self { upstream: name.to_owned(), hosts: vec![host], ..Self::default() }
    }

    /// The groups of hosts in the order they are tried: its own, then those behind it.
    pub fn tiers(&self) -> impl Iterator<Item = &[HostId]> {
        std::iter::once(self.hosts.as_slice()).chain(self.backups.iter().map(Vec::as_slice))
    }

    /// Every host that a request may be sent to.
    pub fn everybody(&self) -> impl Iterator<Item = HostId> {
        self.tiers().flatten().copied()
    }

    /// Whether a request of this path is sent here. A prefix ends where a segment of the path ends: `/v1` is before
    /// `/v1` and `/v1/charges`, not before `/v10`.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        let prefix = self.prefix.trim_end_matches('/');
        path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            || self.prefix.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beneath(prefix: &str) -> Target {
        Target { prefix: prefix.to_owned(), ..Target::one("payments", HostId(0)) }
    }

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        let taken = |prefix: &str, path: &str| beneath(prefix).takes(path);
        assert!(taken("/v1", "/v1") && taken("/v1", "/v1/charges") && taken("/v1/", "/v1"));
        assert!(!taken("/v1", "/v10") && !taken("/v1", "/") && !taken("/v1", "/api/v1"));
        assert!(taken("/", "/") && taken("/", "/v10") && taken("", "*"));
        assert!(!taken("/", "*"));
    }

    #[test]
    fn the_tiers_are_in_the_order_they_are_tried() {
        let target = Target { backups: vec![vec![HostId(3)], vec![HostId(1)]], ..beneath("") };
        assert_eq!(target.everybody().collect::<Vec<_>>(), [HostId(0), HostId(3), HostId(1)]);
    }
}
