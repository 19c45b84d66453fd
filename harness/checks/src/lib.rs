//! Checks: what a recording shows, and how sure that is.
//!
//! A check reads the recording only (what callers asked, what the upstream saw), so it judges any gateway or client in
//! any language. Each gives observations (value, sample size, interval, bound) and one of three verdicts: a check that
//! could not measure says so instead of passing. Evidence gathers what a check looks at, statistics say how sure it
//! is, and `kinds` holds one file a check. Words for people are left to the reports.

mod across;
mod case;
mod compared;
pub mod evidence;
mod figures;
mod judge;
pub mod kinds;
mod reading;
mod recognise;
mod registry;
pub mod statistics;
mod together;

pub use across::across;
pub use case::Case;
pub use compared::compared;
pub use figures::figures;
pub use judge::judge;
pub use reading::Reading;
pub use registry::{CHECKS, CheckInfo};
