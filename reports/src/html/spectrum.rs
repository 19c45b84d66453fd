//! The latency spectrum: percentile across (each step to the right is ten times rarer), latency upwards.

use super::panel::HUES;
use crate::figures;
use crate::results::{Results, Spectrum, SpectrumPoint};
use crate::svg::{Anchor, Box, Canvas, Plane, Scale, legend};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 290.0;
const AREA: Box = Box { x: 62.0, y: 30.0, width: WIDTH - 80.0, height: 218.0 };
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

fn draw(spectra: &[Spectrum]) -> String {
    let points = || spectra.iter().flat_map(|s| &s.points);
    let y = Scale::decades(points().flat_map(|p| [p.low, p.latency, p.high]));
    let rarest = points().map(|p| rarity(p.share)).fold(10.0, f64::max);
    let plane = Plane { area: AREA, x: Scale::Log(1.0, rarest), y };
    let mut canvas = Canvas::new(WIDTH, HEIGHT, "Latency percentiles of successful calls, by phase");
    plane.rule(&mut canvas, figures::duration);
    for mark in MARKS.into_iter().filter(|m| rarity(*m) <= rarest * 1.001) {
        let x = plane.x(rarity(mark));
        canvas.line((x, AREA.y), (x, AREA.bottom()), "grid");
        let name = if mark == 0.0 { "min".to_owned() } else { format!("p{}", figures::number(mark * 100.0)) };
        canvas.text((x, AREA.bottom() + 16.0), (Anchor::Middle, "tick"), &name);
    }
    let mut entries = Vec::new();
    // Whole-run curve last, over the others.
    let (whole, phases): (Vec<&Spectrum>, Vec<&Spectrum>) = spectra.iter().partition(|s| s.phase.is_empty());
    let coloured = phases.into_iter().zip(HUES.iter().cycle().copied());
    for (spectrum, class) in coloured.chain(whole.into_iter().map(|s| (s, "h-all"))) {
        canvas.path(&ribbon(&plane, &spectrum.points), &format!("ribbon {class}"));
        canvas.path(&curve(&plane, &spectrum.points), &format!("line {class}"));
        let name = if spectrum.phase.is_empty() { "after warm-up" } else { &spectrum.phase };
        entries.push((class.to_owned(), format!("{name} (n = {})", figures::count(spectrum.n))));
    }
    legend(&mut canvas, (AREA.right(), 14.0), &entries);
    canvas.text(
        (AREA.right(), HEIGHT - 6.0),
        (Anchor::End, "tick"),
        "percentile; the ribbon is its 95 % interval",
    );
    canvas.finish()
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
