//! The crates, one file each: how it is built from a client's settings, and nothing that it does not do by itself.

pub(crate) mod backon;
pub(crate) mod failsafe;
pub(crate) mod recloser;
pub(crate) mod reqwest;
pub(crate) mod tower_resilience;
pub(crate) mod tower_retry;
