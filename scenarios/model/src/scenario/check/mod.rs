//! `[[check]]`: what must hold, and when.

mod alert;
mod always_on;
mod attempts;
mod breaker;
mod calls;
mod entry;
mod protection;
mod recovery;
mod retries;
mod tally;

pub use alert::{AlertCheck, Burn, BurnPair, Level};
pub use always_on::{ALWAYS_ON, AlwaysOn};
pub use attempts::{RetrySafetyCheck, TimeoutCheck};
pub use breaker::{BreakerCheck, BreakerTerms};
pub use calls::{Fresh, Slo};
pub use entry::{Check, CheckKind, Severity};
pub use protection::{FailoverCheck, LimitCheck};
pub use recovery::{Recovery, RecoveryKind};
pub use retries::{Amplification, BackoffCheck, Herd, JitterCheck, RetryAfterCheck, RetryBudgetCheck};
pub use tally::{Counted, Tally, TallyBy, TallyOutcome, TallyPer};
