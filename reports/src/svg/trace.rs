//! Traces: a series as a line, an area or stacked bars on a plane. Where there is no value, there is a gap.

use std::fmt::Write as _;

use super::canvas::near;
use super::plane::Plane;

/// A series with one value a bin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace {
    /// The length of a bin, in the units of the plane's x.
    pub(crate) bin: f64,
}

impl Trace {
    /// The middle of a bin.
    fn middle(self, index: usize) -> f64 {
        (index as f64 + 0.5) * self.bin
    }
}

/// A path through the middles of the bins. A value with none beside it is a short dash, so that it is seen.
pub(crate) fn line(plane: &Plane, trace: Trace, values: impl Iterator<Item = Option<f64>>) -> String {
    let mut path = String::new();
    let shown = |(index, value): (usize, Option<f64>)| value.filter(|_| plane.holds(trace.middle(index)));
    let values: Vec<Option<f64>> = values.enumerate().map(shown).collect();
    let at = |index: usize| values.get(index).copied().flatten();
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let (x, y) = (plane.x(trace.middle(index)), near(plane.y(*value)));
        let before = index.checked_sub(1).and_then(at).is_some();
        if before {
            let _ = write!(path, "L{} {y}", near(x));
        } else if at(index + 1).is_some() {
            let _ = write!(path, "M{} {y}", near(x));
        } else {
            let _ = write!(path, "M{} {y}h6", near(x - 3.0));
        }
    }
    path
}

/// The area under a line.
pub(crate) fn area(plane: &Plane, trace: Trace, values: &[f64]) -> String {
    let ground = near(plane.area.bottom());
    let shown = || values.iter().enumerate().filter(|(index, _)| plane.holds(trace.middle(*index)));
    let (Some((first, _)), Some((last, _))) = (shown().next(), shown().next_back()) else {
        return String::new();
    };
    let mut path = format!("M{} {ground}", near(plane.x(trace.middle(first))));
    for (index, value) in shown() {
        let _ = write!(path, "L{} {}", near(plane.x(trace.middle(index))), near(plane.y(*value)));
    }
    let _ = write!(path, "L{} {ground}Z", near(plane.x(trace.middle(last))));
    path
}

/// Bars from `base` to `base + values`, adding the values to the base for the next layer of a stack.
pub(crate) fn bars(plane: &Plane, trace: Trace, (base, values): (&mut [f64], &[f64])) -> String {
    let mut path = String::new();
    for (index, (base, value)) in base.iter_mut().zip(values).enumerate() {
        let (left, right) = (plane.x(index as f64 * trace.bin), plane.x((index + 1) as f64 * trace.bin));
        if *value <= 0.0 || right <= left {
            continue;
        }
        let (low, high) = (plane.y(*base), plane.y(*base + value));
        // A hair of space between bars wide enough to have one keeps the seconds countable.
        let gap = if right - left > 6.0 { 0.6 } else { 0.0 };
        let (x, w) = (near(left + gap / 2.0), near((right - left - gap).max(0.4)));
        let _ = write!(path, "M{x} {}h{w}V{}h-{w}Z", near(low), near(high));
        *base += value;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svg::{Box, Scale};

    fn plane() -> Plane {
        let area = Box { x: 0.0, y: 0.0, width: 100.0, height: 10.0 };
        Plane { area, x: Scale::Linear(0.0, 5.0), y: Scale::Linear(0.0, 10.0) }
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_value_is_seen() {
        let values = [Some(1.0), Some(2.0), None, Some(5.0), None];
        let path = line(&plane(), Trace { bin: 1.0 }, values.into_iter());
        assert_eq!(path, "M10 9L30 8M67 5h6");
    }

    #[test]
    fn what_lies_outside_the_plane_is_not_drawn() {
        let part = Plane { x: Scale::Linear(1.0, 3.0), ..plane() };
        let trace = Trace { bin: 1.0 };
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(line(&part, trace, values.into_iter().map(Some)), "M25 8L75 7");
        assert_eq!(area(&part, trace, &values), "M25 10L25 8L75 7L75 10Z");
        assert_eq!(bars(&part, trace, (&mut [0.0; 5], &values)).matches('M').count(), 2);
    }

    #[test]
    fn bars_stand_on_each_other() {
        let mut base = vec![0.0; 2];
        let trace = Trace { bin: 1.0 };
        assert_eq!(bars(&plane(), trace, (&mut base, &[4.0, 0.0])), "M0.3 10h19.4V6h-19.4Z");
        assert_eq!(
            bars(&plane(), trace, (&mut base, &[4.0, 2.0])),
            "M0.3 6h19.4V2h-19.4ZM20.3 10h19.4V8h-19.4Z"
        );
        assert_eq!(base, [8.0, 2.0]);
    }
}
