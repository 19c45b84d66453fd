//! Units: what a scenario writes as text (`"250ms"`, `"200/s"`, `"12.5%"`, `"4KiB"`) and what a run measures.
//!
//! A bare number has lost its unit by the time somebody misreads it; these types keep it.

mod bytes;
mod number;
mod offset;
mod rate;
mod ratio;
mod span;
mod varying;

pub use bytes::{ByteRate, ByteSize};
pub use number::UnitError;
pub use offset::Offset;
pub use rate::Rate;
pub use ratio::Ratio;
pub use span::TimeSpan;
pub use varying::{Blend, Ramp, Shape, Varying};
