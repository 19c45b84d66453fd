//! `status`: the mix of statuses an upstream answers with.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, RetryAfter};
use crate::{Ratio, Varying};

/// Statuses and their shares. One entry may leave its share out and takes the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct StatusMix(pub BTreeMap<u16, StatusEntry>);

/// The share of one status, or a table that says more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StatusEntry {
    /// Only a share.
    Share(Varying<Ratio>),
    /// A share, and what the response carries.
    Table(StatusTable),
}

/// What a response of one status carries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatusTable {
    /// How many of the responses; without it, the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Varying<Ratio>>,
    /// Its Retry-After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Headers beside the usual ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Its body, where it differs from the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl StatusEntry {
    /// The share that was written, if one was.
    #[must_use]
    pub const fn share(&self) -> Option<&Varying<Ratio>> {
        match self {
            Self::Share(share) => Some(share),
            Self::Table(table) => table.share.as_ref(),
        }
    }

    /// What it says beside the share.
    #[must_use]
    pub const fn table(&self) -> Option<&StatusTable> {
        match self {
            Self::Share(_) => None,
            Self::Table(table) => Some(table),
        }
    }
}

impl Default for StatusMix {
    /// Always 200.
    fn default() -> Self {
        Self(BTreeMap::from([(200, StatusEntry::Table(StatusTable::default()))]))
    }
}

impl StatusMix {
    /// Each status with its share at `progress` through the phase; the entry without one takes the rest.
    #[must_use]
    pub fn shares(&self, progress: f64) -> Vec<(u16, f64)> {
        let written = |entry: &StatusEntry| entry.share().map(|s| s.at(progress).get());
        let given: f64 = self.0.values().filter_map(written).sum();
        let rest = (1.0 - given).max(0.0);
        self.0.iter().map(|(status, entry)| (*status, written(entry).unwrap_or(rest))).collect()
    }

    /// The status for a draw in [0, 1).
    #[must_use]
    pub fn pick(&self, progress: f64, draw: f64) -> u16 {
        let shares = self.shares(progress);
        let mut left = draw;
        for (status, share) in &shares {
            if left < *share {
                return *status;
            }
            left -= share;
        }
        shares.last().map_or(200, |(status, _)| *status)
    }
}
