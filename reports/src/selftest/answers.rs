//! The known answers on a terminal: of each experiment what was to come out, and what did.

use upstorm_model::verdict::{CheckAcross, MeasureAcross, Verdict};

use super::KnownAnswer;
use crate::figures;
use crate::seeds::words as say;
use crate::terminal::{Column, Page};
use crate::words;

/// Check, measured, expected, what came out over the seeds, and the verdict.
const COLUMNS: [Column; 5] =
    [Column::text(32), Column::text(18), Column::text(16), Column::text(18), Column::text(12)];

/// The experiments with their figures.
pub(super) fn answers(page: &mut Page, experiments: &[KnownAnswer]) {
    if experiments.is_empty() {
        return;
    }
    page.table_head(&COLUMNS, &["check", "measured", "expected", "came out", "verdict"]);
    for experiment in experiments {
        let variant = match experiment.variant.as_str() {
            "" => String::new(),
            variant => format!(" [{variant}]"),
        };
        let seeds =
            if experiment.seeds == 1 { String::new() } else { format!(" ({} seeds)", experiment.seeds) };
        page.line("");
        page.paragraph(&format!("{}{variant}{seeds}: {}", experiment.scenario, experiment.summary), "  ");
        for check in experiment.checks.iter().filter(|check| is_shown(check)) {
            rows(page, check);
        }
        if let Some(seed) = experiment.checks.iter().filter_map(say::telling_seed).min() {
            page.paragraph(&format!("  see it: {} --seed {seed}", experiment.command), "    ");
        }
    }
}

/// What the harness says of itself is shown where something is wrong with it.
fn is_shown(check: &CheckAcross) -> bool {
    !words::is_always_on(&check.kind) || say::telling_seed(check).is_some()
}

fn rows(page: &mut Page, check: &CheckAcross) {
    let mut name = format!("  {}", check.check);
    // One value held against both ends of a range is one row.
    let same = |a: &MeasureAcross, b: &MeasureAcross| say::label(a) == say::label(b) && a.values == b.values;
    for ends in check.measures.chunk_by(same) {
        let Some(m) = ends.first() else { continue };
        let worst = ends.iter().map(verdict).max().unwrap_or(Verdict::Inconclusive);
        let (expected, verdict) =
            (ends.iter().map(say::expected).collect(), words::verdict(worst).to_owned());
        let name = vec![std::mem::take(&mut name)];
        page.row(&COLUMNS, &[name, vec![say::label(m)], expected, came_out(m), vec![verdict]]);
    }
}

/// From the smallest to the largest value, and their mean, which is what most publications give.
fn came_out(m: &MeasureAcross) -> Vec<String> {
    let values: Vec<f64> = m.values.iter().copied().flatten().collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let mean = say::constant(m).is_none().then(|| format!("mean {}", figures::value(mean, m.unit)));
    std::iter::once(say::range(m)).chain(mean.filter(|_| !values.is_empty())).collect()
}

/// The worst that was said of a measure with any seed.
const fn verdict(m: &MeasureAcross) -> Verdict {
    match (m.failed, m.inconclusive) {
        (1.., _) => Verdict::Failed,
        (0, 1..) => Verdict::Inconclusive,
        (0, 0) => Verdict::Held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selftest::Tally;
    use crate::terminal::Style;

    fn measured(measure: &str, values: [f64; 2], failed: u64) -> serde_json::Value {
        serde_json::json!({
            "measure": measure, "unit": "times", "failed": failed, "inconclusive": 0, "n": 2,
            "bound": { "relation": "at-most", "value": 1.13, "source": "scenario" },
            "min": values[0], "max": values[1], "quantiles": [], "values": values,
        })
    }

    fn check(kind: &str, measures: &[serde_json::Value]) -> CheckAcross {
        let failed = measures.iter().filter_map(|m| m["failed"].as_u64()).max().unwrap_or(0);
        serde_json::from_value(serde_json::json!({
            "check": format!("the {kind}"), "kind": kind, "subject": "", "during": [], "severity": "fail",
            "held": 2 - failed, "failed": failed, "inconclusive": 0, "unjudged": 0,
            "first_failed": (failed > 0).then_some(2),
            "failing_interval": { "low": 0.0, "high": 1.0, "confidence": 0.95 }, "measures": measures,
        }))
        .unwrap()
    }

    #[test]
    fn each_figure_stands_beside_its_range_and_a_wrong_one_beside_its_command() {
        let answer = |name: &str, checks| KnownAnswer {
            scenario: format!("known-answers/{name}"),
            variant: String::new(),
            summary: "Three attempts become 1.1 with a budget.".to_owned(),
            command: format!("upstorm run known-answers/{name}"),
            seeds: 2,
            verdicts: Tally::default(),
            checks,
        };
        let budget = measured("amplification", [1.09, 1.12], 0);
        let mut least = budget.clone();
        least["bound"] = serde_json::json!({ "relation": "at-least", "value": 1.08, "source": "scenario" });
        let none = measured("amplification", [3.0, 3.0], 1);
        let quiet = check("load-delivered", &[measured("load-shed", [0.0, 0.0], 0)]);
        let mut page = Page::new(Style::default());
        let held = answer("sre-retry-budget", vec![check("amplification", &[least, budget]), quiet]);
        answers(&mut page, &[held, answer("without", vec![check("amplification", &[none])])]);
        insta::assert_snapshot!("answers", page.finish());
    }
}
