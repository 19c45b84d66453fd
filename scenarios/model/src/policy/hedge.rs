//! Hedging: another attempt beside one that is slow to answer, and the first good answer wins.
//!
//! A few slow answers make the tail of everything that waits for them; asking again beside the slow one costs a few per
//! cent more attempts and cuts that tail (Dean and Barroso, The Tail at Scale, CACM 56(2), 2013; gRFC A6). Where all
//! answers are slow, the extra attempts are load upon what is overloaded: so they can share the retry budget.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Methods;
use crate::{Ratio, TimeSpan};

/// Extra attempts beside a slow one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hedge {
    /// What decides how long is waited before an extra attempt, if any is made.
    pub kind: HedgeKind,
    /// The wait of the delay kind; of the percentile kind, as long as there are fewer than `min_samples`.
    pub after: TimeSpan,
    /// For the percentile kind: the share of answers that came sooner than the wait.
    pub percentile: Ratio,
    /// For the percentile kind: how far is looked back, over at most the last thousand answers.
    pub window: TimeSpan,
    /// For the percentile kind: with fewer answers than this, `after` is waited.
    pub min_samples: u32,
    /// Extra attempts of one call, each so long after the one before it.
    pub max: u32,
    /// Which methods may be sent again.
    pub methods: Methods,
    /// Whether the attempts that lost are cancelled, their connections closed. If not they run on unheard: a defect,
    /// there to be shown.
    pub cancel: bool,
    /// Whose allowance an extra attempt is taken from.
    pub budget: HedgeBudget,
}

impl Default for Hedge {
    fn default() -> Self {
        Self {
            kind: HedgeKind::Off,
            after: TimeSpan::from_millis(50),
            percentile: Ratio::new(0.95),
            window: TimeSpan::from_secs(30),
            min_samples: 100,
            max: 1,
            methods: Methods::IdempotentOrKeyed,
            cancel: true,
            budget: HedgeBudget::Shared,
        }
    }
}

impl Hedge {
    /// The keys that only the percentile kind goes by.
    pub const OF_PERCENTILE: [&'static str; 3] = ["percentile", "window", "min_samples"];
}

/// What decides how long is waited before an extra attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeKind {
    /// No extra attempt is made.
    #[default]
    Off,
    /// Always `after`.
    Delay,
    /// What `percentile` of the answers of the last `window` took at most.
    Percentile,
}

/// Whose allowance an extra attempt is taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeBudget {
    /// The retry budget's: extra attempts and retries together keep to it.
    #[default]
    Shared,
    /// Nobody's: only `max` bounds them.
    None,
}
