//! A page of the terminal: lines, titles, paragraphs, and tables whose cells go on below where they are too long.

use upstorm_model::scenario::Severity;
use upstorm_model::verdict::Verdict;

use super::lines::{clean, fit_within, wrapped};
use crate::words;

/// How the terminal is written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether verdicts are coloured (ANSI).
    pub colour: bool,
}

const WIDTH: usize = 100;

/// A column of a table. Between two columns there is a space; behind figures that end at the right, two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    width: usize,
    right: bool,
}

impl Column {
    /// Text that begins at the left.
    pub(crate) const fn text(width: usize) -> Self {
        Self { width, right: false }
    }

    /// Figures that end at the right.
    pub(crate) const fn figures(width: usize) -> Self {
        Self { width, right: true }
    }

    /// What stands between this column and the next.
    const fn gap_to(self, next: &Self) -> &'static str {
        if self.right && !next.right { "  " } else { " " }
    }

    fn padded(self, text: &str) -> String {
        let width = self.width;
        if self.right { format!("{text:>width$}") } else { format!("{text:width$}") }
    }
}

pub(crate) struct Page {
    style: Style,
    lines: Vec<String>,
}

impl Page {
    pub(crate) const fn new(style: Style) -> Self {
        Self { style, lines: Vec::new() }
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.lines.push(text.trim_end().to_owned());
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.style.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The first line: the name of it all, the verdict, and that in numbers.
    pub(crate) fn headline(&mut self, name: &str, verdict: Verdict, said: &str) {
        let title = self.paint(&fit_within(name, 40), "1");
        let verdict = self.paint(words::verdict(verdict), tone(Severity::Fail, verdict));
        self.line(&format!("{title}  {verdict}  {said}"));
    }

    pub(crate) fn title(&mut self, text: &str) {
        let title = self.paint(text, "1");
        self.line("");
        self.line(&title);
    }

    /// Text broken into lines of at most 100 columns, each after the first set in by `hang`.
    pub(crate) fn paragraph(&mut self, text: &str, hang: &str) {
        for line in wrapped(&clean(text), WIDTH, hang) {
            self.line(&line);
        }
    }

    /// The head of a table, after an empty line.
    pub(crate) fn table_head(&mut self, columns: &[Column], titles: &[&str]) {
        let titles: Vec<Vec<String>> = titles.iter().map(|t| vec![(*t).to_owned()]).collect();
        self.line("");
        self.cells(columns, &titles, (columns.len(), "2"));
    }

    /// A row of a table; each cell is a list of lines.
    pub(crate) fn row(&mut self, columns: &[Column], cells: &[Vec<String>]) {
        self.cells(columns, cells, (0, ""));
    }

    /// A row that begins with a verdict.
    pub(crate) fn judged_row(
        &mut self,
        columns: &[Column],
        (severity, verdict): (Severity, Verdict),
        rest: Vec<String>,
    ) {
        let verdict_of = words::verdict_of(severity, verdict).to_owned();
        let cells: Vec<Vec<String>> =
            std::iter::once(verdict_of).chain(rest).map(|cell| vec![cell]).collect();
        self.cells(columns, &cells, (1, tone(severity, verdict)));
    }

    /// Cells side by side, the lines of each broken to its column; the first `painted` of them in a colour.
    fn cells(&mut self, columns: &[Column], cells: &[Vec<String>], (painted, code): (usize, &str)) {
        let broken = |(column, lines): (&Column, &Vec<String>)| -> Vec<String> {
            lines.iter().flat_map(|line| wrapped(&clean(line), column.width, "")).collect()
        };
        let broken: Vec<Vec<String>> = columns.iter().zip(cells).map(broken).collect();
        let height = broken.iter().map(Vec::len).max().unwrap_or(0);
        for level in 0..height {
            let mut line = String::new();
            let mut before: Option<&Column> = None;
            for (index, (column, lines)) in columns.iter().zip(&broken).enumerate() {
                line.push_str(before.map_or("", |before| before.gap_to(column)));
                let text = lines.get(level).map_or("", String::as_str);
                let padded = column.padded(text);
                let coloured = index < painted && !text.is_empty();
                line.push_str(&if coloured { self.paint(&padded, code) } else { padded });
                before = Some(column);
            }
            self.line(&line);
        }
    }

    pub(crate) fn finish(self) -> String {
        self.lines.join("\n") + "\n"
    }
}

const fn tone(severity: Severity, verdict: Verdict) -> &'static str {
    match (verdict, severity) {
        (Verdict::Held, _) => "32",
        (Verdict::Failed, Severity::Fail) => "1;31",
        (Verdict::Failed, Severity::Warn) | (Verdict::Inconclusive, _) => "33",
    }
}
