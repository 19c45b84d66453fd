//! `alert`: would this alert have fired.
//!
//! Who is woken at night, and when, is a part of how a service fails: a rule that misses an outage is as broken as one
//! that cries at every stumble. Two sorts of rules are in use. One fires when a level is over a threshold in so many
//! windows in a row. The other looks at how fast an error budget burns, over a long window to be sure and a short one to
//! let go again soon (Beyer et al., The Site Reliability Workbook, O'Reilly 2018, chapter 5, "Multiwindow,
//! Multi-Burn-Rate Alerts"). The workbook's windows are hours; a scenario scales them down with its phases.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ratio, TimeSpan};

/// `alert`: of a client. Exactly one level (`errors`, `throttled` or a latency) with `window`, or `burn`; and either
/// `fires_within` or `stays_silent`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertCheck {
    /// The client, such as `"shoppers"`.
    pub of: String,
    /// More than this share of the calls of a window fails (5xx, transport error, timeout, shed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Ratio>,
    /// More than this share of the calls of a window is throttled (429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<Ratio>,
    /// Half of the successful calls of a window are slower than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<TimeSpan>,
    /// A tenth of the successful calls of a window is slower than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<TimeSpan>,
    /// 5 % of the successful calls of a window are slower than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<TimeSpan>,
    /// 1 % of the successful calls of a window is slower than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<TimeSpan>,
    /// 0.1 % of the successful calls of a window is slower than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p999: Option<TimeSpan>,
    /// How long a window is. The windows lie end to end from the start of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeSpan>,
    /// It fires when so many windows in a row are over the threshold; without it, one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive: Option<u32>,
    /// How fast the error budget burns, in place of a level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn: Option<Burn>,
    /// A window with fewer calls says nothing, whether for or against; without it, one call is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_calls: Option<u32>,
    /// It fires within this time of the start of the first phase looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fires_within: Option<TimeSpan>,
    /// It does not fire at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stays_silent: bool,
}

/// `burn`: the pace at which an error budget is used up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Burn {
    /// The share of calls that the service level promises to succeed; what it leaves is the budget.
    pub objective: Ratio,
    /// The alert fires when any of these does.
    pub pairs: Vec<BurnPair>,
}

/// A long window and a short one, a twelfth of it: both must burn faster than the rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurnPair {
    /// How many times as fast as would just use up the budget over the objective's time.
    pub rate: f64,
    /// The long window.
    pub long: TimeSpan,
}

impl BurnPair {
    /// The long window is so many times the short one.
    pub const LONG_OVER_SHORT: u32 = 12;
    /// The rates are looked at so many times in each short window.
    pub const LOOKS: u32 = 5;
}

/// What an alert watches in each window, and the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// The share of failed calls.
    Errors(f64),
    /// The share of throttled calls.
    Throttled(f64),
    /// This quantile of the latency of successful calls, and the threshold in seconds.
    Latency(f64, f64),
}

impl Level {
    /// The threshold: a share, or seconds.
    #[must_use]
    pub const fn threshold(self) -> f64 {
        match self {
            Self::Errors(share) | Self::Throttled(share) => share,
            Self::Latency(_, seconds) => seconds,
        }
    }
}

impl AlertCheck {
    /// The keys of a level, one of which is set where there is no `burn`.
    pub const LEVELS: [&'static str; 7] = ["errors", "throttled", "p50", "p90", "p95", "p99", "p999"];

    /// No window may be shorter.
    pub const SHORTEST: Duration = Duration::from_millis(100);

    /// The level that is watched; none where it is the burn rate.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        let quantiles =
            [(0.5, self.p50), (0.9, self.p90), (0.95, self.p95), (0.99, self.p99), (0.999, self.p999)];
        let latency =
            quantiles.into_iter().find_map(|(p, limit)| Some(Level::Latency(p, limit?.as_secs_f64())));
        let throttled = self.throttled.map(|share| Level::Throttled(share.get()));
        self.errors.map(|share| Level::Errors(share.get())).or(throttled).or(latency)
    }

    /// The shortest time in which it can fire.
    #[must_use]
    pub fn soonest(&self) -> Duration {
        // A burn rate is looked at five times in each short window.
        let step = |pair: &BurnPair| pair.long.get() / (BurnPair::LONG_OVER_SHORT * BurnPair::LOOKS);
        let windows = self.consecutive.unwrap_or(1).max(1);
        let level = self.window.map_or(Duration::ZERO, |window| window.get().saturating_mul(windows));
        self.burn.iter().flat_map(|burn| &burn.pairs).map(step).min().unwrap_or(level)
    }
}
