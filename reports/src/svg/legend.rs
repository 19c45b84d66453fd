//! Legends: what each colour means, in one row from right to left.

use super::canvas::{Anchor, Box, Canvas};

/// About the width of a text of the legend: fonts differ, so a little too wide rather than too narrow.
fn width_of(text: &str) -> f64 {
    let width = |c: char| match c {
        'i' | 'l' | 'j' | 'I' | '.' | ',' | ':' | ' ' | '\'' | '|' | '(' | ')' => 4.4,
        'm' | 'w' | 'M' | 'W' | '→' => 10.8,
        _ => 7.4,
    };
    text.chars().map(width).sum()
}

/// Puts entries (class, label) in a row that ends at `right`; `y` is the base line of the text.
pub(crate) fn legend(canvas: &mut Canvas, (right, y): (f64, f64), entries: &[(String, String)]) {
    let mut x = right;
    for (class, label) in entries.iter().rev() {
        x -= width_of(label);
        canvas.text((x, y), (Anchor::Start, "legend"), label);
        canvas.rect(Box { x: x - 14.0, y: y - 9.0, width: 10.0, height: 10.0 }, &format!("key {class}"));
        x -= 28.0;
    }
}
