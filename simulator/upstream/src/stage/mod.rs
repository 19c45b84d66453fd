//! The stages that every request passes, in their order. Each is compiled from the plan once, and draws from streams
//! of its own.
//!
//! A stage only decides. What it decides is a function of the seed, the stream's name, the call, the ordinal and how
//! far the phase has come (and, for limit, capacity, hold and probes, of what came before), so a decision is the same whenever it is asked.

mod body;
mod capacity;
mod connect;
mod draw;
mod faults;
mod hold;
mod latency;
mod limit;
mod probes;
mod script;
mod status;

pub(crate) use body::BodyStage;
pub(crate) use capacity::{CapacityStage, Held, Pools};
pub(crate) use connect::ConnectStage;
pub(crate) use draw::Draw;
pub(crate) use faults::FaultStage;
pub(crate) use hold::{HoldStage, holds};
pub(crate) use latency::LatencyStage;
pub(crate) use limit::{LimitStage, Rejection, limits};
pub(crate) use probes::{Probe, ProbeStage, probes};
pub(crate) use script::{Comer, ScriptStage, scripts};
pub(crate) use status::StatusStage;

/// A stage, in the order they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// What a caller meets before it can say anything.
    Connect,
    /// The rate limit; what it rejects is answered at once.
    Limit,
    /// The workers, and the queue before them; what finds no place is answered at once.
    Capacity,
    /// How long the response is held back.
    Latency,
    /// The status.
    Status,
    /// The response body.
    Body,
    /// What goes wrong with the response.
    Faults,
}

impl Stage {
    /// Its name, in the streams of draws and in help.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Limit => "limit",
            Self::Capacity => "capacity",
            Self::Latency => "latency",
            Self::Status => "status",
            Self::Body => "body",
            Self::Faults => "faults",
        }
    }
}
