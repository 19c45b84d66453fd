//! The page on several seeds: what the template prints, in the order of the storyline.

use askama::Template;
use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{CheckAcross, Verdict};

use super::measure::MeasureLine;
use super::{bar, squares};
use crate::figures::count;
use crate::html::{STYLE, tied, tone, tone_of};
use crate::render::RenderError;
use crate::seeds::document::worst_of;
use crate::seeds::{SeedRow, SeedsResults, words as say};
use crate::words;

/// Seeds in the table; the squares and `seeds.json` have the others.
const MOST_ROWS: usize = 200;

#[derive(Template)]
#[template(path = "seeds.html")]
struct Page {
    style: &'static str,
    title: String,
    summary: String,
    tone: &'static str,
    verdict: &'static str,
    headline: String,
    partial: Option<String>,
    exit: String,
    facts: Vec<(&'static str, String)>,
    command: String,
    checks: Vec<CheckLine>,
    failed: Vec<Card>,
    unsure: Vec<Card>,
    measures: Vec<MeasureLine>,
    harness: Vec<MeasureLine>,
    squares: String,
    ends: Vec<String>,
    runs: Vec<RunLine>,
    left_out: usize,
    tool: String,
}

/// One check in the table.
struct CheckLine {
    tone: &'static str,
    verdict: &'static str,
    check: String,
    kind: String,
    bar: Option<String>,
    cells: [String; 5],
}

/// A check that did not hold with every seed.
struct Card {
    name: String,
    kind: String,
    tone: &'static str,
    warning: bool,
    subject: String,
    during: String,
    place: String,
    sentences: Vec<String>,
    command: Option<String>,
}

/// A seed with which something did not hold.
struct RunLine {
    tone: &'static str,
    verdict: &'static str,
    seed: String,
    exit: String,
    failed: String,
    unsure: String,
}

/// The document as one HTML file.
///
/// # Errors
/// When the template cannot be rendered.
pub fn render(seeds: &SeedsResults) -> Result<String, RenderError> {
    let cards =
        |verdict| seeds.found(verdict).filter(|c| say::is_telling(c)).map(|c| Card::new(seeds, c)).collect();
    let of = |harness: bool| {
        let checks = seeds.checks.iter().filter(move |c| words::is_always_on(&c.kind) == harness);
        checks.flat_map(MeasureLine::all).collect()
    };
    let (runs, left_out) = runs(seeds);
    let warnings: Vec<String> = say::partial(seeds).into_iter().chain(say::broken(seeds)).collect();
    let page = Page {
        style: STYLE,
        title: format!("{} over {}", seeds.title(), say::which(seeds)),
        summary: seeds.summary.clone(),
        tone: tone(seeds.verdict),
        verdict: words::verdict(seeds.verdict),
        headline: say::headline(seeds),
        partial: (!warnings.is_empty()).then(|| warnings.join(" ")),
        exit: format!("{}: {}", seeds.exit_code, words::exit(seeds.exit_code)),
        facts: facts(seeds),
        command: seeds.command.clone(),
        checks: seeds.checks.iter().map(CheckLine::new).collect(),
        failed: cards(Verdict::Failed),
        unsure: cards(Verdict::Inconclusive),
        measures: of(false),
        harness: of(true),
        squares: squares::draw(seeds),
        ends: say::ends(seeds),
        runs,
        left_out,
        tool: format!("{} {}", seeds.tool.name, seeds.tool.version),
    };
    Ok(page.render()?)
}

fn facts(seeds: &SeedsResults) -> Vec<(&'static str, String)> {
    let pace = words::pace(seeds.world, seeds.pace).map(|said| ("Pace", said));
    let world = ("World", words::world(seeds.world).to_owned());
    [("Seeds", say::which(seeds)), world].into_iter().chain(pace).collect()
}

impl CheckLine {
    fn new(check: &CheckAcross) -> Self {
        let [held, failed, unsure] = [check.held, check.failed, check.inconclusive].map(count);
        let seed = say::telling_seed(check).map_or_else(|| "–".to_owned(), |seed| seed.to_string());
        Self {
            tone: tone_of(check.severity, worst_of(check)),
            verdict: say::verdict(check),
            check: check.check.clone(),
            kind: check.kind.clone(),
            bar: bar::draw(check),
            cells: [held, failed, unsure, say::failing(check), seed],
        }
    }
}

impl Card {
    fn new(seeds: &SeedsResults, check: &CheckAcross) -> Self {
        let place = match (&seeds.scenario_file, check.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (None, Some(line)) => format!("line {line} of the scenario"),
            (_, None) => String::new(),
        };
        Self {
            name: check.check.clone(),
            kind: check.kind.clone(),
            tone: tone_of(check.severity, worst_of(check)),
            warning: check.severity == Severity::Warn,
            subject: check.subject.replace(" -> ", " → "),
            during: words::during(&check.during),
            place,
            sentences: say::sentences(check).iter().map(|s| tied(s)).collect(),
            command: say::telling_seed(check).map(|seed| seeds.command_of(seed)),
        }
    }
}

/// The seeds with which something did not hold, and how many of them there is no room for.
fn runs(seeds: &SeedsResults) -> (Vec<RunLine>, usize) {
    let odd = |r: &&SeedRow| {
        r.verdict != Verdict::Held || r.exit_code != 0 || !r.failed.is_empty() || !r.inconclusive.is_empty()
    };
    let all: Vec<RunLine> = seeds.runs.iter().filter(odd).take(MOST_ROWS).map(RunLine::new).collect();
    let left_out = seeds.runs.iter().filter(odd).count() - all.len();
    (all, left_out)
}

impl RunLine {
    fn new(run: &SeedRow) -> Self {
        Self {
            tone: tone(run.verdict),
            verdict: words::verdict(run.verdict),
            seed: run.seed.to_string(),
            exit: run.exit_code.to_string(),
            failed: run.failed.join(", "),
            unsure: run.inconclusive.join(", "),
        }
    }
}
