//! What can be asked: one table of paths, from which requests are routed and the OpenAPI document is written.

mod attempts;
mod change;
mod faults;
mod filter;
mod metrics;
mod names;
mod openapi;
mod phases;
mod routes;
mod state;
mod steer;
mod table;

pub(super) use table::{Endpoint, find};
