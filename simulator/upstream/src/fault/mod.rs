//! Faults: each decides, none acts. One fault, one file.
//!
//! A fault is told what there is to know of the attempt and given dice of its own; it answers with an [`Action`]. It
//! touches no socket, clock or log, so it can be tested without any, and the same decision is performed alike in every
//! world. How it is performed is written once, in `act.rs`.

mod action;
mod close;
mod connect_blackhole;
mod connect_delay;
mod connect_refuse;
mod connect_reset;
mod connect_stall;
mod content_length;
mod cut;
mod hang;
mod header_flood;
mod malformed;
mod redirect_loop;
mod registry;
mod reset;
mod stall;
mod truncate;

pub use action::{Action, Farewell, Flaw};
pub use registry::{FAULTS, FaultInfo, fault_of};

pub(crate) use connect_delay::ConnectDelay;
pub(crate) use connect_reset::ConnectReset;
pub(crate) use connect_stall::ConnectStall;
pub(crate) use redirect_loop::location;

use upstorm_model::Dice;
use upstorm_model::scenario::Framing;

use crate::Stage;

/// Something that may go wrong. Whether it hits is drawn before it is asked.
pub trait Fault: Send + Sync + std::fmt::Debug {
    /// When it happens.
    fn stage(&self) -> Stage;

    /// What it does to this attempt, or to this connection where its stage is [`Stage::Connect`].
    fn decide(&self, seen: &Seen, dice: &mut Dice) -> Action;
}

/// What a fault may know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// What fate is keyed by: the call's id, or the number of the arrival or connection.
    pub call: u64,
    /// Which attempt of its call, from 1.
    pub ordinal: u64,
    /// How far through its phase the run is, from 0 to 1.
    pub progress: f64,
    /// How many bytes of body the response has; zero where it may have none (HEAD, 204, 304).
    pub body: u64,
    /// How the length of that body is told; none where the response may have no body.
    pub framing: Option<Framing>,
}
