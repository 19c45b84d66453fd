//! The reference client: makes the calls of one population, with a policy stack of its own.
//!
//! It says honestly how each call ended: an answer counts only when the whole body arrived at its promised length, and
//! a call given up at its timeout closes its connection, as a caller does who walks away.

mod call;
mod prepare;
mod update;

pub use call::{Answer, Client, Outgoing};
