//! One run on a terminal.

use upstorm_model::verdict::{Finding, Verdict};

use super::lines::fit_within;
use super::page::{Column, Page, Style};
use crate::figures;
use crate::results::Results;
use crate::words;

/// Verdict, check, measured, expected, observed and n; with the spaces between them 100 columns.
const COLUMNS: [Column; 6] = [
    Column::text(12),
    Column::text(18),
    Column::text(21),
    Column::figures(9),
    Column::text(25),
    Column::figures(9),
];
/// The same where one text stands in place of the last four.
const TOLD: [Column; 3] = [Column::text(12), Column::text(18), Column::text(68)];

/// The results for a terminal.
#[must_use]
pub fn render(results: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, results);
    table(&mut page, results);
    told(&mut page, results, (Verdict::Failed, "What failed"));
    told(&mut page, results, (Verdict::Inconclusive, "What could not be told"));
    fidelity(&mut page, results);
    page.line("");
    page.paragraph(&format!("Reproduce: {}", results.command), "  ");
    page.finish()
}

fn head(page: &mut Page, results: &Results) {
    let variant = if results.variant.is_empty() { String::new() } else { format!(" [{}]", results.variant) };
    let name = format!("{}{variant}", results.scenario);
    page.headline(&name, results.verdict, &words::headline(results));
    if !results.summary.is_empty() {
        page.paragraph(&results.summary, "");
    }
    page.line(&format!(
        "seed {} · {} · {} · {} {}",
        results.seed,
        words::world(results.world),
        figures::duration(results.seconds),
        results.tool.name,
        fit_within(&results.tool.version, 30)
    ));
    for line in words::provenance(results) {
        page.paragraph(&line, "  ");
    }
    if let Some(partial) = results.partial {
        page.paragraph(words::partial(partial), "");
    }
    let code = results.exit_code;
    if !matches!(code, 0 | 10 | 12) {
        page.line(&format!("exit code {code}: {}", words::exit(code)));
    }
}

fn table(page: &mut Page, results: &Results) {
    if results.findings.is_empty() {
        return;
    }
    let titles = ["verdict", "check", "measured", "expected", "observed (interval)", "n"];
    page.table_head(&COLUMNS, &titles);
    for finding in &results.findings {
        rows(page, finding);
    }
}

fn rows(page: &mut Page, finding: &Finding) {
    let severity = finding.severity;
    let mut told = |said: String| {
        let cells = vec![finding.check.clone(), said];
        page.judged_row(&TOLD, (severity, finding.verdict), cells);
    };
    let several = finding.observations.len() > 1 && finding.verdict == Verdict::Held;
    if finding.observations.is_empty() {
        told("nothing was measured".to_owned());
    } else if several && words::is_always_on(&finding.kind) {
        // One line a route, phase and fault would push what matters off the screen; the other reports have them all.
        told(format!("all {} observations held", finding.observations.len()));
    } else {
        let mut name = finding.check.clone();
        for o in &finding.observations {
            let cells = vec![
                std::mem::take(&mut name),
                words::label(o),
                words::expected(o),
                words::observed(o),
                figures::count(o.n),
            ];
            page.judged_row(&COLUMNS, (severity, o.verdict), cells);
        }
    }
}

fn told(page: &mut Page, results: &Results, (verdict, title): (Verdict, &str)) {
    let mut found = results.found(verdict).peekable();
    if found.peek().is_some() {
        page.title(title);
    }
    for finding in found {
        let place = match (&results.scenario_file, finding.line) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            _ => String::new(),
        };
        page.paragraph(
            &format!("  {}, during {}{place}", finding.check, words::during(&finding.during)),
            "  ",
        );
        for sentence in words::sentences(finding) {
            page.paragraph(&format!("    {sentence}"), "    ");
        }
    }
}

fn fidelity(page: &mut Page, results: &Results) {
    let lines = words::fidelity(&results.fidelity, results.world);
    if lines.is_empty() {
        return;
    }
    page.title("Was the test real");
    for line in lines {
        page.paragraph(&format!("  {line}"), "    ");
    }
}
