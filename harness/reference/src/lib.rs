//! The reference gateway and client: the policy stack in its order, over a world's network.
//!
//! A subject whose every setting is known, so that a scenario can show what each policy does and a check can be seen to
//! fail when one is broken. The gateway is a streaming HTTP/1.1 reverse proxy; the client makes the calls of a
//! population. What the policies decide is in `upstorm-policy`; when calls are made is left to the load.

mod annotate;
mod body;
mod client;
mod closing;
mod gateway;
mod headers;
mod hex;
mod lent;
mod outbound;
mod pool;
mod targets;
mod trace;
mod wire;

pub use body::REPLAY_LIMIT;
pub use client::{Answer, Client, Outgoing};
pub use gateway::{Gateway, RaiseError};
