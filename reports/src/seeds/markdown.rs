//! Several seeds for a pull request.

use std::fmt::Write as _;

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{CheckAcross, MeasureAcross, Verdict};

use super::document::worst_of;
use super::{SeedsResults, words as say};
use crate::figures;
use crate::markdown::{code, escaped, mark};
use crate::words;

/// The document as GitHub-flavoured Markdown.
#[must_use]
pub fn render(seeds: &SeedsResults) -> String {
    // Writing to a String cannot fail.
    let mut out = String::new();
    head(&mut out, seeds);
    counts(&mut out, seeds);
    for told in [(Verdict::Failed, "What failed"), (Verdict::Inconclusive, "What could not be told")] {
        sentences(&mut out, told, seeds);
    }
    quantiles(&mut out, seeds);
    out.push_str("\n### How the runs ended\n\n");
    for line in say::ends(seeds) {
        let _ = writeln!(out, "- {}", escaped(&line));
    }
    let _ = writeln!(out, "\n{} {}", escaped(&seeds.tool.name), escaped(&seeds.tool.version));
    out
}

fn head(out: &mut String, seeds: &SeedsResults) {
    let verdict = mark(Severity::Fail, seeds.verdict).replace("**", "");
    let _ = writeln!(out, "## {} over {}: {verdict}\n", escaped(&seeds.title()), say::which(seeds));
    if !seeds.summary.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(&seeds.summary));
    }
    let pace = words::pace(seeds.world, seeds.pace).map_or_else(String::new, |said| format!(" · {said}"));
    let _ = writeln!(
        out,
        "{} · {}{pace} · exit code {} ({})\n",
        say::headline(seeds),
        words::world(seeds.world),
        seeds.exit_code,
        words::exit(seeds.exit_code)
    );
    for warning in say::partial(seeds).into_iter().chain(say::broken(seeds)) {
        let _ = writeln!(out, "> {warning}\n");
    }
    let _ = writeln!(out, "Reproduce: {}\n", code(&seeds.command));
}

fn counts(out: &mut String, seeds: &SeedsResults) {
    if seeds.checks.is_empty() {
        return;
    }
    out.push_str("| verdict | check | held | failed | inconclusive | fails with (95 % sure) | see seed |\n");
    out.push_str("|---|---|--:|--:|--:|---|--:|\n");
    for check in &seeds.checks {
        let seed = say::telling_seed(check).map_or_else(|| "–".to_owned(), |seed| seed.to_string());
        let [held, failed, unsure] = [check.held, check.failed, check.inconclusive].map(figures::count);
        let _ = writeln!(
            out,
            "| {} | {} | {held} | {failed} | {unsure} | {} | {seed} |",
            mark(check.severity, worst_of(check)),
            escaped(&check.check),
            say::failing(check)
        );
    }
}

fn sentences(out: &mut String, (verdict, title): (Verdict, &str), seeds: &SeedsResults) {
    let mut found = seeds.found(verdict).filter(|c| say::is_telling(c)).peekable();
    if found.peek().is_some() {
        let _ = writeln!(out, "\n### {title}\n");
    }
    for check in found {
        let place = match (&seeds.scenario_file, check.line) {
            (Some(file), Some(line)) => format!(" ({})", code(&format!("{file}:{line}"))),
            _ => String::new(),
        };
        let said = escaped(&say::sentences(check).join(" "));
        let _ = writeln!(out, "- **{}**{place}: {said}", escaped(&check.check));
        if let Some(seed) = say::telling_seed(check) {
            let _ = writeln!(out, "  See it: {}", code(&seeds.command_of(seed)));
        }
    }
}

fn quantiles(out: &mut String, seeds: &SeedsResults) {
    let mut shown = seeds.checks.iter().filter(|c| !c.measures.is_empty()).peekable();
    if shown.peek().is_none() {
        return;
    }
    out.push_str("\n### Over the seeds (95 % sure)\n\n");
    out.push_str("| check | measured | expected | quantiles | smallest to largest | seeds |\n");
    out.push_str("|---|---|---|---|---|--:|\n");
    for (check, measure) in shown.flat_map(|c| c.measures.iter().map(move |m| (c, m))) {
        row(out, check, measure);
    }
}

fn row(out: &mut String, check: &CheckAcross, m: &MeasureAcross) {
    let quantiles: Vec<String> =
        say::quantiles(m).iter().map(|(name, said)| format!("{name} {said}")).collect();
    let quantiles = if quantiles.is_empty() { "–".to_owned() } else { quantiles.join("; ") };
    let cells =
        [check.check.clone(), say::label(m), say::expected(m), quantiles, say::range(m), figures::count(m.n)];
    let _ = writeln!(out, "| {} |", cells.map(|c| escaped(&c)).join(" | "));
}
