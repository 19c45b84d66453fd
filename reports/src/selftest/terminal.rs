//! The selftest on a terminal: a line a subject with what decided, the known answers, then every verdict that was not
//! right.

use upstorm_model::verdict::{Measure, Verdict};

use super::answers::answers;
use super::{SelftestResults, SubjectRow, Tally};
use crate::figures;
use crate::terminal::{Column, Page, Style};
use crate::words;

/// Subject, what the check must say of it, four counts, and what decided.
const COLUMNS: [Column; 7] = [
    Column::text(48),
    Column::text(4),
    Column::figures(5),
    Column::figures(5),
    Column::figures(5),
    Column::figures(6),
    Column::text(19),
];

/// The document for a terminal.
#[must_use]
pub fn render(selftest: &SelftestResults, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, selftest);
    subjects(&mut page, selftest);
    answers(&mut page, &selftest.known_answers);
    astray(&mut page, selftest, "Wrong verdicts", false);
    astray(&mut page, selftest, "Verdicts that could not be told", true);
    page.line("");
    page.paragraph(&format!("Reproduce: {}", selftest.command), "  ");
    page.finish()
}

fn head(page: &mut Page, selftest: &SelftestResults) {
    page.headline("selftest", selftest.verdict(), &said(selftest.verdicts));
    let tool = format!("{} {}", selftest.tool.name, selftest.tool.version);
    let took = figures::duration(selftest.seconds);
    let tried = [many(selftest.subjects.len(), "subject"), many(selftest.known_answers.len(), "experiment")];
    let tried = tried.into_iter().flatten().collect::<Vec<_>>().join(", ");
    page.paragraph(&format!("{tried} · simulated network · {took} · {tool}"), "  ");
    if selftest.partial {
        page.paragraph("It was stopped: not everything was tried with every seed.", "  ");
    }
}

/// So many of what; nothing of none.
fn many(n: usize, what: &str) -> Option<String> {
    (n > 0).then(|| format!("{} {what}{}", figures::count(n as u64), if n == 1 { "" } else { "s" }))
}

/// The verdicts in numbers.
fn said(verdicts: Tally) -> String {
    let Tally { right, wrong, inconclusive } = verdicts;
    let [total, right, wrong, unsure] = [verdicts.total(), right, wrong, inconclusive].map(figures::count);
    format!("{total} verdicts: {right} right, {wrong} wrong, {unsure} inconclusive")
}

fn subjects(page: &mut Page, selftest: &SelftestResults) {
    if selftest.subjects.is_empty() {
        return;
    }
    let titles = ["check and subject", "must", "seeds", "right", "wrong", "unsure", "decided by"];
    page.table_head(&COLUMNS, &titles);
    let mut sound: &[String] = &[];
    for row in &selftest.subjects {
        if row.expected == Verdict::Held {
            sound = &row.sets;
        }
        let Tally { right, wrong, inconclusive } = row.verdicts;
        let counts = [row.verdicts.total(), right, wrong, inconclusive].map(|n| vec![figures::count(n)]);
        let [seeds, right, wrong, unsure] = counts;
        let decided = row.decided.first().map(|d| words::of(d.measure).label.to_owned());
        let cells = [told(row, sound), vec![must(row).to_owned()], seeds, right, wrong, unsure];
        page.row(&COLUMNS, &[&cells[..], &[decided.into_iter().collect()]].concat());
    }
}

const fn must(row: &SubjectRow) -> &'static str {
    match row.expected {
        Verdict::Held => "hold",
        Verdict::Failed | Verdict::Inconclusive => "fail",
    }
}

/// A subject, a line for each thing that makes it what it is. The sound one stands for its scenario; of a broken one the
/// lines say what is set over the sound one.
fn told(row: &SubjectRow, sound: &[String]) -> Vec<String> {
    let set_in = |set: &String| format!("  {set}");
    if row.expected == Verdict::Held {
        let name = format!("{} on {}", row.check, row.scenario);
        return std::iter::once(name).chain(row.sets.iter().map(set_in)).collect();
    }
    let own = row.sets.strip_prefix(sound).unwrap_or(&row.sets).iter().map(set_in);
    own.chain(row.taken_for.as_ref().map(|_| "  (judged as the sound one)".to_owned())).collect()
}

fn astray(page: &mut Page, selftest: &SelftestResults, title: &str, unsure: bool) {
    let all = selftest.subjects.iter().flat_map(|row| row.astray.iter().map(move |a| (a, row)));
    let mut found = all.filter(|(a, _)| unsure == (a.verdict == Verdict::Inconclusive)).peekable();
    if found.peek().is_some() {
        page.title(title);
    }
    for (a, row) in found {
        let sets = if row.sets.is_empty() { String::new() } else { format!(" with {}", row.sets.join(" ")) };
        let (said, by) = (words::verdict(a.verdict), measures(&a.measures));
        let (check, scenario, seed, must) = (&row.check, &row.scenario, a.seed, must(row));
        let because = row.because.map(|measure| measures(&[measure])).unwrap_or_default();
        page.paragraph(
            &format!("  {check} on {scenario}{sets}, seed {seed}: {said}{by}; had to {must}{because}"),
            "    ",
        );
        page.paragraph(&format!("    see it: {}", a.command), "      ");
    }
}

fn measures(failed: &[Measure]) -> String {
    let labels: Vec<&str> = failed.iter().map(|m| words::of(*m).label).collect();
    if labels.is_empty() { String::new() } else { format!(" by {}", labels.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Tool;
    use crate::selftest::{Astray, Decided, SELFTEST_VERSION, json};

    fn row(expected: Verdict, verdicts: Tally, astray: Vec<Astray>) -> SubjectRow {
        let broken = expected == Verdict::Failed;
        let sets: &[&str] = if broken { &["gateway.edge.preset=no-budget"] } else { &[] };
        let decided = Decided { measure: Measure::RetriesOverBudget, seeds: verdicts.right };
        SubjectRow {
            check: "retry_budget".to_owned(),
            scenario: "sabotage/retry-budget".to_owned(),
            sets: sets.iter().map(|s| (*s).to_owned()).collect(),
            taken_for: None,
            expected,
            because: broken.then_some(Measure::RetriesOverBudget),
            verdicts,
            decided: broken.then_some(decided).into_iter().collect(),
            astray,
        }
    }

    fn strayed(seed: u64, verdict: Verdict) -> Astray {
        let command = format!("upstorm run sabotage/retry-budget --seed {seed}");
        let measures = if verdict == Verdict::Failed { vec![Measure::Amplification] } else { Vec::new() };
        Astray { seed, verdict, measures, command }
    }

    fn selftest(subjects: Vec<SubjectRow>) -> SelftestResults {
        SelftestResults {
            version: SELFTEST_VERSION,
            tool: Tool { name: "upstorm".to_owned(), version: "0.1.0".to_owned() },
            command: "upstorm selftest --seeds 1000".to_owned(),
            exit_code: 0,
            partial: false,
            seconds: 75.2,
            verdicts: subjects.iter().fold(Tally::default(), |sum, row| sum.and(row.verdicts)),
            subjects,
            known_answers: Vec::new(),
        }
    }

    #[test]
    fn every_subject_has_its_line_and_every_verdict_that_is_not_right_its_command() {
        let right = Tally { right: 1000, ..Tally::default() };
        let sound =
            selftest(vec![row(Verdict::Held, right, Vec::new()), row(Verdict::Failed, right, Vec::new())]);
        assert_eq!(sound.verdict(), Verdict::Held);
        insta::assert_snapshot!("sound", render(&sound, Style::default()));
        let off = Tally { right: 997, wrong: 2, inconclusive: 1 };
        let told =
            vec![strayed(3, Verdict::Held), strayed(9, Verdict::Failed), strayed(12, Verdict::Inconclusive)];
        let broken = selftest(vec![row(Verdict::Held, right, Vec::new()), row(Verdict::Failed, off, told)]);
        assert_eq!(broken.verdict(), Verdict::Failed);
        insta::assert_snapshot!(
            "astray",
            render(&SelftestResults { partial: true, ..broken }, Style::default())
        );
    }

    #[test]
    fn nothing_tried_proves_nothing_and_doubt_is_no_pass() {
        assert_eq!(selftest(Vec::new()).verdict(), Verdict::Inconclusive);
        let unsure = Tally { right: 5, wrong: 0, inconclusive: 1 };
        assert_eq!(selftest(vec![row(Verdict::Held, unsure, Vec::new())]).verdict(), Verdict::Inconclusive);
    }

    #[test]
    fn what_is_written_reads_back() {
        let off = Tally { right: 1, wrong: 1, inconclusive: 0 };
        let document = selftest(vec![row(Verdict::Failed, off, vec![strayed(2, Verdict::Held)])]);
        let text = json::render(&document).unwrap();
        assert_eq!(json::read(&text).unwrap(), document);
        assert!(json::read(&text.replace("\"version\": 1", "\"version\": 2")).is_err());
    }
}
