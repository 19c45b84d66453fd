//! The reference gateway: a streaming reverse proxy with the policy stack between its two sides.
//!
//! It answers `/health` and `/metrics` itself; everything else goes to its target, or is answered with problem details
//! when the policies or the wire say no.

mod forward;
mod hear;
mod metrics;
mod outgoing;
mod own;
mod problem;
mod raise;
mod serve;

pub use raise::{Gateway, RaiseError};
