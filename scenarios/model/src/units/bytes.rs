//! Sizes and bandwidths, as a scenario writes them (`"4KiB"`, `"64KiB/s"`).

use std::fmt;
use std::str::FromStr;

use super::number::{UnitError, split, text_unit};

/// A number of bytes, written in `B`, `KB`, `MB`, `GB` (thousands) or `KiB`, `MiB`, `GiB` (1024s).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

/// Bytes per second, written as a size and `/s`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteRate(u64);

const UNITS: [(&str, f64); 7] = [
    ("GiB", 1_073_741_824.0),
    ("MiB", 1_048_576.0),
    ("KiB", 1024.0),
    ("GB", 1e9),
    ("MB", 1e6),
    ("KB", 1e3),
    ("B", 1.0),
];

impl ByteSize {
    /// From a number of bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl ByteRate {
    /// From bytes per second.
    #[must_use]
    pub const fn per_second(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Bytes per second.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

fn bytes_of(text: &str, expected: &'static str) -> Result<u64, UnitError> {
    let (number, unit) = split(text)?;
    let wrong = || UnitError::WrongUnit { text: text.to_owned(), expected };
    let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let bytes = number * scale;
    if bytes > 1e15 { Err(UnitError::OutOfRange(text.to_owned())) } else { Ok(bytes.round() as u64) }
}

fn write_bytes(bytes: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let whole = UNITS[..3].iter().find(|(_, scale)| bytes > 0 && bytes.is_multiple_of(*scale as u64));
    match whole {
        Some((name, scale)) => write!(f, "{}{name}", bytes / *scale as u64),
        None => write!(f, "{bytes}B"),
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        bytes_of(text, "a size such as \"4KiB\" or \"1500B\"").map(Self)
    }
}

impl FromStr for ByteRate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let expected = "a bandwidth such as \"64KiB/s\"";
        let size =
            text.trim().strip_suffix("/s").ok_or(UnitError::WrongUnit { text: text.to_owned(), expected })?;
        bytes_of(size, expected).map(Self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bytes(self.0, f)
    }
}

impl fmt::Display for ByteRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bytes(self.0, f)?;
        f.write_str("/s")
    }
}

text_unit!(
    ByteSize,
    "a size such as \"4KiB\" or \"1500B\"",
    r"^\s*[0-9][0-9_.]*\s*(B|KB|MB|GB|KiB|MiB|GiB)\s*$"
);
text_unit!(
    ByteRate,
    "a bandwidth such as \"64KiB/s\"",
    r"^\s*[0-9][0-9_.]*\s*(B|KB|MB|GB|KiB|MiB|GiB)/s\s*$"
);
