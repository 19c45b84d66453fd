//! The source map: which text a place belongs to, and its line and column.
//!
//! Byte ranges survive merging, replacing and decoding; lines and columns are made from them only when a person
//! is shown one.

use std::ops::Range;
use std::sync::Arc;

/// One text, with the name it is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name as the user gave it, or `--set`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// Which source of its [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Which source.
    pub source: SourceId,
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A place as people count: from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// Every text that was read for one scenario, in the order in which it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Spot {
    /// A range of bytes of a source.
    #[must_use]
    pub const fn new(source: SourceId, range: Range<usize>) -> Self {
        Self { source, start: range.start, end: range.end }
    }
}

impl Sources {
    /// Adds a text. Nothing is ever taken away, so ids stay good.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(Source { name: name.into(), text: text.into() });
        id
    }

    /// The source of this name and text, if there is one.
    pub(crate) fn find(&self, name: &str, text: &str) -> Option<SourceId> {
        let index = self.0.iter().position(|source| source.name == name && *source.text == *text)?;
        u32::try_from(index).ok().map(SourceId)
    }

    /// The source of this id; none for an id of another map.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.0.get(id.0 as usize)
    }

    /// Every source, in the order in which they were read: the scenario file itself comes first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The text at a place; empty where the place is of another map.
    #[must_use]
    pub fn text_at(&self, spot: Spot) -> &str {
        self.get(spot.source).and_then(|s| s.text.get(spot.start..spot.end)).unwrap_or_default()
    }

    /// Line and column at which a place begins.
    #[must_use]
    pub fn position(&self, spot: Spot) -> Position {
        let before = self.get(spot.source).and_then(|s| s.text.get(..spot.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Position { line: clamp(line), column: clamp(column) }
    }
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_begin_at_one() {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", "x = 1\nä = \"ö\"\n");
        assert_eq!(sources.position(Spot::new(id, 0..1)), Position { line: 1, column: 1 });
        let quoted = Spot::new(id, 11..15);
        assert_eq!(sources.text_at(quoted), "\"ö\"");
        assert_eq!(sources.position(quoted), Position { line: 2, column: 5 });
    }

    #[test]
    fn a_place_of_another_map_is_no_panic() {
        let mut other = Sources::default();
        other.add("a", "");
        let id = other.add("b", "long enough");
        let sources = Sources::default();
        assert_eq!(sources.text_at(Spot::new(id, 3..6)), "");
        assert_eq!(sources.position(Spot::new(id, 3..6)), Position { line: 1, column: 1 });
    }
}
