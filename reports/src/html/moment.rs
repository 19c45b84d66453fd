//! The moment: a small picture of the series that a failed check is about, around the phases it looked at.

use upstorm_model::verdict::{Finding, Measure, Observation};

use super::panel::{Content, HUES, outcomes};
use super::{bands, breaker};
use crate::figures;
use crate::results::{EdgeSeries, Results, Timeline};
use crate::svg::{Box, Canvas, Plane, Scale, Trace, legend, time_ticks};

const WIDTH: f64 = 460.0;
const AREA: Box = Box { x: 52.0, y: 46.0, width: WIDTH - 58.0, height: 104.0 };
const HEIGHT: f64 = 170.0;

/// The picture with its caption; none for a run in which no time passed.
pub(super) fn draw(results: &Results, finding: &Finding, o: &Observation) -> Option<(String, String)> {
    let t = &results.timeline;
    if t.is_empty() {
        return None;
    }
    let (caption, content) = content(t, finding, o);
    let plane = Plane { area: AREA, x: reach(results, finding), y: content.scale() };
    let mut canvas = Canvas::new(WIDTH, HEIGHT, caption);
    let strip = Plane { area: Box { y: 22.0, height: 20.0, ..AREA }, ..plane };
    legend(&mut canvas, (WIDTH - 6.0, 13.0), &content.legend());
    if watches_breaker(o.measure) && !breaker::speakers(results).is_empty() {
        let (from, _) = ends(&finding.subject);
        breaker::row(&mut canvas, &strip, (results, from));
    } else {
        bands::names(&mut canvas, &strip, results);
    }
    bands::shade(&mut canvas, &plane, results);
    plane.rule(&mut canvas, |v| content.tick(v));
    content.draw(&mut canvas, &plane, Trace { bin: t.bin });
    for exhibit in o.exhibits.iter().filter(|e| plane.holds(e.at.as_secs_f64())) {
        let x = plane.x(exhibit.at.as_secs_f64());
        canvas.path(&format!("M{x:.1} {:.1}l4 8h-8z", AREA.bottom() - 8.0), "exhibit");
    }
    let (start, end) = plane.ends();
    plane.ground(&mut canvas, &time_ticks(start, end, 7.0), figures::number);
    let marked = if o.exhibits.is_empty() { "" } else { "; ▲ the events that decide" };
    Some((canvas.finish(), format!("{caption}, over the seconds of the run{marked}")))
}

/// The phases that the check looked at with a quarter of their length around them; the whole run without any.
fn reach(results: &Results, finding: &Finding) -> Scale {
    let whole = results.timeline.len() as f64 * results.timeline.bin;
    let looked: Vec<_> = finding.during.iter().filter_map(|name| results.band(name)).collect();
    let start = looked.iter().map(|b| b.start).fold(f64::INFINITY, f64::min);
    let end = looked.iter().map(|b| b.end).fold(0.0, f64::max);
    if start >= end {
        return Scale::Linear(0.0, whole);
    }
    let around = ((end - start) / 4.0).max(2.0 * results.timeline.bin);
    Scale::Linear((start - around).max(0.0), (end + around).min(whole).max(start + results.timeline.bin))
}

const fn watches_breaker(measure: Measure) -> bool {
    matches!(
        measure,
        Measure::BreakerOpened
            | Measure::BreakerClosed
            | Measure::BreakerOpenings
            | Measure::BreakerEarlyAdmissions
            | Measure::BreakerProbes
            | Measure::BreakerTripOverrun
            | Measure::BreakerNeedlessTrips
            | Measure::BreakerOverdue
            | Measure::BreakerRejectionTime
    )
}

fn ends(subject: &str) -> (&str, &str) {
    subject.split_once(" -> ").unwrap_or((subject, ""))
}

/// The series of an edge, whatever route or replica of it the subject names. Of an edge over a chain, that of its last
/// link: there is one for each pair of hosts that talk.
fn edge<'a>(edges: &'a [EdgeSeries], subject: &str) -> Option<&'a EdgeSeries> {
    let without_route = subject.rsplit_once('/').map_or(subject, |(edge, _)| edge);
    let whole = without_route.rsplit_once('#').map_or(without_route, |(edge, _)| edge);
    let named = |name: &str| edges.iter().find(|e| e.edge == name);
    let last_link = || {
        let mut links = edges.iter().filter(|e| ends(&e.edge).1 == ends(whole).1);
        links.next().filter(|_| links.next().is_none())
    };
    named(subject).or_else(|| named(without_route)).or_else(|| named(whole)).or_else(last_link)
}

/// What a series counts, and over which link where that is not the subject itself.
fn counted(what: &str, series: &EdgeSeries, subject: &str) -> String {
    if subject.starts_with(&series.edge) { what.to_owned() } else { format!("{what}, {}", series.edge) }
}

/// What there is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Latency,
    PerCall,
    /// What reached an upstream.
    Attempts,
    /// What upstreams gave.
    Given,
    /// What callers got.
    Outcomes,
}

/// What shows best what was measured.
const fn shown(measure: Measure) -> Shown {
    match measure {
        Measure::LatencyQuantile => Shown::Latency,
        Measure::Amplification => Shown::PerCall,
        Measure::RetriesOverBudget
        | Measure::RetrySpread
        | Measure::RetryPeak
        | Measure::RepeatedDelays
        | Measure::EarlyRetries
        | Measure::OrphanAttempts
        | Measure::UnkeyedRetries
        | Measure::ChangedKeys
        | Measure::SharedKeys
        | Measure::RepeatedEffects
        | Measure::LongestAttempt
        | Measure::AbandonedAttempts
        | Measure::EarlyGivingUp
        | Measure::OutlivedCall
        | Measure::UnexplainedCalls
        | Measure::HerdPeak
        | Measure::HerdClumps
        | Measure::WaitsOutOfBounds
        | Measure::WaitLawDistance
        | Measure::BackoffFamily
        | Measure::FailoverTime
        | Measure::FailbackTime
        | Measure::FailoverStrays
        | Measure::CallsOverRate
        | Measure::CallsOverConcurrency
        | Measure::LimitUse
        | Measure::Tally
        | Measure::TallyLast
        | Measure::TallyReached
        | Measure::BreakerOpened
        | Measure::BreakerClosed
        | Measure::BreakerOpenings
        | Measure::BreakerEarlyAdmissions
        | Measure::BreakerProbes
        | Measure::BreakerTripOverrun
        | Measure::BreakerNeedlessTrips
        | Measure::BreakerOverdue
        | Measure::BreakerRejectionTime => Shown::Attempts,
        Measure::FaultShare | Measure::LatencyLawDistance | Measure::DelayError => Shown::Given,
        Measure::ErrorShare
        | Measure::ThrottledShare
        | Measure::Availability
        | Measure::RecoveryTime
        | Measure::GoodSeconds
        | Measure::BacklogGrowth
        | Measure::TimeDown
        | Measure::FailoverServed
        | Measure::OverdueAnswers
        | Measure::NeedlessStale
        | Measure::StaleServed
        | Measure::AlertFired
        | Measure::AlertLevel
        | Measure::MissingEffects
        | Measure::LoadSent
        | Measure::LoadLateness
        | Measure::LoadShed => Shown::Outcomes,
    }
}

/// What the picture shows, by what was measured.
fn content<'a>(t: &'a Timeline, finding: &Finding, o: &Observation) -> (&'static str, Content<'a>) {
    let of_edge = edge(&t.edges, &finding.subject);
    let said = |series: &EdgeSeries, what: &str| counted(what, series, &finding.subject);
    match shown(o.measure) {
        Shown::Latency => ("Latency of successful calls", Content::Latency(t)),
        Shown::PerCall => {
            let bound = o.bound.map(|b| b.value);
            let values = of_edge.map(|e| (HUES[0], said(e, "attempts per call"), e.per_call.as_slice()));
            ("Attempts per call", Content::Gapped(values.into_iter().collect(), bound))
        }
        Shown::Attempts => {
            let attempts = of_edge.map(|e| (HUES[0], said(e, "attempts/s"), e.attempts.as_slice()));
            let offered = ("c-offered", "calls offered/s".to_owned(), t.offered.as_slice());
            ("What reached the upstream", Content::Rates(attempts.into_iter().chain([offered]).collect()))
        }
        Shown::Given => ("What the upstreams gave, attempts/s", Content::Mix(&t.upstream_mix)),
        Shown::Outcomes => ("What callers got, calls/s", Content::Rates(outcomes(t))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_finds_its_series_whatever_it_names_of_it() {
        let series =
            |edge: &str| EdgeSeries { edge: edge.to_owned(), attempts: Vec::new(), per_call: Vec::new() };
        let edges = ["edge -> east", "edge -> west", "other -> west"].map(series);
        let found = |subject: &str| edge(&edges, subject).map(|e| counted("n", e, subject));
        let own = Some("n".to_owned());
        assert_eq!(found("edge -> west"), own);
        assert_eq!(found("edge -> east/quota"), own);
        assert_eq!(found("edge -> east#2"), own);
        assert_eq!(found("edge -> east#2/quota"), own);
        assert_eq!(found("shoppers -> east"), Some("n, edge -> east".to_owned()), "the last link of a chain");
        assert_eq!(found("shoppers -> west"), None, "it has two last links, and neither is all of it");
    }
}
