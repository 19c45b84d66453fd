//! Arrivals, open and closed loops, callers.
//!
//! In an open loop calls come when they come, whatever became of the earlier ones, as users do; a generator
//! that waits for answers instead slows down exactly when the server does and hides the harm (Tene's
//! coordinated omission; Schroeder, Wierman and Harchol-Balter, "Open Versus Closed", NSDI 2006). So every
//! call here has a planned time, latency counts from it, and what could not be sent or did not end is
//! recorded too. How a call is made over HTTP is left to a [`Caller`].

mod arrivals;
mod caller;
mod closed;
mod driver;
mod flights;
mod load;
mod open;
mod ramp;
mod requests;
mod stop;
mod summary;

pub use arrivals::Schedule;
pub use caller::{CallResult, Caller, OutgoingCall};
pub use driver::{Driver, drive};
pub use stop::Stop;
pub use summary::{Lateness, LoadSummary};
