//! The timeline: panels over one another on one time axis, with phase bands behind all of them.
//!
//! Cause and effect lie in different places (the upstream's statuses, the gateway's retries, the callers' latency);
//! only on one axis is it seen which came first.

use super::panel::{Content, HUES, Panel, outcomes};
use super::{bands, breaker};
use crate::figures;
use crate::results::{Results, Timeline};
use crate::svg::{Anchor, Box, Canvas, LEGEND_ROW, Plane, Scale, Trace, legend, legend_rows, time_ticks};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 8.0;
/// Above each panel: its title and legend.
const TITLE: f64 = 36.0;
const ROW: f64 = 24.0;
const FOOT: f64 = 38.0;

/// The whole timeline as one picture; empty for a run in which no time passed.
pub(super) fn draw(results: &Results) -> String {
    let t = &results.timeline;
    if t.is_empty() {
        return String::new();
    }
    let (panels, speakers) = (panels(t), breaker::speakers(results));
    let rows = 1 + usize::from(!results.partitions.is_empty()) + speakers.len();
    let markers = breaker::markers(results);
    let keys = legend_rows(&markers, WIDTH - RIGHT);
    let height: f64 = rows as f64 * ROW
        + keys.len() as f64 * LEGEND_ROW
        + panels.iter().map(|p| p.height + TITLE).sum::<f64>()
        + FOOT;
    let mut canvas = Canvas::new(WIDTH, height, "Timeline of the run: one column a second, phases as bands");
    let mut y = header_rows(&mut canvas, results, &speakers);
    for row in keys {
        legend(&mut canvas, (WIDTH - RIGHT, y + 14.0), row);
        y += LEGEND_ROW;
    }
    let top = y;
    for panel in &panels {
        y += TITLE;
        draw_panel(&mut canvas, results, (panel, y));
        y += panel.height;
    }
    let last = plane(results, (y, 0.0), Scale::Linear(0.0, 1.0));
    let end = t.len() as f64 * t.bin;
    last.ground(&mut canvas, &time_ticks(0.0, end, 12.0), figures::number);
    canvas.text((WIDTH - RIGHT, y + 32.0), (Anchor::End, "tick"), "seconds since the run began");
    for index in 0..t.len() {
        let column = last.between(index as f64 * t.bin, (index + 1) as f64 * t.bin);
        canvas.hover(Box { y: top, height: y - top, ..column }, &said(t, index));
    }
    canvas.finish()
}

/// A plane of this height across the whole run, its top at `y`.
fn plane(results: &Results, (y, height): (f64, f64), scale: Scale) -> Plane {
    let end = results.timeline.len() as f64 * results.timeline.bin;
    let area = Box { x: LEFT, y, width: WIDTH - LEFT - RIGHT, height };
    Plane { area, x: Scale::Linear(0.0, end), y: scale }
}

/// Phases, partitions and one row for each host that says something; gives where they end.
fn header_rows(canvas: &mut Canvas, results: &Results, speakers: &[&str]) -> f64 {
    let at = |y| plane(results, (y, ROW), Scale::Linear(0.0, 1.0));
    let mut y = 0.0;
    bands::names(canvas, &at(y), results);
    y += ROW;
    if !results.partitions.is_empty() {
        bands::partitions(canvas, &at(y), results);
        y += ROW;
    }
    for host in speakers {
        canvas.text((LEFT - 6.0, y + ROW / 2.0 + 4.0), (Anchor::End, "tick"), &short(host));
        breaker::row(canvas, &at(y), (results, host));
        y += ROW;
    }
    y
}

/// A host's name as far as it fits left of its row.
fn short(name: &str) -> String {
    if name.chars().count() <= 8 { name.to_owned() } else { name.chars().take(7).chain(['…']).collect() }
}

fn draw_panel(canvas: &mut Canvas, results: &Results, (panel, y): (&Panel<'_>, f64)) {
    let plane = plane(results, (y, panel.height), panel.content.scale());
    bands::shade(canvas, &plane, results);
    canvas.text((LEFT, y - 9.0), (Anchor::Start, "panel-title"), panel.title);
    legend(canvas, (WIDTH - RIGHT, y - 9.0), &panel.content.legend());
    plane.rule(canvas, |v| panel.content.tick(v));
    panel.content.draw(canvas, &plane, Trace { bin: results.timeline.bin });
}

fn panels(t: &Timeline) -> Vec<Panel<'_>> {
    let edges = HUES.iter().zip(&t.edges);
    let per_call =
        edges.map(|(hue, e)| (*hue, e.edge.replace(" -> ", " → "), e.per_call.as_slice())).collect();
    let offered = ("c-offered", "offered".to_owned(), t.offered.as_slice());
    let rates = outcomes(t).into_iter().chain([offered]).collect();
    let in_flight = vec![
        ("h1", "calls at clients".to_owned(), t.calls_in_flight.as_slice()),
        ("h2", "attempts at upstreams".to_owned(), t.attempts_in_flight.as_slice()),
    ];
    let panel = |title, height, content| Panel { title, height, content };
    vec![
        panel("What callers got, calls/s", 130.0, Content::Rates(rates)),
        panel("Latency of successful calls, from the planned time", 120.0, Content::Latency(t)),
        panel("What the upstreams gave, attempts/s", 105.0, Content::Mix(&t.upstream_mix)),
        panel("What the clients got, calls/s", 105.0, Content::Mix(&t.client_mix)),
        panel("Attempts per call", 85.0, Content::Gapped(per_call, None)),
        panel("In flight", 85.0, Content::Rates(in_flight)),
    ]
}

/// All figures of one bin, for the pointer.
fn said(t: &Timeline, index: usize) -> String {
    let at = |values: &[f64]| figures::number(values.get(index).copied().unwrap_or(0.0));
    let gap = |values: &[Option<f64>]| {
        values.get(index).copied().flatten().map_or_else(|| "–".to_owned(), figures::duration)
    };
    let mut lines = vec![
        format!(
            "{} to {} s",
            figures::number(index as f64 * t.bin),
            figures::number((index + 1) as f64 * t.bin)
        ),
        format!("offered {}/s, good {}/s", at(&t.offered), at(&t.goodput)),
        format!("failed {}/s, throttled {}/s", at(&t.failed), at(&t.throttled)),
        format!("p50 {}, p95 {}, p99 {}", gap(&t.p50), gap(&t.p95), gap(&t.p99)),
    ];
    for edge in &t.edges {
        let per_call =
            edge.per_call.get(index).copied().flatten().map_or_else(|| "–".to_owned(), figures::number);
        lines.push(format!("{}: {} attempts/s, {per_call} per call", edge.edge, at(&edge.attempts)));
    }
    lines.push(format!(
        "in flight: {} calls, {} attempts",
        at(&t.calls_in_flight),
        at(&t.attempts_in_flight)
    ));
    lines.join("\n")
}
