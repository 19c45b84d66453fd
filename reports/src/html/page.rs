//! The page: what the template prints, in the order of the storyline.

use askama::Template;
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::Verdict;

use super::card::Card;
use super::table::{
    BehaviourLine, CheckLine, EdgeLine, HostLine, InjectedLine, LoadLine, PhaseLine, SlowLine,
};
use super::{spectrum, timeline};
use crate::figures;
use crate::render::RenderError;
use crate::results::Results;
use crate::words;

/// The style sheet of every page.
pub(crate) const STYLE: &str = include_str!("../../templates/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    style: &'static str,
    title: String,
    summary: String,
    tone: &'static str,
    verdict: &'static str,
    headline: String,
    partial: Option<&'static str>,
    exit: String,
    facts: Vec<(&'static str, String)>,
    command: String,
    failed: Vec<Card>,
    unsure: Vec<Card>,
    load: Vec<LoadLine>,
    injected: Vec<InjectedLine>,
    keeping: Vec<(String, String)>,
    timeline: String,
    phases: Vec<PhaseLine>,
    edges: Vec<EdgeLine>,
    spectra: Vec<(String, String)>,
    slowest: Vec<SlowLine>,
    checks: Vec<CheckLine>,
    behaviours: Vec<BehaviourLine>,
    hosts: Vec<HostLine>,
    recording: Option<String>,
    tool: String,
}

/// The results as one HTML file.
///
/// # Errors
/// When the template cannot be rendered.
pub fn render(results: &Results) -> Result<String, RenderError> {
    let cards = |verdict| results.found(verdict).map(|f| Card::new(results, f)).collect();
    let page = Page {
        style: STYLE,
        title: title(results),
        summary: results.summary.clone(),
        tone: tone(results.verdict),
        verdict: words::verdict(results.verdict),
        headline: words::headline(results),
        partial: results.partial.map(words::partial),
        exit: format!("{}: {}", results.exit_code, words::exit(results.exit_code)),
        facts: facts(results),
        command: results.command.clone(),
        failed: cards(Verdict::Failed),
        unsure: cards(Verdict::Inconclusive),
        load: results.fidelity.load.iter().map(LoadLine::new).collect(),
        injected: results.fidelity.injected.iter().map(InjectedLine::new).collect(),
        keeping: keeping(results),
        timeline: timeline::draw(results),
        phases: results.phases.iter().map(PhaseLine::new).collect(),
        edges: results.edges.iter().map(EdgeLine::new).collect(),
        spectra: spectrum::draw_all(results),
        slowest: results.slowest.iter().map(SlowLine::new).collect(),
        checks: CheckLine::all(results),
        behaviours: results.behaviours.iter().map(BehaviourLine::new).collect(),
        hosts: results.hosts.iter().map(HostLine::new).collect(),
        recording: results.recording.as_ref().map(words::digest),
        tool: format!("{} {}", results.tool.name, results.tool.version),
    };
    Ok(page.render()?)
}

/// The class of a verdict.
pub(crate) const fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "failed",
        Verdict::Inconclusive => "unsure",
    }
}

/// The class of a verdict with its severity: a failure that does not count is not red.
pub(crate) fn tone_of(severity: Severity, verdict: Verdict) -> &'static str {
    if severity == Severity::Warn && verdict == Verdict::Failed { "unsure" } else { tone(verdict) }
}

fn title(results: &Results) -> String {
    match results.variant.as_str() {
        "" => results.scenario.clone(),
        variant => format!("{} [{variant}]", results.scenario),
    }
}

fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let calls: u64 = results.fidelity.load.iter().map(|l| l.planned).sum();
    let attempts = results.fidelity.keyed_attempts + results.fidelity.unkeyed_attempts;
    let pace = words::pace(results.world, results.pace).map(|said| ("Pace", said));
    let facts = [
        ("Seed", results.seed.to_string()),
        ("World", words::world(results.world).to_owned()),
        ("Length", figures::duration(results.seconds)),
        ("Calls", figures::count(calls)),
        ("Attempts", figures::count(attempts)),
    ];
    facts.into_iter().chain(pace).collect()
}

/// How well delays were kept, how noisy the host was, and how fates were keyed.
fn keeping(results: &Results) -> Vec<(String, String)> {
    let f = &results.fidelity;
    let delay = |d: &crate::results::DelayRow| (format!("Delays kept by {}", d.upstream), words::delays(d));
    let noise = words::noise(f, results.world).map(|said| ("Host noise".to_owned(), said));
    let attempts = f.keyed_attempts + f.unkeyed_attempts;
    let keyed = (attempts > 0).then(|| {
        let said = match f.unkeyed_attempts {
            0 => "every attempt carried its call, so its fate is a function of the seed alone".to_owned(),
            n => format!(
                "{} of {} attempts lost their call; their fate went by arrival order",
                figures::count(n),
                figures::count(attempts)
            ),
        };
        ("Fates".to_owned(), said)
    });
    f.delays.iter().map(delay).chain(noise).chain(keyed).collect()
}
