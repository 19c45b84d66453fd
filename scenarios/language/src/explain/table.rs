//! Tables of text: columns as wide as their widest cell, so that figures stand under each other.

use std::fmt::Write;

/// A table with a heading.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these column titles.
    pub(super) fn new(titles: &[&str]) -> Self {
        Self { rows: vec![titles.iter().map(|t| (*t).to_owned()).collect()] }
    }

    /// With another row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As lines, each indented by two; empty without rows. Columns whose cells are all figures stand to the right.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        if self.rows.len() < 2 {
            return out;
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &'_ Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let width = |column| self.rows.iter().map(|r| cell(r, column).chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let right: Vec<bool> =
            (0..columns).map(|c| self.rows[1..].iter().all(|r| is_figure(&cell(r, c)))).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for column in 0..columns {
                let (text, wide) = (cell(row, column), widths[column]);
                // Writing to a String cannot fail.
                let _ = if right[column] {
                    write!(line, " {text:>wide$} ")
                } else {
                    write!(line, " {text:<wide$} ")
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// A number, perhaps with a unit: one word that begins with a digit.
fn is_figure(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || c == '<');
    text.is_empty() || text == "–" || (begins && !text.contains(' '))
}

/// A heading and what stands under it; empty if nothing does.
pub(super) fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("{title}\n{body}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_figures_stand_to_the_right() {
        let mut table = Table::new(&["phase", "calls"]);
        table.row(["steady".to_owned(), "9".to_owned()]);
        table.row(["off".to_owned(), "1200".to_owned()]);
        assert_eq!(table.lines(), "  phase   calls\n  steady      9\n  off      1200\n");
        assert_eq!(Table::new(&["a"]).lines(), "");
        assert_eq!(section("T", ""), "");
    }
}
