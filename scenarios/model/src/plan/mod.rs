//! The plan: the scenario with every choice made.
//!
//! Offsets instead of durations, indices instead of names, effective settings instead of presets and overlays:
//! a world performs it without asking anything back, and a plan file alone reproduces the run.

mod client;
mod host;
mod judge;
mod network;
mod target;
mod timeline;
mod upstream;
mod whole;

pub use client::{ClientPlan, GatewayPlan, Load};
pub use host::{Host, HostId, Role};
pub use judge::{Place, PlannedCheck, Subject};
pub use network::{Network, PlannedLink};
pub use target::Target;
pub use timeline::{PhaseSpan, Segment};
pub use upstream::{RouteBehaviour, RouteCapacity, RouteId, RoutePlan, UpstreamPlan, UpstreamSegment};
pub use whole::{PLAN_VERSION, Plan};
