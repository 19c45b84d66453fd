//! TimeSpan: a length of time as a scenario writes it (`"250ms"`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::{UnitError, split, text_schema};

/// A length of time, written as a number and one of `ns`, `us`, `ms`, `s`, `m`, `h`.
///
/// Holds whole nanoseconds; up to 100 years, so that sums cannot overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeSpan(Duration);

const LONGEST_SECS: f64 = 100.0 * 365.25 * 86_400.0;

impl TimeSpan {
    /// No time at all.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// From whole microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(Duration::from_micros(micros))
    }

    /// From whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// From whole seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// From seconds; negative and NaN become zero, and anything over 100 years becomes 100 years.
    #[must_use]
    pub fn from_secs_f64(secs: f64) -> Self {
        let bounded = if secs > 0.0 { secs.min(LONGEST_SECS) } else { 0.0 };
        Self(Duration::from_secs_f64(bounded))
    }

    /// As the standard library's duration.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }

    /// In seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }

    /// True for no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl From<Duration> for TimeSpan {
    fn from(d: Duration) -> Self {
        Self(d)
    }
}

impl From<TimeSpan> for Duration {
    fn from(s: TimeSpan) -> Self {
        s.0
    }
}

impl FromStr for TimeSpan {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let secs = match unit {
            "ns" => number * 1e-9,
            "us" | "µs" => number * 1e-6,
            "ms" => number * 1e-3,
            "s" => number,
            "m" | "min" => number * 60.0,
            "h" => number * 3600.0,
            _ => {
                return Err(UnitError::WrongUnit {
                    text: text.to_owned(),
                    expected: "a duration such as \"250ms\", \"1.5s\" or \"2m\"",
                });
            }
        };
        if secs > LONGEST_SECS {
            return Err(UnitError::OutOfRange(text.to_owned()));
        }
        // Rounded to the nanosecond, so that "0.2ms" is 200,000 ns and not 199,999.
        Ok(Self(Duration::from_nanos((secs * 1e9).round() as u64)))
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.as_nanos();
        let in_unit = |per: u128, unit: &str, f: &mut fmt::Formatter<'_>| {
            if n.is_multiple_of(per) {
                write!(f, "{}{unit}", n / per)
            } else {
                let digits = per.ilog10() as usize;
                let fraction = format!("{:0digits$}", n % per);
                write!(f, "{}.{}{unit}", n / per, fraction.trim_end_matches('0'))
            }
        };
        match n {
            0 => f.write_str("0s"),
            1_000_000_000.. => in_unit(1_000_000_000, "s", f),
            1_000_000.. => in_unit(1_000_000, "ms", f),
            1_000.. => in_unit(1_000, "us", f),
            _ => in_unit(1, "ns", f),
        }
    }
}

impl Serialize for TimeSpan {
    /// Text, for who reads it; nanoseconds in a recording, which holds two spans for each attempt.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            return s.collect_str(self);
        }
        s.serialize_u64(u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl<'de> Deserialize<'de> for TimeSpan {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
        } else {
            u64::deserialize(d).map(|nanos| Self(Duration::from_nanos(nanos)))
        }
    }
}

text_schema!(
    TimeSpan,
    "a duration such as \"250ms\", \"1.5s\" or \"2m\"",
    r"^\s*[0-9][0-9_.]*\s*(ns|us|µs|ms|s|m|min|h)\s*$"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_unit_to_the_nanosecond() {
        for (text, nanos) in
            [("0.2ms", 200_000), ("7ns", 7), ("3us", 3_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000)]
        {
            assert_eq!(text.parse::<TimeSpan>().unwrap().get(), Duration::from_nanos(nanos), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_duration() {
        for text in ["", "ms", "5", "5 parsecs", "-1s", "1e9s", "999999h h", "99999999h"] {
            assert!(text.parse::<TimeSpan>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_recording_holds_nanoseconds_and_everything_else_text() {
        let span = TimeSpan::from_micros(20_123);
        let bytes = postcard::to_stdvec(&span).unwrap();
        assert_eq!(bytes.len(), 4, "{bytes:?}");
        assert_eq!(postcard::from_bytes::<TimeSpan>(&bytes).unwrap(), span);
        assert_eq!(serde_json::to_string(&span).unwrap(), r#""20.123ms""#);
        assert_eq!(serde_json::from_str::<TimeSpan>(r#""20.123ms""#).unwrap(), span);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(nanos in 0u64..10_000_000_000_000) {
            let span = TimeSpan(Duration::from_nanos(nanos));
            prop_assert_eq!(span.to_string().parse::<TimeSpan>().unwrap(), span);
        }
    }
}
