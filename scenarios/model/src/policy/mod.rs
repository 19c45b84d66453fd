//! Policy settings: every knob of the resilience stack with its effective value, and the presets.
//!
//! These are plain data, because three rooms need the same numbers: the policies obey them, `explain` prints
//! them, and checks take their bounds from them. The machines that act on them are in `harness/policy`.

mod backoff;
mod balance;
mod breaker;
mod budget;
mod cache;
mod deadline;
mod failover;
mod fallback;
mod hedge;
mod limits;
mod outlier;
mod preset;
mod retry;
mod settings;
mod throttle;

pub use backoff::{Backoff, Cap, Curve, Jitter, Sequence};
pub use balance::Balance;
pub use breaker::{
    Breaker, BreakerKind, Compare, Evaluate, FailureKind, HalfOpenDecides, HalfOpens, LateResults, OnClose,
    RejectedCalls, Window,
};
pub use budget::{Budget, BudgetKind, DepositOn};
pub use cache::{Cache, CacheKind, ServeStale};
pub use deadline::{Deadline, OnPerTryTimeout};
pub use failover::{Failover, FailoverOn};
pub use fallback::{Fallback, FallbackKind, FallbackOn};
pub use hedge::{Hedge, HedgeBudget, HedgeKind};
pub use limits::{Limits, Pool};
pub use outlier::{Outlier, OutlierKind};
pub use preset::{PRESETS, Preset, PresetInfo};
pub use retry::{AttemptKey, Hint, HintHeader, Methods, OnExceed, Position, Retry, RetryOn};
pub use settings::PolicySettings;
pub use throttle::{Throttle, ThrottleKind};
