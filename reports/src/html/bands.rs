//! Phase bands and partitions behind the panels: which trouble was declared when.

use crate::results::{BandKind, Results};
use crate::svg::{Anchor, Box, Canvas, Plane};

/// Shades the bands of a plane, every other one darker; warm-up and drain are hatched out by their own class.
pub(super) fn shade(canvas: &mut Canvas, plane: &Plane, results: &Results) {
    for (index, band) in results.bands.iter().enumerate() {
        let class = match band.kind {
            BandKind::WarmUp | BandKind::Drain => "band-edge",
            BandKind::Phase if index % 2 == 0 => "band-even",
            BandKind::Phase => "band-odd",
        };
        canvas.rect(plane.between(band.start, band.end), class);
    }
    for partition in &results.partitions {
        canvas.rect(plane.between(partition.start, partition.end), "band-partition");
    }
}

/// The names of the bands in a row, each within its own band.
pub(super) fn names(canvas: &mut Canvas, plane: &Plane, results: &Results) {
    shade(canvas, plane, results);
    for band in &results.bands {
        let place = plane.between(band.start, band.end);
        centred(canvas, place, ("band-name", &band.name));
    }
    for band in results.bands.iter().skip(1) {
        let x = plane.x(band.start);
        canvas.line((x, plane.area.y), (x, plane.area.bottom()), "band-border");
    }
}

/// A row of partitions under the names.
pub(super) fn partitions(canvas: &mut Canvas, plane: &Plane, results: &Results) {
    for partition in &results.partitions {
        let place = plane.between(partition.start, partition.end);
        canvas.rect(Box { y: place.y + 1.0, height: place.height - 2.0, ..place }, "c-partition");
        let said = format!("partition: {} | {}", partition.a, partition.b);
        centred(canvas, place, ("state-name", &said));
        canvas.hover(place, &said);
    }
}

/// A text in the middle of a box, cut to fit; nothing where not even three characters fit.
pub(super) fn centred(canvas: &mut Canvas, place: Box, (class, text): (&str, &str)) {
    let room = (place.width / 7.2) as usize;
    if room < 3 {
        return;
    }
    let length = text.chars().count();
    let shown: String =
        if length <= room { text.to_owned() } else { text.chars().take(room - 1).chain(['…']).collect() };
    let at = (place.x + place.width / 2.0, place.y + place.height / 2.0 + 4.0);
    canvas.text(at, (Anchor::Middle, class), &shown);
}
