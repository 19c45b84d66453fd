//! Policy settings of a gateway or client: a preset, with what was written laid over it key by key.

mod breaker;
mod limits;
mod preset;
mod retry;
mod settings;

pub(super) use preset::preset;
pub(super) use settings::overlaid;
