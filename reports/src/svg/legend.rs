//! Legends: what each colour means, in rows that end at the right.

use super::canvas::{Anchor, Box, Canvas};

/// The height of a row.
pub(crate) const LEGEND_ROW: f64 = 18.0;
/// The key before a text, and the space after it.
const AROUND: f64 = 28.0;

/// About the width of a text of the legend: fonts differ, so a little too wide rather than too narrow.
fn width_of(text: &str) -> f64 {
    let width = |c: char| match c {
        'i' | 'l' | 'j' | 'I' | '.' | ',' | ':' | ' ' | '\'' | '|' | '(' | ')' => 4.4,
        'm' | 'w' | 'M' | 'W' | '→' => 10.8,
        _ => 7.4,
    };
    text.chars().map(width).sum()
}

/// The entries (class, label) in rows that are no wider than `room`, but for an entry that is so alone.
pub(crate) fn legend_rows(entries: &[(String, String)], room: f64) -> Vec<&[(String, String)]> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for (index, (_, label)) in entries.iter().enumerate() {
        let width = width_of(label) + AROUND;
        if used + width > room && index > start {
            rows.extend(entries.get(start..index));
            (start, used) = (index, 0.0);
        }
        used += width;
    }
    rows.extend(entries.get(start..).filter(|row| !row.is_empty()));
    rows
}

/// Puts one row of entries so that it ends at `right`; `y` is the base line of the text.
pub(crate) fn legend(canvas: &mut Canvas, (right, y): (f64, f64), entries: &[(String, String)]) {
    let mut x = right;
    for (class, label) in entries.iter().rev() {
        x -= width_of(label);
        canvas.text((x, y), (Anchor::Start, "legend"), label);
        canvas.rect(Box { x: x - 14.0, y: y - 9.0, width: 10.0, height: 10.0 }, &format!("key {class}"));
        x -= AROUND;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_do_not_fit_go_to_the_next_row() {
        let entries: Vec<(String, String)> = (0..5).map(|n| ("c".into(), format!("phase {n}"))).collect();
        let rows = legend_rows(&entries, 170.0);
        assert_eq!(rows.iter().map(|r| r.len()).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(legend_rows(&entries, 1.0).len(), 5);
        assert!(legend_rows(&[], 100.0).is_empty());
    }
}
