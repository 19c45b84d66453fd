//! Ratio: a part of a whole, as a scenario writes it (`"12.5%"`).

use std::fmt;
use std::str::FromStr;

use super::number::{UnitError, split, text_unit};

/// A part of a whole, 1.0 for all of it. May exceed 1 (a budget of 150 %); a share may not, which the
/// language checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// None of it.
    pub const ZERO: Self = Self(0.0);
    /// All of it.
    pub const ONE: Self = Self(1.0);

    /// From a part of one; negative and NaN become zero.
    #[must_use]
    pub fn new(part: f64) -> Self {
        Self(if part > 0.0 { part } else { 0.0 })
    }

    /// The part of one.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Ratio {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match split(text)? {
            (number, "%") => Ok(Self(number / 100.0)),
            _ => Err(UnitError::WrongUnit { text: text.to_owned(), expected: "a share such as \"12.5%\"" }),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Twelve significant digits hide the binary noise of x / 100 * 100.
        let percent = (self.0 * 1e12).round() / 1e10;
        write!(f, "{percent}%")
    }
}

text_unit!(Ratio, "a share such as \"12.5%\"", r"^\s*[0-9][0-9_.]*\s*%\s*$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_was_written() {
        for text in ["98.9%", "0.8%", "100%", "0%", "33.333%"] {
            assert_eq!(text.parse::<Ratio>().unwrap().to_string(), text);
        }
    }
}
