//! A number followed by a unit: the one parser behind every unit of the language.

/// Why a text is not a quantity. The message is a fragment; the caller names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// There is no number at the start of the text.
    #[error("`{0}` does not begin with a number")]
    NoNumber(String),
    /// The number has no unit, or one that does not fit.
    #[error("`{text}` needs a unit: {expected}")]
    WrongUnit {
        /// What was written.
        text: String,
        /// The units that fit, as a reader would write them.
        expected: &'static str,
    },
    /// The number is negative, not finite, or too large to hold.
    #[error("`{0}` is out of range")]
    OutOfRange(String),
}

/// Splits `"12.5 ms"` into its number and its unit (which may be empty). Underscores in digits are allowed.
///
/// # Errors
/// When no number stands at the start, or it is negative or not finite.
pub(crate) fn split(text: &str) -> Result<(f64, &str), UnitError> {
    let trimmed = text.trim();
    let end = trimmed
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+')))
        .map_or(trimmed.len(), |(i, _)| i);
    let (digits, unit) = trimmed.split_at(end);
    let number: f64 = digits.replace('_', "").parse().map_err(|_| UnitError::NoNumber(text.to_owned()))?;
    if !number.is_finite() || number < 0.0 {
        return Err(UnitError::OutOfRange(text.to_owned()));
    }
    Ok((number, unit.trim()))
}

/// Serde, `Display`-to-text and JSON Schema for a unit that is written as text.
macro_rules! text_unit {
    ($name:ident, $title:literal, $pattern:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        crate::units::number::text_schema!($name, $title, $pattern);
    };
}
pub(crate) use text_unit;

/// The schema of a unit that is written as text.
macro_rules! text_schema {
    ($name:ident, $title:literal, $pattern:literal) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "description": $title, "pattern": $pattern})
            }
        }
    };
}
pub(crate) use text_schema;
