//! Policy settings: every knob of the resilience stack with its effective value, and the presets.
//!
//! These are plain data, because three rooms need the same numbers: the policies obey them, `explain` prints
//! them, and checks take their bounds from them. The machines that act on them are in `harness/policy`.

mod backoff;
mod breaker;
mod budget;
mod deadline;
mod limits;
mod preset;
mod retry;
mod settings;

pub use backoff::{Backoff, Cap, Curve, Jitter};
pub use breaker::{Breaker, BreakerKind, Compare, FailureKind, LateResults, Window};
pub use budget::{Budget, BudgetKind, DepositOn};
pub use deadline::{Deadline, OnPerTryTimeout};
pub use limits::{Limits, Pool};
pub use preset::{PRESETS, Preset, PresetInfo};
pub use retry::{Hint, HintHeader, Methods, OnExceed, Position, Retry, RetryOn};
pub use settings::PolicySettings;
