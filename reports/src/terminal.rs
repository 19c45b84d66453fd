//! The verdict table on a terminal, at most 100 columns wide, and a sentence for each failure.
//!
//! This is what most runs are read by. It must stand alone: a stranger sees what was expected, what was observed, how
//! sure that is, and how to do it again. Control characters in names are replaced, so that a scenario cannot steer the
//! terminal.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::{Finding, Verdict};

use crate::figures;
use crate::results::Results;
use crate::words;

/// How the terminal is written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether verdicts are coloured (ANSI).
    pub colour: bool,
}

const WIDTH: usize = 100;
/// Widths of verdict, check, measured, expected, observed and n; with the spaces between them [`WIDTH`].
const COLUMNS: [usize; 6] = [12, 18, 21, 9, 25, 9];

/// The results for a terminal.
#[must_use]
pub fn render(results: &Results, style: Style) -> String {
    let mut page = Page { style, lines: Vec::new() };
    page.head(results);
    page.table(results);
    page.told(results, (Verdict::Failed, "What failed"));
    page.told(results, (Verdict::Inconclusive, "What could not be told"));
    page.fidelity(results);
    page.line("");
    page.paragraph(&format!("Reproduce: {}", results.command), "  ");
    page.finish()
}

struct Page {
    style: Style,
    lines: Vec<String>,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.lines.push(text.trim_end().to_owned());
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.style.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn verdict(&self, severity: Severity, verdict: Verdict, width: usize) -> String {
        let code = match (verdict, severity) {
            (Verdict::Held, _) => "32",
            (Verdict::Failed, Severity::Fail) => "1;31",
            (Verdict::Failed, Severity::Warn) | (Verdict::Inconclusive, _) => "33",
        };
        self.paint(&fit(words::verdict_of(severity, verdict), width), code)
    }

    fn title(&mut self, text: &str) {
        let title = self.paint(text, "1");
        self.line("");
        self.line(&title);
    }

    /// Text broken into lines of at most [`WIDTH`] columns, each after the first set in by `hang`.
    fn paragraph(&mut self, text: &str, hang: &str) {
        for line in wrapped(&clean(text), WIDTH, hang) {
            self.line(&line);
        }
    }

    fn head(&mut self, results: &Results) {
        let variant =
            if results.variant.is_empty() { String::new() } else { format!(" [{}]", results.variant) };
        let name = fit_within(&format!("{}{variant}", results.scenario), 40);
        let title = self.paint(&name, "1");
        let verdict = self.verdict(Severity::Fail, results.verdict, 0);
        self.line(&format!("{title}  {verdict}  {}", words::headline(results)));
        if !results.summary.is_empty() {
            self.paragraph(&results.summary, "");
        }
        self.line(&format!(
            "seed {} · {} · {} · {} {}",
            results.seed,
            words::world(results.world),
            figures::duration(results.seconds),
            results.tool.name,
            fit_within(&results.tool.version, 30)
        ));
        if let Some(partial) = results.partial {
            self.paragraph(words::partial(partial), "");
        }
        let code = results.exit_code;
        if !matches!(code, 0 | 10 | 12) {
            self.line(&format!("exit code {code}: {}", words::exit(code)));
        }
    }

    fn table(&mut self, results: &Results) {
        if results.findings.is_empty() {
            return;
        }
        let [verdict, check, measured, expected, observed, n] = COLUMNS;
        self.line("");
        let head = format!(
            "{:verdict$} {:check$} {:measured$} {:>expected$}  {:observed$} {:>n$}",
            "verdict", "check", "measured", "expected", "observed (interval)", "n"
        );
        let head = self.paint(&head, "2");
        self.line(&head);
        for finding in &results.findings {
            self.rows(finding);
        }
    }

    fn rows(&mut self, finding: &Finding) {
        let mut name = fit(&finding.check, COLUMNS[1]);
        if finding.observations.is_empty() {
            let verdict = self.verdict(finding.severity, finding.verdict, COLUMNS[0]);
            self.line(&format!("{verdict} {name} nothing was measured"));
        }
        let several = finding.observations.len() > 1 && finding.verdict == Verdict::Held;
        if several && words::is_always_on(finding) {
            // One line a route, phase and fault would push what matters off the screen; the other reports have them all.
            let verdict = self.verdict(finding.severity, finding.verdict, COLUMNS[0]);
            self.line(&format!("{verdict} {name} all {} observations held", finding.observations.len()));
            return;
        }
        for o in &finding.observations {
            let verdict = self.verdict(finding.severity, o.verdict, COLUMNS[0]);
            let expected = fit_right(&words::expected(o), COLUMNS[3]);
            let (label, observed) = (fit(&words::label(o), COLUMNS[2]), fit(&words::observed(o), COLUMNS[4]));
            let n = fit_right(&figures::count(o.n), COLUMNS[5]);
            self.line(&format!("{verdict} {name} {label} {expected}  {observed} {n}"));
            name = fit("", COLUMNS[1]);
        }
    }

    fn told(&mut self, results: &Results, (verdict, title): (Verdict, &str)) {
        let found: Vec<&Finding> = results.found(verdict).collect();
        if found.is_empty() {
            return;
        }
        self.title(title);
        for finding in found {
            let place = match (&results.scenario_file, finding.line) {
                (Some(file), Some(line)) => format!(" ({file}:{line})"),
                _ => String::new(),
            };
            self.paragraph(&format!("  {}, during {}{place}", finding.check, words::during(finding)), "  ");
            for sentence in words::sentences(finding) {
                self.paragraph(&format!("    {sentence}"), "    ");
            }
        }
    }

    fn fidelity(&mut self, results: &Results) {
        let lines = words::fidelity(&results.fidelity);
        if lines.is_empty() {
            return;
        }
        self.title("Was the test real");
        for line in lines {
            self.paragraph(&format!("  {line}"), "    ");
        }
    }

    fn finish(self) -> String {
        self.lines.join("\n") + "\n"
    }
}

/// Without control characters, which could steer the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// At most `width` characters, cut with an ellipsis.
fn fit_within(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Exactly `width` characters; as long as it is for a width of 0.
fn fit(text: &str, width: usize) -> String {
    if width == 0 { clean(text) } else { format!("{:width$}", fit_within(text, width)) }
}

fn fit_right(text: &str, width: usize) -> String {
    format!("{:>width$}", fit_within(text, width))
}

/// Greedy line breaking at spaces; a word longer than a line is broken where the line ends.
fn wrapped(text: &str, width: usize, hang: &str) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let (mut line, mut start) = (indent.clone(), indent.chars().count());
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let mut word = word.to_owned();
        let gap = usize::from(line.chars().count() > start);
        if line.chars().count() + gap + word.chars().count() > width && line.chars().count() > start {
            lines.push(std::mem::replace(&mut line, hang.to_owned()));
            start = hang.chars().count();
        }
        while start + word.chars().count() > width {
            let (head, tail): (String, String) = {
                let room = width - start;
                (word.chars().take(room).collect(), word.chars().skip(room).collect())
            };
            line.push_str(&head);
            lines.push(std::mem::replace(&mut line, hang.to_owned()));
            start = hang.chars().count();
            word = tail;
        }
        if line.chars().count() > start {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}
