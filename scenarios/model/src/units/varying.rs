//! A value that stands still or ramps across its phase.
//!
//! Brownouts are ramps, not steps: a client that survives a sudden failure may still follow a slow one down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ByteRate, ByteSize, Rate, Ratio, TimeSpan};

/// Either one value, or a ramp `{ from, to, shape }` across the phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Varying<T> {
    /// The same all the time.
    Fixed(T),
    /// Moves from one value to another while the phase lasts.
    Ramp(Ramp<T>),
}

/// A ramp across one phase.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ramp<T> {
    /// The value when the phase begins.
    pub from: T,
    /// The value when the phase ends.
    pub to: T,
    /// How it moves between the two.
    #[serde(default)]
    pub shape: Shape,
}

/// How a ramp moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// By equal differences.
    #[default]
    Linear,
    /// By equal factors (linear where one end is zero).
    Exponential,
    /// `from` for the first half, `to` for the second.
    Step,
}

impl Shape {
    /// The value between `from` and `to` at `progress` (0 at the start of the phase, 1 at its end).
    #[must_use]
    pub fn between(self, from: f64, to: f64, progress: f64) -> f64 {
        let p = progress.clamp(0.0, 1.0);
        match self {
            Self::Exponential if from > 0.0 && to > 0.0 => from * libm::pow(to / from, p),
            Self::Linear | Self::Exponential => from + (to - from) * p,
            Self::Step if p < 0.5 => from,
            Self::Step => to,
        }
    }
}

/// A unit that can lie between two others.
pub trait Blend: Copy {
    /// As a plain number.
    fn to_number(self) -> f64;
    /// Back from a plain number.
    fn from_number(number: f64) -> Self;
}

macro_rules! blend {
    ($($unit:ty: $to:expr, $from:expr;)*) => {$(
        impl Blend for $unit {
            fn to_number(self) -> f64 { $to(self) }
            fn from_number(number: f64) -> Self { $from(number) }
        }
    )*};
}

blend! {
    TimeSpan: Self::as_secs_f64, Self::from_secs_f64;
    Rate: Self::get, Self::per_second;
    Ratio: Self::get, Self::new;
    ByteSize: |s: Self| s.get() as f64, |n: f64| Self::new(n.round() as u64);
    ByteRate: |s: Self| s.get() as f64, |n: f64| Self::per_second(n.round() as u64);
    u32: f64::from, |n: f64| n.round() as Self;
}

impl<T: Blend> Varying<T> {
    /// The value at `progress` through the phase (0 at its start, 1 at its end).
    #[must_use]
    pub fn at(&self, progress: f64) -> T {
        match self {
            Self::Fixed(value) => *value,
            Self::Ramp(r) => T::from_number(r.shape.between(r.from.to_number(), r.to.to_number(), progress)),
        }
    }

    /// The value where a phase begins.
    #[must_use]
    pub fn first(&self) -> T {
        match self {
            Self::Fixed(value) | Self::Ramp(Ramp { from: value, .. }) => *value,
        }
    }

    /// The value where a phase ends.
    #[must_use]
    pub fn last(&self) -> T {
        match self {
            Self::Fixed(value) | Self::Ramp(Ramp { to: value, .. }) => *value,
        }
    }

    /// The larger of the two ends, as a plain number.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.first().to_number().max(self.last().to_number())
    }
}

impl<T> From<T> for Varying<T> {
    fn from(value: T) -> Self {
        Self::Fixed(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_meets_both_ends_and_its_middle() {
        let ramp =
            |shape| Varying::Ramp(Ramp { from: Rate::per_second(10.0), to: Rate::per_second(1000.0), shape });
        assert_eq!(ramp(Shape::Linear).at(0.5).get(), 505.0);
        assert!((ramp(Shape::Exponential).at(0.5).get() - 100.0).abs() < 1e-9);
        assert_eq!(ramp(Shape::Step).at(0.49).get(), 10.0);
        assert_eq!(ramp(Shape::Step).at(0.5).get(), 1000.0);
        for shape in [Shape::Linear, Shape::Exponential, Shape::Step] {
            assert_eq!(ramp(shape).at(0.0).get(), 10.0);
            assert!((ramp(shape).at(1.0).get() - 1000.0).abs() < 1e-9);
        }
    }
}
