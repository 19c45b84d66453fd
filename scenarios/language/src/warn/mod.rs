//! Warnings: what would make a run worthless, found before it is made.
//!
//! A scenario can be right in every key and still show nothing: a check that cannot fail, a percentile of fewer calls
//! than it needs, a fault on a route that nobody calls. A green run of such a scenario is worse than none, because it
//! is believed. Each rule looks at the plan, where overlays and presets have been worked out, and points at the
//! scenario, where the mistake was written. Rules are sure of what they say or stay silent; none stops a run.

mod alarms;
mod case;
mod checks;
mod choice;
mod cohorts;
mod crowding;
mod faults;
mod hints;
mod links;
mod overlays;
mod overload;
mod policies;
mod reach;
mod registry;
mod updates;

pub use registry::warnings;
