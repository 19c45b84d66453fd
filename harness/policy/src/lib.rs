//! Resilience policies: pure machines, and the thin tower layers around them.
//!
//! Each machine is told the time and returns what happened, so a test needs no clock and a check can replay the same
//! machine as its oracle: [`Backoff`] and its [`BackoffLaw`], [`Hint`], [`Retry`], [`Budget`], [`Breaker`], [`Limiter`],
//! [`Bulkhead`], [`Deadline`]. [`stack()`] puts their layers around a transport, in the one order that is written down.
//!
//! By hand, because the crates on offer truncate ratios, share one jitter sequence among all calls, admit any number of
//! probes, or own a clock; they make good subjects. Settings are the model's. Requests, responses, time and tasks are
//! seen through small traits ([`Replay`], [`Reply`], [`Time`], [`Detach`]), so a policy cannot know what world it runs
//! in or who is upstream.

mod backoff;
mod backoff_law;
mod breaker;
mod budget;
mod bulkhead;
mod deadline;
mod ending;
mod event;
mod failure;
mod guarded;
mod hint;
mod layer;
mod limiter;
mod reply;
mod request;
mod retry;
mod stack;
mod surroundings;
mod window;

pub use backoff::{Backoff, Course};
pub use backoff_law::BackoffLaw;
pub use breaker::{Admission, Breaker, BreakerState, Change, Refused};
pub use budget::Budget;
pub use bulkhead::{Bulkhead, Place, Ticket};
pub use deadline::{Cut, Deadline, begins_in_time};
pub use ending::Ending;
pub use event::{Deaf, Listener, PolicyEvent};
pub use failure::{Failure, Rejection};
pub use guarded::Guarded;
pub use hint::{Hint, HintDecision, HintHeaders};
pub use limiter::Limiter;
pub use reply::{BodyEnd, Limit, Reply, Settle};
pub use request::{Replay, Scope};
pub use retry::{GiveUp, Retry, Tried};
pub use stack::{Stack, stack};
pub use surroundings::{Detach, Surroundings, Time};
