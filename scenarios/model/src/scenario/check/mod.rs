//! `[[check]]`: what must hold, and when.

mod always_on;
mod calls;
mod entry;
mod protection;
mod retries;

pub use always_on::{ALWAYS_ON, AlwaysOn};
pub use calls::{Fresh, Recovery, Slo};
pub use entry::{Check, CheckKind, Severity};
pub use protection::{BreakerCheck, FailoverCheck, LimitCheck};
pub use retries::{Amplification, BackoffCheck, Herd, JitterCheck, RetryAfterCheck, RetryBudgetCheck};
