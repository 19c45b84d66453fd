//! A card for each finding that needs attention: expected against observed, how sure, and a picture of the moment.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Observation, Verdict};

use super::{gauge, moment, page};
use crate::figures;
use crate::results::Results;
use crate::words;

/// What the template prints for one finding.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) tone: &'static str,
    pub(super) warning: bool,
    pub(super) subject: String,
    pub(super) during: String,
    pub(super) place: String,
    pub(super) sentences: Vec<String>,
    pub(super) lines: Vec<Line>,
    pub(super) moment: Option<String>,
    pub(super) caption: String,
}

/// One observation of a card.
pub(super) struct Line {
    pub(super) tone: &'static str,
    pub(super) label: String,
    pub(super) expected: String,
    pub(super) source: &'static str,
    pub(super) observed: String,
    pub(super) interval: String,
    /// How likely chance makes it, where that is little.
    pub(super) chance: String,
    pub(super) n: String,
    pub(super) gauge: Option<String>,
}

impl Card {
    pub(super) fn new(results: &Results, finding: &Finding) -> Self {
        // The moment is that of the worst observation; a doubt has none.
        let worst = finding.observations.iter().find(|o| o.verdict == Verdict::Failed);
        let drawn = worst.and_then(|o| moment::draw(results, finding, o));
        let (moment, caption) = drawn.map_or((None, String::new()), |(svg, said)| (Some(svg), said));
        Self {
            name: finding.check.clone(),
            kind: finding.kind.clone(),
            tone: page::tone_of(finding.severity, finding.verdict),
            warning: finding.severity == Severity::Warn,
            subject: finding.subject.replace(" -> ", " → "),
            during: words::during(&finding.during),
            place: place(results, finding),
            sentences: words::sentences(finding).iter().map(|s| tied(s)).collect(),
            lines: finding.observations.iter().map(Line::new).collect(),
            moment,
            caption,
        }
    }
}

/// A figure and its unit stay on one line.
pub(crate) fn tied(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut after_digit = false;
    for (at, c) in sentence.char_indices() {
        let before_unit = || {
            let rest = sentence.get(at + 1..).unwrap_or_default();
            ["%", "ms", "µs", "s ", "s)", "min"].iter().any(|unit| rest.starts_with(unit))
        };
        text.push(if c == ' ' && after_digit && before_unit() { '\u{a0}' } else { c });
        after_digit = c.is_ascii_digit();
    }
    text
}

fn place(results: &Results, finding: &Finding) -> String {
    match (&results.scenario_file, finding.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (None, Some(line)) => format!("line {line} of the scenario"),
        (_, None) => String::new(),
    }
}

impl Line {
    fn new(o: &Observation) -> Self {
        let interval = o
            .interval
            .filter(|_| o.value.is_some())
            .map(|i| format!("{} sure: {}", figures::share(i.confidence), figures::interval(&i, o.unit)));
        Self {
            tone: page::tone(o.verdict),
            label: words::label(o),
            expected: words::expected(o),
            source: o.bound.map_or("", |b| words::source(b.source)),
            observed: words::recognised(o)
                .or_else(|| o.value.map(|v| figures::value(v, o.unit)))
                .unwrap_or_else(|| "–".to_owned()),
            interval: interval.unwrap_or_default(),
            chance: words::unlikely(o).unwrap_or_default(),
            n: figures::count(o.n),
            gauge: gauge::draw(o),
        }
    }
}
