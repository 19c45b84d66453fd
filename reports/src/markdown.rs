//! `summary.md`: the report's storyline for a pull request.
//!
//! Names come from the scenario and may hold anything, so all that could end a table cell or begin markup is escaped.

use std::fmt::Write as _;

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Verdict};

use crate::figures;
use crate::results::Results;
use crate::words;

/// The results as GitHub-flavoured Markdown.
#[must_use]
pub fn render(results: &Results) -> String {
    // Writing to a String cannot fail.
    let mut out = String::new();
    head(&mut out, results);
    verdicts(&mut out, results);
    let told = [(Verdict::Failed, "What failed"), (Verdict::Inconclusive, "What could not be told")];
    for (verdict, title) in told {
        sentences(&mut out, (verdict, title), results);
    }
    fidelity(&mut out, results);
    phases(&mut out, results);
    for line in words::provenance(results) {
        let _ = writeln!(out, "\n{}", escaped(&line));
    }
    let _ = writeln!(out, "\n{} {}", escaped(&results.tool.name), escaped(&results.tool.version));
    out
}

/// Text that is only text: no cell ends, no markup begins, no line breaks.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' | '@' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Text between backticks: the fence is longer than any run of backticks inside.
pub(crate) fn code(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = flat.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {flat} {fence}") } else { format!("{fence}{flat}{fence}") }
}

pub(crate) fn mark(severity: Severity, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "✅ Held",
        Verdict::Failed if severity == Severity::Warn => "⚠️ warning",
        Verdict::Failed => "❌ **FAILED**",
        Verdict::Inconclusive => "❔ inconclusive",
    }
}

fn head(out: &mut String, results: &Results) {
    let variant = if results.variant.is_empty() { String::new() } else { format!(" [{}]", results.variant) };
    let title = escaped(&format!("{}{variant}", results.scenario));
    let _ = writeln!(out, "## {title}: {}\n", mark(Severity::Fail, results.verdict).replace("**", ""));
    if !results.summary.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(&results.summary));
    }
    let _ = writeln!(
        out,
        "{} · seed {} · {} · exit code {} ({})\n",
        words::headline(results),
        results.seed,
        words::world(results.world),
        results.exit_code,
        words::exit(results.exit_code)
    );
    if let Some(partial) = results.partial {
        let _ = writeln!(out, "> {}\n", words::partial(partial));
    }
    let _ = writeln!(out, "Reproduce: {}\n", code(&results.command));
}

fn verdicts(out: &mut String, results: &Results) {
    if results.findings.is_empty() {
        return;
    }
    out.push_str(
        "| verdict | check | measured | expected | observed (interval) | n |\n|---|---|---|---|---|--:|\n",
    );
    for finding in &results.findings {
        let check = escaped(&finding.check);
        if finding.observations.is_empty() {
            let _ =
                writeln!(out, "| {} | {check} | – | – | – | 0 |", mark(finding.severity, finding.verdict));
        }
        for o in &finding.observations {
            let cells = [words::label(o), words::expected(o), words::observed(o)].map(|c| escaped(&c));
            let n = figures::count(o.n);
            let _ = writeln!(
                out,
                "| {} | {check} | {} | {n} |",
                mark(finding.severity, o.verdict),
                cells.join(" | ")
            );
        }
    }
}

fn sentences(out: &mut String, (verdict, title): (Verdict, &str), results: &Results) {
    let mut found = results.found(verdict).peekable();
    if found.peek().is_some() {
        let _ = writeln!(out, "\n### {title}\n");
    }
    for finding in found {
        let place = place(results, finding);
        for sentence in words::sentences(finding) {
            let _ = writeln!(out, "- **{}**{place}: {}", escaped(&finding.check), escaped(&sentence));
        }
    }
}

fn place(results: &Results, finding: &Finding) -> String {
    match (&results.scenario_file, finding.line) {
        (Some(file), Some(line)) => format!(" ({})", code(&format!("{file}:{line}"))),
        _ => String::new(),
    }
}

fn fidelity(out: &mut String, results: &Results) {
    out.push_str("\n### Was the test real\n\n");
    for line in words::fidelity(&results.fidelity, results.world) {
        let _ = writeln!(out, "- {}", escaped(&line));
    }
}

fn phases(out: &mut String, results: &Results) {
    if results.phases.is_empty() {
        return;
    }
    out.push_str("\n### By phase\n\n");
    out.push_str("| phase | client | planned | offered | goodput | failed | throttled | p50 | p95 | p99 |\n");
    out.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for row in &results.phases {
        let latency = |at: fn(&crate::results::Latencies) -> f64| {
            row.latency.as_ref().map_or_else(|| "–".to_owned(), |l| figures::duration(at(l)))
        };
        let cells = [
            figures::count(row.planned),
            figures::rate(row.offered),
            figures::rate(row.goodput),
            figures::count(row.errors),
            figures::count(row.throttled),
            latency(|l| l.p50),
            latency(|l| l.p95),
            latency(|l| l.p99),
        ];
        let _ =
            writeln!(out, "| {} | {} | {} |", escaped(&row.phase), escaped(&row.client), cells.join(" | "));
    }
}
