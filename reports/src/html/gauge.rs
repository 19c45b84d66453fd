//! The gauge: where a value and its interval lie against the bound.

use upstorm_model::verdict::{Observation, Relation};

use crate::figures;
use crate::svg::{Box, Canvas, Scale};
use crate::words;

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 58.0;
const BAR: Box = Box { x: 10.0, y: 24.0, width: WIDTH - 20.0, height: 8.0 };

/// A picture of one observation; none where there is no value or no bound to hold it against, or where what was found is
/// a name.
pub(super) fn draw(o: &Observation) -> Option<String> {
    if o.recognised.is_some() {
        return None;
    }
    let (value, bound) = (o.value?, o.bound?);
    let high = o.interval.map_or(value, |i| i.high);
    let top = value.max(high).max(bound.value);
    let low = value.min(bound.value).min(o.interval.map_or(value, |i| i.low));
    if !top.is_finite() || top <= 0.0 || low < 0.0 {
        return None;
    }
    let scale = Scale::Linear(0.0, top * 1.15);
    let x = |v: f64| BAR.x + scale.share(v) * BAR.width;
    let said =
        format!("{}: observed {}, expected {}", words::label(o), words::observed(o), words::expected(o));
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &said);
    let edge = x(bound.value);
    let (good, bad) = match bound.relation {
        Relation::AtMost => ((BAR.x, edge), (edge, BAR.right())),
        Relation::AtLeast => ((edge, BAR.right()), (BAR.x, edge)),
    };
    for ((from, to), class) in [(good, "allowed"), (bad, "forbidden")] {
        canvas.rect(Box { x: from, width: to - from, ..BAR }, class);
    }
    let middle = BAR.y + BAR.height / 2.0;
    if let Some(i) = o.interval {
        let (from, to) = (x(i.low), x(i.high));
        canvas.rect(Box { x: from, y: middle - 2.5, width: (to - from).max(2.0), height: 5.0 }, "interval");
    }
    canvas.line((edge, BAR.y - 5.0), (edge, BAR.bottom() + 5.0), "bound");
    canvas.circle((x(value), middle), 5.0, "value");
    canvas.label((edge, HEIGHT - 6.0), "figure", &words::expected(o));
    canvas.label((x(value), 14.0), "figure", &figures::value(value, o.unit));
    Some(canvas.finish())
}
