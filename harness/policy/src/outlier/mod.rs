//! Outlier ejection: replicas that fail where others do not are left out for a while.
//!
//! A breaker over several replicas opens when one of them is broken and closes all of them to the callers, or does not
//! open and lets every n-th call fail. Ejection takes out the broken one.

mod machine;
#[cfg(test)]
mod model_test;
mod rates;

pub use machine::{Outlier, Turned};
