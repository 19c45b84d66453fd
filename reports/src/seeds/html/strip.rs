//! The strip: a dot for each seed, the middle nine tenths as a box, the median with its interval, and the bound.

use std::collections::BTreeMap;

use upstorm_model::verdict::{MeasureAcross, QuantileAcross, Relation};

use crate::figures;
use crate::seeds::words;
use crate::svg::{Box, Canvas, Scale};

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 84.0;
const BAR: Box = Box { x: 12.0, y: 50.0, width: WIDTH - 24.0, height: 10.0 };
const DOT: f64 = 2.6;
/// Dots that stand on each other before the pile is as high as the strip.
const PILE: u32 = 6;

/// A picture of one measure; none where fewer than two seeds gave it a value or all the same.
pub(super) fn draw(m: &MeasureAcross) -> Option<String> {
    let (low, high) = (m.min?, m.max?);
    if words::constant(m).is_some() {
        return None;
    }
    let scale = scale(low, high, m.bound.map(|b| b.value));
    let x = |v: f64| BAR.x + scale.share(v) * BAR.width;
    let said =
        format!("{}: {} over the seeds, expected {}", words::label(m), words::range(m), words::expected(m));
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &said);
    ground(&mut canvas, m, x);
    let at = |q: f64| m.quantiles.iter().find(|quantile| (quantile.q - q).abs() < 1e-9);
    if let (Some(low), Some(high)) = (at(0.05), at(0.95)) {
        let (from, to) = (x(low.value), x(high.value));
        canvas.rect(Box { x: from, width: (to - from).max(1.5), ..BAR }, "spread");
    }
    if let Some(middle) = at(0.5) {
        median(&mut canvas, m, (middle, &x));
    }
    dots(&mut canvas, m, x);
    Some(canvas.finish())
}

/// From zero where zero is near, else around the values; with room at both ends.
fn scale(low: f64, high: f64, bound: Option<f64>) -> Scale {
    let (low, high) = (bound.map_or(low, |b| b.min(low)), bound.map_or(high, |b| b.max(high)));
    let room = (high - low) * 0.08;
    let from = if low >= 0.0 && low < high * 0.6 { 0.0 } else { low - room };
    Scale::Linear(from, high + room)
}

/// Where a value may lie and where not.
fn ground(canvas: &mut Canvas, m: &MeasureAcross, x: impl Fn(f64) -> f64) {
    let Some(bound) = m.bound else {
        canvas.rect(BAR, "band-even");
        return;
    };
    let edge = x(bound.value);
    let (good, bad) = match bound.relation {
        Relation::AtMost => ((BAR.x, edge), (edge, BAR.right())),
        Relation::AtLeast => ((edge, BAR.right()), (BAR.x, edge)),
    };
    for ((from, to), class) in [(good, "allowed"), (bad, "forbidden")] {
        canvas.rect(Box { x: from, width: to - from, ..BAR }, class);
    }
    canvas.line((edge, 16.0), (edge, BAR.bottom() + 6.0), "bound");
    canvas.label((edge, HEIGHT - 6.0), "figure", &words::expected(m));
}

fn median(canvas: &mut Canvas, m: &MeasureAcross, (q, x): (&QuantileAcross, &impl Fn(f64) -> f64)) {
    if let (Some(low), Some(high)) = (q.low, q.high) {
        let (from, to) = (x(low), x(high));
        let place = Box { x: from, y: BAR.y + 2.5, width: (to - from).max(2.0), height: BAR.height - 5.0 };
        canvas.rect(place, "interval");
    }
    canvas.line((x(q.value), BAR.y - 3.0), (x(q.value), BAR.bottom() + 3.0), "median");
    canvas.label((x(q.value), 12.0), "figure", &figures::value(q.value, m.unit));
}

/// A dot for each seed; those that would cover each other stand on each other.
fn dots(canvas: &mut Canvas, m: &MeasureAcross, x: impl Fn(f64) -> f64) {
    let mut piles: BTreeMap<i64, u32> = BTreeMap::new();
    let mut places: Vec<f64> = m.values.iter().flatten().map(|v| x(*v)).collect();
    places.sort_by(f64::total_cmp);
    for place in places {
        let pile = piles.entry((place / (2.0 * DOT)).floor() as i64).or_insert(0);
        if *pile < PILE {
            canvas.circle((place, BAR.y - 6.0 - f64::from(*pile) * 2.0 * DOT), DOT, "dot");
        }
        *pile += 1;
    }
}
