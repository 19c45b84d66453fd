//! Policy settings of a gateway or client: a preset, with what was written laid over it key by key.

mod breaker;
mod budget;
mod cache;
mod failover;
mod fallback;
mod hedge;
mod limits;
mod outlier;
mod preset;
mod retry;
mod settings;
mod throttle;

pub(super) use breaker::window;
pub(super) use preset::preset;
pub(super) use settings::overlaid;
