//! Failover: calls that cannot be served by the first target go to the next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RetryOn;

/// Failover, off unless `to` names somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Failover {
    /// Who takes over, in this order. Each has a breaker and a retry budget of its own.
    pub to: Vec<String>,
    /// What sends a call on.
    pub on: Vec<FailoverOn>,
}

impl Default for Failover {
    fn default() -> Self {
        use RetryOn::{ConnectFailure, Reset, Status, Timeout};
        let failures = [ConnectFailure, Reset, Timeout, Status(502), Status(503), Status(504)];
        let failures = failures.into_iter().map(FailoverOn::Failure);
        Self { to: Vec::new(), on: std::iter::once(FailoverOn::BreakerOpen).chain(failures).collect() }
    }
}

/// A reason to go on to the next target, written `"breaker-open"`, `"503"` and so on. It counts once the retries are
/// over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailoverOn {
    /// The breaker let no attempt through.
    BreakerOpen,
    /// The last attempt failed like this, a reason that could also have been one to try again.
    Failure(RetryOn),
}

impl FailoverOn {
    const BREAKER_OPEN: &str = "breaker-open";

    /// The words a scenario may write beside a status.
    pub fn words() -> impl Iterator<Item = &'static str> {
        std::iter::once(Self::BREAKER_OPEN).chain(RetryOn::WORDS.iter().map(|(name, _)| *name))
    }

    /// Reads one of [`Self::words`] or a status from 400 to 599.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == Self::BREAKER_OPEN {
            return Some(Self::BreakerOpen);
        }
        RetryOn::from_word(word).map(Self::Failure)
    }

    /// The word a scenario writes.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::BreakerOpen => Self::BREAKER_OPEN.to_owned(),
            Self::Failure(failure) => failure.word(),
        }
    }
}

impl Serialize for FailoverOn {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for FailoverOn {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Self::from_word(&word)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown reason to fail over `{word}`")))
    }
}

impl JsonSchema for FailoverOn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FailoverOn".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^(breaker-open|connect-failure|reset|timeout|[45][0-9][0-9])$"})
    }
}
