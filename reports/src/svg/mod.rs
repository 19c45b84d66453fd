//! A small SVG writer: shapes, scales with good ticks, lines, areas and stacks.
//!
//! A report is one offline file, so its pictures cannot come from a script on a network. Shapes carry classes, not
//! colours: the page's style sheet has the colours for light, dark and paper. What is drawn is left to the page.

mod canvas;
mod colour;
mod legend;
mod plane;
mod scale;
mod trace;

pub(crate) use canvas::{Anchor, Box, Canvas};
pub(crate) use colour::mix_class;
pub(crate) use legend::{LEGEND_ROW, legend, legend_rows};
pub(crate) use plane::Plane;
pub(crate) use scale::{Scale, time_ticks};
pub(crate) use trace::{Trace, area, bars, line};
