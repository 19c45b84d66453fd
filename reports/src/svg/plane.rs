//! The plane: a box on the canvas with a time axis across and a scale upwards.

use super::canvas::{Anchor, Box, Canvas};
use super::scale::Scale;

/// A plotting area.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    /// Where it lies on the canvas.
    pub(crate) area: Box,
    /// Across.
    pub(crate) x: Scale,
    /// Upwards.
    pub(crate) y: Scale,
}

impl Plane {
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.area.x + self.x.share(value) * self.area.width
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.area.bottom() - self.y.share(value) * self.area.height
    }

    /// The values at its left and right border.
    pub(crate) fn ends(&self) -> (f64, f64) {
        let (Scale::Linear(start, end) | Scale::Log(start, end)) = self.x;
        (start, end)
    }

    /// Whether a value across lies on the plane.
    pub(crate) fn holds(&self, value: f64) -> bool {
        let (start, end) = self.ends();
        (start..=end).contains(&value)
    }

    /// The part of the plane between two values across.
    pub(crate) fn between(&self, start: f64, end: f64) -> Box {
        let (left, right) = (self.x(start), self.x(end));
        Box { x: left, width: right - left, ..self.area }
    }

    /// Grid lines with their labels at the left; the lowest is the axis.
    pub(crate) fn rule(&self, canvas: &mut Canvas, label: impl Fn(f64) -> String) {
        for (index, tick) in self.y.ticks().into_iter().enumerate() {
            let y = self.y(tick);
            let class = if index == 0 { "axis" } else { "grid" };
            canvas.line((self.area.x, y), (self.area.right(), y), class);
            canvas.text((self.area.x - 6.0, y + 4.0), (Anchor::End, "tick"), &label(tick));
        }
    }

    /// Tick marks with their labels below.
    pub(crate) fn ground(&self, canvas: &mut Canvas, ticks: &[f64], label: impl Fn(f64) -> String) {
        let bottom = self.area.bottom();
        canvas.line((self.area.x, bottom), (self.area.right(), bottom), "axis");
        for tick in ticks {
            let x = self.x(*tick);
            canvas.line((x, bottom), (x, bottom + 4.0), "axis");
            canvas.text((x, bottom + 16.0), (Anchor::Middle, "tick"), &label(*tick));
        }
    }
}
