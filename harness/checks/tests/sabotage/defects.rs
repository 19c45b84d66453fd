//! Defects: what may be wrong with a staged performance, one at a time.

use std::time::Duration;

/// What is wrong with the gateway, the upstream or the harness. Nothing, unless said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Defects {
    /// Each retry waits the same time as the retry of every other call made in the same tenth of a second.
    pub(crate) shared_jitter: bool,
    /// The breaker lets calls through after a quarter of its open time.
    pub(crate) opens_too_short: bool,
    /// The breaker admits everything while half open.
    pub(crate) unlimited_probes: bool,
    /// Probes never give their permits back.
    pub(crate) stuck: bool,
    /// The breaker takes three times as many failures to open.
    pub(crate) opens_late: bool,
    /// The breaker opens at the first failure.
    pub(crate) opens_early: bool,
    /// The breaker stays open for three times its open time.
    pub(crate) opens_too_long: bool,
    /// The breaker hears results of calls that an older state let through.
    pub(crate) hears_late: bool,
    /// A rejected call is kept waiting.
    pub(crate) slow_rejections: bool,
    /// Declared faults are not injected.
    pub(crate) no_faults: bool,
    /// Delays are half as long again as drawn from the law.
    pub(crate) slow_law: bool,
    /// Every third call is never sent.
    pub(crate) lost_load: bool,
    /// Every third call is shed.
    pub(crate) shed_load: bool,
    /// Calls are sent this late.
    pub(crate) late: Duration,
    /// Now and then an attempt belongs to no call.
    pub(crate) stray_attempts: bool,
    /// Now and then a call is answered out of nowhere.
    pub(crate) invented_answers: bool,
    /// Keys of the calls are dropped.
    pub(crate) no_keys: bool,
    /// The backoff waits a third of what is set.
    pub(crate) hurried: bool,
    /// The gateway has no limits, whatever is set.
    pub(crate) limitless: bool,
    /// The gateway's bucket fills at a third of the rate that is set.
    pub(crate) miserly: bool,
    /// What was made for need only (another region, a kept answer) is used all the time.
    pub(crate) needless: bool,
    /// What was made for need is never used.
    pub(crate) unused: bool,
    /// What was made for need is used for ever after.
    pub(crate) forever: bool,
}

/// Nothing is wrong.
pub(crate) const NO: Defects = Defects {
    shared_jitter: false,
    opens_too_short: false,
    unlimited_probes: false,
    stuck: false,
    opens_late: false,
    opens_early: false,
    opens_too_long: false,
    hears_late: false,
    slow_rejections: false,
    no_faults: false,
    slow_law: false,
    lost_load: false,
    shed_load: false,
    late: Duration::ZERO,
    stray_attempts: false,
    invented_answers: false,
    no_keys: false,
    hurried: false,
    limitless: false,
    miserly: false,
    needless: false,
    unused: false,
    forever: false,
};
