//! The server that misbehaves on purpose.
//!
//! A resilience policy is only as good as the failures it has met. This upstream meets its callers with the failures
//! a plan asks for: late, refusing, silent, resetting, cut short, limited. Real ones, seen on the wire as the kernel
//! or the network would make them, decided by keyed dice and recorded one by one.
//!
//! Every request passes the same stages in the same order, each with a stream of draws of its own, so that adding a
//! route or a fault shifts no other draw:
//!
//! ```text
//! connect → limit → capacity → latency → hold and probes → status → body → faults that cut
//! ```
//!
//! Where the paths of a route are rows with a version, the row is read or written when the answer is due.
//!
//! Decisions are pure and live in [`stage`] and [`fault`]; one file performs them; bytes are bent in one place, below
//! hyper. Who calls, and what for, this room cannot know.

mod act;
mod answer;
mod bent;
mod book;
mod bucket;
mod cohort;
mod connection;
mod control;
mod course;
mod crew;
mod deed;
mod demand;
mod door;
mod edit;
mod fate;
pub mod fault;
mod flood;
mod gathering;
mod given;
mod hash;
mod helm;
mod instead;
mod kept;
mod keys;
mod ledger;
mod limiter;
mod line;
mod ordinals;
mod payload;
mod plan_clock;
mod problem;
mod raise;
mod receive;
mod remembered;
mod request;
mod retry_after;
mod route;
mod rows;
mod silence;
mod site;
pub mod stage;
mod tempo;
mod turn;

pub use control::{
    ChangeError, Control, Gathered, InForce, Jump, Queue, Rewrite, RouteStanding, Standing, Word,
};
pub use fault::{Action, FAULTS, Farewell, Fault, FaultInfo, Flaw, Seen};
pub use plan_clock::PlanClock;
pub use raise::{RaiseError, Upstream};
pub use stage::Stage;
