//! The whole stack over a scripted wire, in tokio's paused time: every wait is exact and no test waits for real.
#![cfg(test)]

mod breaker;
mod limits;
mod presets;
mod retry;
mod timeouts;
mod wire;
