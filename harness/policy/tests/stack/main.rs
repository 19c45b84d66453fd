//! The whole stack over a scripted wire, in tokio's paused time: every wait is exact and no test waits for real.
#![cfg(test)]

mod breaker;
mod budgets;
mod cache;
mod fallback;
mod hedge;
mod limits;
mod presets;
mod retry;
mod timeouts;
mod wire;
