//! A matrix on a terminal: a row a variant, its figures beside each other, then how each compares with its baseline, then
//! what the checks said.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::FIGURES;

use super::{MatrixResults, VariantResults, words as say};
use crate::seeds::document::worst_of;
use crate::terminal::{Column, Page, Style};
use crate::words;

/// Variant, and each figure.
const FIGURE_COLUMNS: [Column; 8] = [
    Column::text(19),
    Column::figures(11),
    Column::figures(10),
    Column::figures(10),
    Column::figures(10),
    Column::figures(10),
    Column::figures(10),
    Column::figures(10),
];
/// Verdict, variant, check, and how often.
const CHECK_COLUMNS: [Column; 4] = [Column::text(12), Column::text(30), Column::text(26), Column::text(29)];

/// The document for a terminal.
#[must_use]
pub fn render(matrix: &MatrixResults, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, matrix);
    figures(&mut page, matrix);
    compared(&mut page, matrix);
    checks(&mut page, matrix);
    page.line("");
    page.paragraph(say::METHOD, "");
    if let Some(command) = example(matrix) {
        page.paragraph(&format!("Look into one: {command}"), "  ");
    }
    page.paragraph(&format!("Reproduce: {}", matrix.command), "  ");
    page.finish()
}

fn head(page: &mut Page, matrix: &MatrixResults) {
    page.headline(&matrix.scenario, matrix.verdict, &say::headline(matrix));
    if !matrix.summary.is_empty() {
        page.paragraph(&matrix.summary, "");
    }
    let tool = format!("{} {}", matrix.tool.name, matrix.tool.version);
    page.paragraph(&format!("{} · {} · {tool}", say::which(matrix), words::world(matrix.world)), "  ");
    for line in words::pace(matrix.world, matrix.pace).into_iter().chain(say::partial(matrix)) {
        page.paragraph(&line, "  ");
    }
    let code = matrix.exit_code;
    if !matches!(code, 0 | 10 | 12) {
        page.line(&format!("exit code {code}: {}", words::exit(code)));
    }
}

fn titles(first: &'static str) -> Vec<&'static str> {
    std::iter::once(first).chain(FIGURES.iter().map(|figure| say::name(*figure))).collect()
}

fn row(page: &mut Page, name: Vec<String>, cells: Vec<(String, String)>) {
    let cell = |(value, sure): (String, String)| {
        [value, sure].into_iter().filter(|line| !line.is_empty()).collect::<Vec<String>>()
    };
    let cells: Vec<Vec<String>> = std::iter::once(name).chain(cells.into_iter().map(cell)).collect();
    page.row(&FIGURE_COLUMNS, &cells);
}

fn figures(page: &mut Page, matrix: &MatrixResults) {
    page.table_head(&FIGURE_COLUMNS, &titles("variant"));
    for variant in &matrix.variants {
        let standing = say::standing(variant, matrix);
        let standing = (!standing.is_empty()).then(|| format!("({standing})"));
        let name = std::iter::once(variant.label.clone()).chain(standing).collect();
        row(page, name, say::means(variant));
    }
}

fn compared(page: &mut Page, matrix: &MatrixResults) {
    if matrix.compared().next().is_none() {
        return;
    }
    page.table_head(&FIGURE_COLUMNS, &titles("against baseline"));
    let baselines: Vec<&str> = matrix.compared().map(|(_, baseline)| baseline).collect();
    let only_one = baselines.windows(2).all(|pair| pair[0] == pair[1]);
    for (variant, baseline) in matrix.compared() {
        let mut name = vec![variant.label.clone()];
        if !only_one {
            name.push(format!("to {baseline}"));
        }
        let cells = say::comparisons(variant).into_iter().zip(say::surely_different(variant));
        let marked = cells.map(|((value, sure), differs)| {
            let star = if differs { "*" } else { "" };
            (format!("{value}{star}"), sure)
        });
        row(page, name, marked.collect());
    }
}

fn checks(page: &mut Page, matrix: &MatrixResults) {
    page.table_head(&CHECK_COLUMNS, &["verdict", "variant", "check", "over the seeds"]);
    for variant in &matrix.variants {
        let mut label = variant.label.clone();
        for check in say::shown(variant) {
            let severity = if variant.gates { check.severity } else { Severity::Warn };
            let cells = vec![std::mem::take(&mut label), check.check.clone(), say::tally(check)];
            page.judged_row(&CHECK_COLUMNS, (severity, worst_of(check)), cells);
        }
    }
}

/// The command that looks into the variant that went worst; none where not one run was performed.
fn example(matrix: &MatrixResults) -> Option<String> {
    let badness = |variant: &&VariantResults| (variant.gates, variant.seeds.verdict);
    // The first of the worst: the order of the table is the reader's.
    let performed = matrix.variants.iter().filter(|variant| !variant.seeds.runs.is_empty());
    let seeds = &performed.rev().max_by_key(badness)?.seeds;
    let telling = seeds.checks.iter().find_map(crate::seeds::words::telling_seed);
    let seed = telling.or_else(|| seeds.runs.first().map(|run| run.seed))?;
    Some(seeds.command_of(seed))
}
