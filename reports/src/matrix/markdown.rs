//! A matrix for a pull request.

use std::fmt::Write as _;

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::FIGURES;

use super::{MatrixResults, words as say};
use crate::markdown::{code, escaped, mark};
use crate::seeds::document::worst_of;
use crate::words;

/// The document as GitHub-flavoured Markdown.
#[must_use]
pub fn render(matrix: &MatrixResults) -> String {
    // Writing to a String cannot fail.
    let mut out = String::new();
    head(&mut out, matrix);
    figures(&mut out, matrix);
    compared(&mut out, matrix);
    checks(&mut out, matrix);
    out.push_str("\n### What differs\n\n");
    for variant in &matrix.variants {
        let _ = writeln!(out, "- {}: {}", escaped(&variant.label), code(&say::settings(variant)));
    }
    let _ = writeln!(out, "\n{}", escaped(say::METHOD));
    let _ = writeln!(out, "\n{} {}", escaped(&matrix.tool.name), escaped(&matrix.tool.version));
    out
}

fn head(out: &mut String, matrix: &MatrixResults) {
    let verdict = mark(Severity::Fail, matrix.verdict).replace("**", "");
    let _ = writeln!(out, "## {}: {}: {verdict}\n", escaped(&matrix.scenario), say::which(matrix));
    if !matrix.summary.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(&matrix.summary));
    }
    let pace = words::pace(matrix.world, matrix.pace).map_or_else(String::new, |said| format!(" · {said}"));
    let _ = writeln!(
        out,
        "{} · {}{pace} · exit code {} ({})\n",
        say::headline(matrix),
        words::world(matrix.world),
        matrix.exit_code,
        words::exit(matrix.exit_code)
    );
    if let Some(warning) = say::partial(matrix) {
        let _ = writeln!(out, "> {warning}\n");
    }
    let _ = writeln!(out, "Reproduce: {}\n", code(&matrix.command));
}

fn titles(out: &mut String, first: &str) {
    let names: Vec<&str> = FIGURES.iter().map(|figure| say::name(*figure)).collect();
    let _ = writeln!(out, "| {first} | {} |", names.join(" | "));
    let _ = writeln!(out, "|---|{}", "--:|".repeat(FIGURES.len()));
}

fn figures(out: &mut String, matrix: &MatrixResults) {
    titles(out, "variant");
    for variant in &matrix.variants {
        let standing = match say::standing(variant, matrix) {
            "" => String::new(),
            standing => format!(" ({standing})"),
        };
        let cells: Vec<String> = say::means(variant).into_iter().map(|cell| joined(cell, false)).collect();
        let _ = writeln!(out, "| {}{standing} | {} |", escaped(&variant.label), cells.join(" | "));
    }
}

fn compared(out: &mut String, matrix: &MatrixResults) {
    if matrix.compared().next().is_none() {
        return;
    }
    out.push_str("\n### Against the baseline, seed by seed\n\n");
    titles(out, "variant");
    for (variant, baseline) in matrix.compared() {
        let cells = say::comparisons(variant).into_iter().zip(say::surely_different(variant));
        let cells: Vec<String> = cells.map(|(cell, differs)| joined(cell, differs)).collect();
        let name = format!("{} to {}", escaped(&variant.label), escaped(baseline));
        let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
    }
}

fn joined((value, sure): (String, String), differs: bool) -> String {
    let value = if differs { format!("**{value}**\\*") } else { value };
    if sure.is_empty() { value } else { format!("{value} ({sure})") }
}

fn checks(out: &mut String, matrix: &MatrixResults) {
    out.push_str("\n### Checks\n\n| verdict | variant | check | over the seeds |\n|---|---|---|---|\n");
    for variant in &matrix.variants {
        for check in say::shown(variant) {
            let severity = if variant.gates { check.severity } else { Severity::Warn };
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                mark(severity, worst_of(check)),
                escaped(&variant.label),
                escaped(&check.check),
                say::tally(check)
            );
        }
    }
}
