//! Resilience policies: pure machines, and the thin tower layers around them.
//!
//! Each machine is told the time and returns what happened, so a test needs no clock and a check can replay the same
//! machine as its oracle: [`Backoff`] and its [`BackoffLaw`], [`Hint`], [`Retry`], [`Budget`], [`Breaker`], [`Limiter`],
//! [`Bulkhead`], [`Deadline`], [`Hedge`], [`Cache`], [`Fallback`],
//! [`Balance`], [`Outlier`], [`Failover`]. [`stack()`] puts their layers around a transport, in the one order that is written
//! down.
//!
//! By hand, because the crates on offer truncate ratios, share one jitter sequence among all calls, admit any number of
//! probes, or own a clock; they make good subjects. Settings are the model's. Requests, responses, time and tasks are
//! seen through small traits ([`Replay`], [`Reply`], [`Time`], [`Detach`]), so a policy cannot know what world it runs
//! in or who is upstream.

mod backoff;
mod backoff_law;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
mod cache;
mod deadline;
mod ending;
mod event;
mod failover;
mod failure;
mod fallback;
mod guarded;
mod hedge;
mod hint;
mod layer;
mod limiter;
mod outlier;
mod reply;
mod request;
mod retry;
mod stack;
mod surroundings;
mod throttle;
mod window;

pub use backoff::{Backoff, Course, POLLY_SCALE, polly};
pub use backoff_law::BackoffLaw;
pub use balance::Balance;
pub use breaker::{Admission, Breaker, BreakerState, Change, Refused};
pub use budget::{Budget, Cause, Permit, Worth};
pub use bulkhead::{Bulkhead, Place, Ticket};
pub use cache::{Cache, Demand, Found, Kept, Terms};
pub use deadline::{Cut, Deadline, begins_in_time};
pub use ending::Ending;
pub use event::{Deaf, Listener, PolicyEvent};
pub use failover::Failover;
pub use failure::{Failure, Rejection};
pub use fallback::Fallback;
pub use guarded::Guarded;
pub use hedge::Hedge;
pub use hint::{Hint, HintDecision, HintHeaders};
pub use limiter::Limiter;
pub use outlier::{Outlier, Turned};
pub use reply::{BodyEnd, Limit, Reply, Settle, Tap};
pub use request::{Replay, Scope};
pub use retry::{GiveUp, Retry, Tried};
pub use stack::{Stack, Tier, stack, stack_over};
pub use surroundings::{Detach, Surroundings, Time};
pub use throttle::Throttle;
