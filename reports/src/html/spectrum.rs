//! The latency spectrum: percentile across (each step to the right is ten times rarer), latency upwards.

use super::panel::HUES;
use crate::figures;
use crate::results::{Results, Spectrum, SpectrumPoint};
use crate::svg::{Anchor, Box, Canvas, LEGEND_ROW, Plane, Scale, legend, legend_rows};

const WIDTH: f64 = 960.0;
/// Below the rows of the legend.
const AREA: Box = Box { x: 62.0, y: 10.0, width: WIDTH - 80.0, height: 218.0 };
const FOOT: f64 = 42.0;
const MARKS: [f64; 6] = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999];

/// One picture a client, with the client's name.
pub(super) fn draw_all(results: &Results) -> Vec<(String, String)> {
    let of_client = |client: &[Spectrum]| {
        let name = client.first().map(|s| s.client.clone()).unwrap_or_default();
        (name, draw(client))
    };
    results.spectra.chunk_by(|a, b| a.client == b.client).map(of_client).collect()
}

/// How rare it is to be slower: 1 for the minimum, 100 for the 99th percentile.
fn rarity(share: f64) -> f64 {
    1.0 / (1.0 - share).max(1e-6)
}

/// Each spectrum with its class: phases in colours, the whole run last and over the others.
fn coloured(spectra: &[Spectrum]) -> Vec<(&Spectrum, &'static str)> {
    let (whole, phases): (Vec<&Spectrum>, Vec<&Spectrum>) = spectra.iter().partition(|s| s.phase.is_empty());
    let phases = phases.into_iter().zip(HUES.iter().cycle().copied());
    phases.chain(whole.into_iter().map(|s| (s, "h-all"))).collect()
}

fn entry((spectrum, class): &(&Spectrum, &'static str)) -> (String, String) {
    let name = if spectrum.phase.is_empty() { "after warm-up" } else { &spectrum.phase };
    ((*class).to_owned(), format!("{name} (n = {})", figures::count(spectrum.n)))
}

fn draw(spectra: &[Spectrum]) -> String {
    let curves = coloured(spectra);
    let entries: Vec<(String, String)> = curves.iter().map(entry).collect();
    let rows = legend_rows(&entries, AREA.width);
    let head = rows.len() as f64 * LEGEND_ROW;
    let points = || spectra.iter().flat_map(|s| &s.points);
    let rarest = points().map(|p| rarity(p.share)).fold(10.0, f64::max);
    let plane = Plane {
        area: Box { y: AREA.y + head, ..AREA },
        x: Scale::Log(1.0, rarest),
        y: Scale::decades(points().flat_map(|p| [p.low, p.latency, p.high])),
    };
    let height = plane.area.bottom() + FOOT;
    let mut canvas = Canvas::new(WIDTH, height, "Latency percentiles of successful calls, by phase");
    for (index, row) in (0..).zip(rows) {
        legend(&mut canvas, (AREA.right(), 14.0 + f64::from(index) * LEGEND_ROW), row);
    }
    plane.rule(&mut canvas, figures::duration);
    marks(&mut canvas, &plane, rarest);
    for (spectrum, class) in curves {
        canvas.path(&ribbon(&plane, &spectrum.points), &format!("ribbon {class}"));
        canvas.path(&curve(&plane, &spectrum.points), &format!("line {class}"));
    }
    let said = "percentile; the ribbon is its 95 % interval";
    canvas.text((AREA.right(), height - 6.0), (Anchor::End, "tick"), said);
    canvas.finish()
}

fn marks(canvas: &mut Canvas, plane: &Plane, rarest: f64) {
    for mark in MARKS.into_iter().filter(|m| rarity(*m) <= rarest * 1.001) {
        let (x, bottom) = (plane.x(rarity(mark)), plane.area.bottom());
        canvas.line((x, plane.area.y), (x, bottom), "grid");
        let name = if mark == 0.0 { "min".to_owned() } else { format!("p{}", mark * 100.0) };
        canvas.text((x, bottom + 16.0), (Anchor::Middle, "tick"), &name);
    }
}

fn curve(plane: &Plane, points: &[SpectrumPoint]) -> String {
    joined(points.iter().map(|p| (plane.x(rarity(p.share)), plane.y(p.latency))))
}

fn ribbon(plane: &Plane, points: &[SpectrumPoint]) -> String {
    let up = points.iter().map(|p| (plane.x(rarity(p.share)), plane.y(p.high)));
    let down = points.iter().rev().map(|p| (plane.x(rarity(p.share)), plane.y(p.low)));
    let path = joined(up.chain(down));
    if path.is_empty() { path } else { path + "Z" }
}

fn joined(points: impl Iterator<Item = (f64, f64)>) -> String {
    let steps = points.enumerate().map(|(index, (x, y))| {
        let letter = if index == 0 { 'M' } else { 'L' };
        format!("{letter}{x:.1} {y:.1}")
    });
    steps.collect()
}
