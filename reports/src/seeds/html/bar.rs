//! The bar: with which part of the seeds a check held, could not be told, and failed.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::CheckAcross;

use crate::svg::{Box, Canvas};

const WIDTH: f64 = 260.0;
const HEIGHT: f64 = 14.0;

/// The bar of a check; none without seeds.
pub(super) fn draw(check: &CheckAcross) -> Option<String> {
    // A failure that does not count is not red.
    let failed = if check.severity == Severity::Warn { "v-warned" } else { "v-failed" };
    let parts = [
        (check.failed, failed, "failed"),
        (check.inconclusive, "v-unsure", "inconclusive"),
        (check.held, "v-held", "held"),
    ];
    let all: u64 = parts.iter().map(|(n, ..)| n).sum();
    if all == 0 {
        return None;
    }
    let said: Vec<String> = parts.iter().map(|(n, _, name)| format!("{n} {name}")).collect();
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &said.join(", "));
    let mut x = 0.0;
    for (n, class, name) in parts.into_iter().filter(|(n, ..)| *n > 0) {
        // One seed of thousands is still to be seen.
        let width = (n as f64 / all as f64 * WIDTH).max(2.0).min(WIDTH - x);
        let place = Box { x, y: 0.0, width, height: HEIGHT };
        canvas.rect(place, class);
        canvas.hover(place, &format!("{n} of {all} seeds: {name}"));
        x += width;
    }
    Some(canvas.finish())
}
