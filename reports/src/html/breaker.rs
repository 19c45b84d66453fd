//! Breaker states and other things hosts say of themselves, as one row a host under the phase bands.

use std::collections::BTreeMap;

use super::bands::centred;
use crate::results::{Note, NoteKind, Results};
use crate::svg::{Box, Canvas, Plane};

/// Hosts with anything to show, in a fixed order.
pub(super) fn speakers(results: &Results) -> Vec<&str> {
    let by_name: BTreeMap<&str, ()> = results.annotations.iter().map(|n| (n.host.as_str(), ())).collect();
    by_name.into_keys().collect()
}

/// The states of a host's breaker: from, to, state. Closed until it says otherwise.
fn states(results: &Results, host: &str) -> Vec<(f64, f64, NoteKind)> {
    let end = results.bands.last().map_or(results.seconds, |b| b.end);
    let of_breaker = |n: &&Note| {
        matches!(n.what, NoteKind::BreakerOpened | NoteKind::BreakerHalfOpened | NoteKind::BreakerClosed)
    };
    let changes: Vec<(f64, NoteKind)> = results
        .annotations
        .iter()
        .filter(|n| n.host == host)
        .filter(of_breaker)
        .map(|n| (n.at, n.what))
        .collect();
    if changes.is_empty() {
        return Vec::new();
    }
    let starts = std::iter::once((0.0, NoteKind::BreakerClosed)).chain(changes.iter().copied());
    let ends = changes.iter().map(|(at, _)| *at).chain([end]);
    starts.zip(ends).map(|((from, state), to)| (from, to.max(from), state)).collect()
}

/// Draws the row of one host.
pub(super) fn row(canvas: &mut Canvas, plane: &Plane, (results, host): (&Results, &str)) {
    for (from, to, state) in states(results, host) {
        let (start, end) = plane.ends();
        if to < start || from > end {
            continue;
        }
        let (class, name) = match state {
            NoteKind::BreakerOpened => ("s-open", "open"),
            NoteKind::BreakerHalfOpened => ("s-half", "half-open"),
            _ => ("s-closed", "closed"),
        };
        let place = plane.between(from, to);
        // A state shorter than a pixel still happened.
        let place =
            Box { y: place.y + 2.0, height: place.height - 4.0, width: place.width.max(2.0), ..place };
        canvas.rect(place, class);
        centred(canvas, place, ("state-name", name));
        canvas.hover(place, &format!("{host}: breaker {name} from {from:.2} s to {to:.2} s"));
    }
    let others =
        results.annotations.iter().filter(|n| n.host == host).filter_map(|n| said(n.what).map(|s| (n.at, s)));
    for (at, (class, name)) in others.filter(|(at, _)| plane.holds(*at)) {
        let x = plane.x(at);
        let foot = plane.area.bottom() - 2.0;
        canvas.path(&format!("M{x:.1} {:.1}l4 7h-8z", foot - 7.0), class);
        canvas.hover(
            Box { x: x - 4.0, y: foot - 9.0, width: 8.0, height: 9.0 },
            &format!("{host}: {name} at {at:.2} s"),
        );
    }
}

const fn said(what: NoteKind) -> Option<(&'static str, &'static str)> {
    match what {
        NoteKind::BudgetExhausted => Some(("m-budget", "retry budget used up")),
        NoteKind::RateLimited => Some(("m-limit", "rate limit rejects")),
        NoteKind::BulkheadFull => Some(("m-bulkhead", "bulkhead full")),
        NoteKind::Throttled => Some(("m-throttle", "adaptive throttle rejects")),
        NoteKind::Hedged => Some(("m-hedge", "extra attempt beside a slow one")),
        NoteKind::Ejected => Some(("m-ejected", "replica ejected")),
        NoteKind::Readmitted => Some(("m-readmitted", "replica taken back")),
        NoteKind::FailedOver => Some(("m-over", "turned to a backup")),
        NoteKind::FailedBack => Some(("m-back", "turned back from a backup")),
        NoteKind::ServedStale => Some(("m-stale", "stale answer served")),
        NoteKind::FellBack => Some(("m-fallback", "fallback answered")),
        NoteKind::BreakerOpened | NoteKind::BreakerHalfOpened | NoteKind::BreakerClosed => None,
    }
}

/// The kinds that are marked, in the order of the legend.
const MARKED: [NoteKind; 11] = [
    NoteKind::BudgetExhausted,
    NoteKind::RateLimited,
    NoteKind::BulkheadFull,
    NoteKind::Throttled,
    NoteKind::Hedged,
    NoteKind::Ejected,
    NoteKind::Readmitted,
    NoteKind::FailedOver,
    NoteKind::FailedBack,
    NoteKind::ServedStale,
    NoteKind::FellBack,
];

/// Legend entries for the markers that occur.
pub(super) fn markers(results: &Results) -> Vec<(String, String)> {
    let occurs = |kind: &NoteKind| results.annotations.iter().any(|n| n.what == *kind);
    let named = MARKED.into_iter().filter(occurs).filter_map(said);
    named.map(|(class, name)| (class.to_owned(), name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_has_a_colour_of_its_own() {
        let css = include_str!("../../templates/report.css");
        let colour = |class: &str| {
            let rule = css.split_once(&format!("svg .{class} {{ --c: var(")).map(|(_, rest)| rest);
            rule.and_then(|rest| rest.split_once(')')).map(|(name, _)| name)
        };
        let mut seen: Vec<&str> =
            MARKED.into_iter().filter_map(said).filter_map(|(c, _)| colour(c)).collect();
        assert_eq!(seen.len(), MARKED.len(), "one has no rule in the style sheet");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), MARKED.len(), "two look the same");
    }
}
