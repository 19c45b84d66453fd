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

    /// The exact mean of [`Shape::between`] from one progress to another: its integral over the stretch,
    /// divided by the stretch. Where the two are equal it is the value there; their order does not matter.
    #[must_use]
    pub fn mean_between(self, ends: (f64, f64), progress_from: f64, progress_to: f64) -> f64 {
        let (a, b) = (progress_from.clamp(0.0, 1.0), progress_to.clamp(0.0, 1.0));
        let (a, b) = (a.min(b), a.max(b));
        let (from, to) = ends;
        let at = |progress| self.between(from, to, progress);
        if b <= a {
            return at(a);
        }
        match self {
            Self::Exponential if from > 0.0 && to > 0.0 => {
                let growth = libm::log(to / from) * (b - a);
                // (e^x − 1)/x, which is 1 at 0; expm1 keeps the digits that a flat ramp would lose.
                let factor = if growth == 0.0 { 1.0 } else { libm::expm1(growth) / growth };
                at(a) * factor
            }
            Self::Linear | Self::Exponential => f64::midpoint(at(a), at(b)),
            Self::Step => {
                let before = (b.min(0.5) - a).max(0.0) / (b - a);
                from * before + to * (1.0 - before)
            }
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

    /// The exact mean from one progress to another (0 to 1 for the whole phase), as a plain number: calls expected of
    /// a rate are this times the length of the stretch in seconds.
    #[must_use]
    pub fn mean_over(&self, progress_from: f64, progress_to: f64) -> f64 {
        match self {
            Self::Fixed(value) => value.to_number(),
            Self::Ramp(r) => {
                r.shape.mean_between((r.from.to_number(), r.to.to_number()), progress_from, progress_to)
            }
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

    #[test]
    fn the_mean_is_the_integral() {
        let ends = [(10.0, 1000.0), (1000.0, 10.0), (0.0, 50.0), (7.0, 7.0)];
        for (shape, (from, to)) in
            [Shape::Linear, Shape::Exponential, Shape::Step].into_iter().flat_map(|s| ends.map(|e| (s, e)))
        {
            let ramp = Varying::Ramp(Ramp { from: Rate::per_second(from), to: Rate::per_second(to), shape });
            for (a, b) in [(0.0, 1.0), (0.2, 0.9), (0.0, 0.5), (0.6, 0.61)] {
                const N: u32 = 20_000;
                let middle = |i: u32| a + (b - a) * (f64::from(i) + 0.5) / f64::from(N);
                let sum: f64 = (0..N).map(|i| ramp.at(middle(i)).get()).sum();
                let mean = ramp.mean_over(a, b);
                assert!(
                    (mean - sum / f64::from(N)).abs() < 1e-3 * (from + to),
                    "{shape:?} {from} {to} {a} {b}"
                );
                assert_eq!(mean, ramp.mean_over(b, a));
            }
            assert_eq!(ramp.mean_over(0.3, 0.3), ramp.at(0.3).get());
        }
        assert_eq!(Varying::Fixed(Rate::per_second(3.0)).mean_over(0.1, 0.2), 3.0);
    }
}
