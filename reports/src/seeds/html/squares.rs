//! The squares: every seed at a glance, coloured by what came of it.

use crate::html::tone;
use crate::seeds::{SeedRow, SeedsResults};
use crate::svg::{Box, Canvas};
use crate::words;

/// Squares in a row.
const ROW: usize = 50;
/// The side of a square with the gap beside it.
const STEP: f64 = 20.0;
const SIDE: f64 = 17.0;
/// More are not drawn: the table and `seeds.json` have them.
const MOST: usize = 2000;

/// A square for each of the first seeds; empty without any.
pub(super) fn draw(seeds: &SeedsResults) -> String {
    let shown = seeds.runs.len().min(MOST);
    if shown == 0 {
        return String::new();
    }
    let rows = shown.div_ceil(ROW);
    let said = format!("{} seeds, a square each, coloured by verdict", seeds.runs.len());
    let mut canvas = Canvas::new(STEP * ROW as f64, STEP * rows as f64, &said);
    for (index, run) in seeds.runs.iter().take(shown).enumerate() {
        let (x, y) = ((index % ROW) as f64 * STEP, (index / ROW) as f64 * STEP);
        let place = Box { x, y, width: SIDE, height: SIDE };
        canvas.rect(place, &format!("v-{}", tone(run.verdict)));
        canvas.hover(place, &hint(run));
    }
    canvas.finish()
}

fn hint(run: &SeedRow) -> String {
    let names: Vec<&str> = run.failed.iter().chain(&run.inconclusive).map(String::as_str).collect();
    let of = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    format!("seed {}: {}{of}, exit code {}", run.seed, words::verdict(run.verdict), run.exit_code)
}
