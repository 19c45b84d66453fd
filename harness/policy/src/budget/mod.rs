//! Retry budgets: how many retries all calls together may make.
//!
//! Without one, retries multiply the load on an upstream that fails because of load. [`Budget`] is whichever of the five
//! kinds the settings name; each is a machine of its own. Whatever sends extra attempts (retries, hedges) asks the same
//! budget, so that together they stay within it.

mod any;
mod client_ratio;
mod concurrency;
mod ratio_window;
mod threshold_bucket;
mod token_bucket;

pub use any::{Budget, Cause, Permit, Worth};
