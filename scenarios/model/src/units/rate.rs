//! Rate: how many per second, as a scenario writes it (`"200/s"`).

use std::fmt;
use std::str::FromStr;

use super::number::{UnitError, split, text_unit};

/// How many per second. Written per `s`, `m` or `h`; never negative; at most 1e9 per second.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// From a number per second; negative and NaN become zero.
    #[must_use]
    pub fn per_second(n: f64) -> Self {
        Self(if n > 0.0 { n.min(1e9) } else { 0.0 })
    }

    /// The number per second.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let per_second = match unit {
            "/s" => number,
            "/m" | "/min" => number / 60.0,
            "/h" => number / 3600.0,
            _ => {
                return Err(UnitError::WrongUnit {
                    text: text.to_owned(),
                    expected: "a rate such as \"200/s\" or \"30/m\"",
                });
            }
        };
        if per_second > 1e9 { Err(UnitError::OutOfRange(text.to_owned())) } else { Ok(Self(per_second)) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

text_unit!(Rate, "a rate such as \"200/s\" or \"30/m\"", r"^\s*[0-9][0-9_.]*\s*/(s|m|min|h)\s*$");
