//! Several seeds on a terminal: a line a check, a word on each that did not hold with the seed that shows it, then how
//! far chance moves each measure.

use upstorm_model::verdict::{CheckAcross, MeasureAcross, Verdict};

use super::document::worst_of;
use super::{SeedsResults, words as say};
use crate::figures;
use crate::terminal::{Column, Page, Style};
use crate::words;

/// Verdict, check, three counts, the share that fails, and the seed to look at.
const COUNTS: [Column; 7] = [
    Column::text(12),
    Column::text(22),
    Column::figures(6),
    Column::figures(6),
    Column::figures(12),
    Column::text(26),
    Column::figures(9),
];
/// Check, measured, expected, quantile, its value with the interval, and seeds.
const QUANTILES: [Column; 6] = [
    Column::text(20),
    Column::text(22),
    Column::figures(9),
    Column::text(8),
    Column::text(28),
    Column::figures(6),
];

/// The document for a terminal.
#[must_use]
pub fn render(seeds: &SeedsResults, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, seeds);
    counts(&mut page, seeds);
    told(&mut page, seeds, (Verdict::Failed, "What failed"));
    told(&mut page, seeds, (Verdict::Inconclusive, "What could not be told"));
    quantiles(&mut page, seeds);
    ends(&mut page, seeds);
    page.line("");
    page.paragraph(&format!("Reproduce: {}", seeds.command), "  ");
    page.finish()
}

fn head(page: &mut Page, seeds: &SeedsResults) {
    page.headline(&seeds.title(), seeds.verdict, &say::headline(seeds));
    if !seeds.summary.is_empty() {
        page.paragraph(&seeds.summary, "");
    }
    let tool = format!("{} {}", seeds.tool.name, seeds.tool.version);
    page.paragraph(&format!("{} · {} · {tool}", say::which(seeds), words::world(seeds.world)), "  ");
    for line in
        words::pace(seeds.world, seeds.pace).into_iter().chain(say::partial(seeds)).chain(say::broken(seeds))
    {
        page.paragraph(&line, "  ");
    }
    let code = seeds.exit_code;
    if !matches!(code, 0 | 10 | 12) {
        page.line(&format!("exit code {code}: {}", words::exit(code)));
    }
}

fn counts(page: &mut Page, seeds: &SeedsResults) {
    if seeds.checks.is_empty() {
        return;
    }
    let titles = ["verdict", "check", "held", "failed", "inconclusive", "fails with (95 % sure)", "see seed"];
    page.table_head(&COUNTS, &titles);
    for check in &seeds.checks {
        let seed = say::telling_seed(check).map_or_else(|| "–".to_owned(), |seed| seed.to_string());
        let [held, failed, unsure] = [check.held, check.failed, check.inconclusive].map(figures::count);
        let cells = vec![check.check.clone(), held, failed, unsure, say::failing(check), seed];
        page.judged_row(&COUNTS, (check.severity, worst_of(check)), cells);
    }
}

fn told(page: &mut Page, seeds: &SeedsResults, (verdict, title): (Verdict, &str)) {
    let mut found = seeds.found(verdict).filter(|c| say::is_telling(c)).peekable();
    if found.peek().is_some() {
        page.title(title);
    }
    for check in found {
        let place = match (&seeds.scenario_file, check.line) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            _ => String::new(),
        };
        page.paragraph(&format!("  {}, during {}{place}", check.check, words::during(&check.during)), "  ");
        for sentence in say::sentences(check) {
            page.paragraph(&format!("    {sentence}"), "    ");
        }
        if let Some(seed) = say::telling_seed(check) {
            page.paragraph(&format!("    see it: {}", seeds.command_of(seed)), "      ");
        }
    }
}

/// Checks of the harness that held with every seed are left out: they would push what matters off the screen.
fn quantiles(page: &mut Page, seeds: &SeedsResults) {
    let matters = |c: &&CheckAcross| say::is_telling(c) || !words::is_always_on(&c.kind);
    let mut shown = seeds.checks.iter().filter(matters).filter(|c| !c.measures.is_empty()).peekable();
    if shown.peek().is_none() {
        return;
    }
    page.table_head(
        &QUANTILES,
        &["check", "measured", "expected", "quantile", "over the seeds (95 % sure)", "seeds"],
    );
    for check in shown {
        let mut name = check.check.clone();
        for measure in &check.measures {
            rows(page, std::mem::take(&mut name), measure);
        }
    }
}

fn rows(page: &mut Page, name: String, m: &MeasureAcross) {
    let (mut names, mut said): (Vec<String>, Vec<String>) = say::quantiles(m).into_iter().unzip();
    if said.is_empty() {
        (names, said) = (vec!["–".to_owned()], vec!["–".to_owned()]);
    }
    let one = |text| vec![text];
    let seeds = figures::count(m.n);
    page.row(&QUANTILES, &[one(name), one(say::label(m)), one(say::expected(m)), names, said, one(seeds)]);
}

fn ends(page: &mut Page, seeds: &SeedsResults) {
    page.title("How the runs ended");
    for line in say::ends(seeds) {
        page.paragraph(&format!("  {line}"), "    ");
    }
}
