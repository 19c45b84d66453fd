//! An observation in words: expected against observed, and a failure or a doubt in one sentence.

use upstorm_model::verdict::{
    Bound, BoundSource, Doubt, Finding, Measure, Observation, Relation, Unit, Verdict,
};

use super::measure::of;
use super::recognised::{recognised, unrecognised};
use crate::figures;

/// Chances from here on are nothing to wonder at.
const LIKELY: f64 = 0.05;

/// The label of an observation, with its part: `p95 latency`, `failed calls`.
#[must_use]
pub fn label(o: &Observation) -> String {
    label_of(o.measure, &o.part)
}

/// The label of a measure with its part.
pub(crate) fn label_of(measure: Measure, part: &str) -> String {
    let words = of(measure);
    match (measure, part) {
        (_, "") => words.label.to_owned(),
        (Measure::FaultShare | Measure::Tally, part) => part.to_owned(),
        (Measure::LatencyQuantile, part) => format!("{part} {}", words.label),
        (_, part) => format!("{} ({part})", words.label),
    }
}

/// What was expected: `≤ 1.5×`; a dash where there is no bound. A declared share must be met from both sides.
#[must_use]
pub fn expected(o: &Observation) -> String {
    expected_of(o.measure, o.unit, o.bound)
}

/// What was expected of a measure.
pub(crate) fn expected_of(measure: Measure, unit: Unit, bound: Option<Bound>) -> String {
    let Some(bound) = bound else { return "–".to_owned() };
    let value = figures::value(bound.value, unit);
    match measure {
        Measure::FaultShare => value,
        // How far it may lie from the waits says nothing beside its name.
        Measure::BackoffFamily => "one family".to_owned(),
        _ => format!("{} {value}", figures::relation(bound.relation)),
    }
}

/// What was observed: `3.9× (3.8 to 4.0)`; a dash where there is no value.
#[must_use]
pub fn observed(o: &Observation) -> String {
    if let Some(recognised) = recognised(o) {
        return recognised;
    }
    let value = o.value.map_or_else(|| "–".to_owned(), |v| figures::value(v, o.unit));
    let beside = [o.interval.map(|i| figures::interval(&i, o.unit)), unlikely(o)];
    let beside: Vec<String> = beside.into_iter().flatten().collect();
    if o.value.is_none() || beside.is_empty() { value } else { format!("{value} ({})", beside.join("; ")) }
}

/// The chance of a value so bad, where it is small enough to be worth a word.
pub(crate) fn unlikely(o: &Observation) -> Option<String> {
    o.p_value.filter(|p| *p < LIKELY).map(figures::chance)
}

/// Where the bound comes from, to stand behind it.
#[must_use]
pub const fn source(source: BoundSource) -> &'static str {
    match source {
        BoundSource::Scenario => "the scenario says so",
        BoundSource::Settings => "the subject's own settings",
        BoundSource::Rule => "the check's own rule",
    }
}

/// A failure in one sentence: who did what, how sure that is, what was allowed, why it matters.
#[must_use]
pub fn failure(finding: &Finding, o: &Observation) -> String {
    let words = of(o.measure);
    let fact = told(if o.value.is_some() { words.fact } else { words.absent }, finding, o);
    let sure = match o.interval {
        Some(i) if o.value.is_some() => {
            format!(" ({} sure: {})", figures::share(i.confidence), figures::interval(&i, o.unit))
        }
        _ => String::new(),
    };
    format!("{fact}{sure}{}: {}.", allowed(o.measure, o.unit, o.bound), words.meaning)
}

/// What was allowed or expected of a measure, to end a sentence with; empty where nothing was.
pub(crate) fn allowed(measure: Measure, unit: Unit, bound: Option<Bound>) -> String {
    let Some(bound) = bound else { return String::new() };
    let value = figures::spoken(bound.value, unit);
    match bound.relation {
        _ if measure == Measure::FaultShare => format!(" where {value} was declared"),
        // What is over the budget is told as such; no further bound stands beside it.
        _ if measure == Measure::RetriesOverBudget => String::new(),
        Relation::AtMost if bound.value == 0.0 && unit == Unit::Count => " where none was allowed".to_owned(),
        Relation::AtMost => format!(" where at most {value} was allowed"),
        Relation::AtLeast => format!(" where at least {value} was expected"),
    }
}

fn told(pattern: &str, finding: &Finding, o: &Observation) -> String {
    // A check of the whole run names the client it speaks of as the part, where there are several.
    let subject = match (finding.subject.as_str(), o.part.as_str()) {
        ("", "") => "the run",
        ("", part) => part,
        (subject, _) => subject,
    };
    let (from, to) = subject.split_once(" -> ").unwrap_or((subject, "its upstream"));
    let part = if o.part.is_empty() { finding.kind.as_str() } else { &o.part };
    let value = o.value.map_or_else(String::new, |v| figures::spoken(v, o.unit));
    // One pass, so that a name that looks like a placeholder stays a name.
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(match name {
            "who" => subject,
            "from" => from,
            "to" => to,
            "part" => part,
            _ => &value,
        });
        rest = tail;
    }
    text + rest
}

/// Why an observation is Inconclusive.
#[must_use]
pub fn doubt(o: &Observation) -> String {
    match o.doubt {
        Some(Doubt::TooFewSamples { needed }) => format!(
            "too few samples: {} where at least {} are needed; run longer or with more load",
            figures::count(o.n),
            figures::count(needed)
        ),
        Some(Doubt::Undecided) => {
            let unnamed = || o.recognised.as_ref().map(unrecognised);
            let chance = || {
                unlikely(o).map(|p| {
                format!("it looks broken, but chance may do that among all that was tested ({p}); run longer or with more load")
            })
            };
            unnamed().or_else(chance).unwrap_or_else(|| doubt_of(o.doubt))
        }
        doubt => doubt_of(doubt),
    }
}

/// A doubt, whatever the number of samples.
pub(crate) fn doubt_of(doubt: Option<Doubt>) -> String {
    match doubt {
        None => "it could not be told".to_owned(),
        Some(Doubt::NothingMeasured) => {
            "nothing of the kind happened, so there was nothing to judge".to_owned()
        }
        Some(Doubt::TooFewSamples { needed }) => format!(
            "too few samples: at least {} are needed; run longer or with more load",
            figures::count(needed)
        ),
        Some(Doubt::Undecided) => {
            "the interval lies on both sides of the bound; run longer or with more load".to_owned()
        }
        Some(Doubt::HarnessLate { seconds }) => {
            format!("this machine was {} late (p99), too much to tell", figures::duration(seconds))
        }
        Some(Doubt::Ambiguous) => {
            "attempts could not be told apart into calls: does the subject pass x-upstorm-call on?".to_owned()
        }
        Some(Doubt::NoBound) => {
            "neither the scenario nor the settings of the subject give a bound; set one in the check"
                .to_owned()
        }
        Some(Doubt::RunEnded) => {
            "the run ended before it could be seen; make its last phase longer".to_owned()
        }
        Some(Doubt::CutOff) => {
            "the run was given up before its end, so what is missing may have been on its way; run it to its end"
                .to_owned()
        }
        Some(Doubt::NoPolicy) => {
            "the settings of the subject have no such policy, so there was nothing to judge".to_owned()
        }
        Some(Doubt::Changed) => "the scenario was changed while it ran".to_owned(),
    }
}

/// Everything worth saying of a finding: a sentence for each observation that failed or could not be told.
#[must_use]
pub fn sentences(finding: &Finding) -> Vec<String> {
    if finding.observations.is_empty() {
        return vec!["nothing was measured.".to_owned()];
    }
    let of_one = |o: &Observation| match o.verdict {
        Verdict::Held => None,
        Verdict::Failed => Some(failure(finding, o)),
        Verdict::Inconclusive => Some(format!("{}: {}.", label(o), doubt(o))),
    };
    finding.observations.iter().filter_map(of_one).collect()
}
