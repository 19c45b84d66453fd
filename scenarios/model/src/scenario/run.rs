//! `[run]`: the seed, and how the run is framed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AlwaysOn, Network};
use crate::TimeSpan;

/// `[run]`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Run {
    /// Every draw of the run is a function of this.
    pub seed: u64,
    /// How many seeds are run, from `seed` on, unless the command line says otherwise.
    pub seeds: u32,
    /// Before the first phase; checks leave it out.
    pub warmup: TimeSpan,
    /// How long calls still in flight are waited for when the last phase has ended.
    pub drain: TimeSpan,
    /// Where the scenario runs unless the command line says otherwise.
    pub world: WorldKind,
    /// The links of the simulated world.
    pub network: Network,
    /// Always-on checks that are switched off.
    pub off: Vec<AlwaysOn>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            seed: 1,
            seeds: 1,
            warmup: TimeSpan::ZERO,
            drain: TimeSpan::from_secs(5),
            world: WorldKind::Real,
            network: Network::default(),
            off: Vec::new(),
        }
    }
}

/// Where a plan is performed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WorldKind {
    /// Real sockets on loopback, real time.
    #[default]
    Real,
    /// A simulated network in virtual time.
    Sim,
}
