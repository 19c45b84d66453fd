//! Failover: calls that cannot be served by the first target go to the next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        use FailoverOn::{BreakerOpen, ConnectFailure, Reset, Status, Timeout};
        let on = vec![BreakerOpen, ConnectFailure, Reset, Timeout, Status(502), Status(503), Status(504)];
        Self { to: Vec::new(), on }
    }
}

/// A reason to go on to the next target, written `"breaker-open"`, `"503"` and so on. It counts once the retries are
/// over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailoverOn {
    /// The breaker let no attempt through.
    BreakerOpen,
    /// No connection was made.
    ConnectFailure,
    /// The connection broke before the response was complete.
    Reset,
    /// The last attempt took longer than its timeout.
    Timeout,
    /// The last response had this status.
    Status(u16),
}

impl FailoverOn {
    /// The words a scenario may write beside a status.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("breaker-open", Self::BreakerOpen),
        ("connect-failure", Self::ConnectFailure),
        ("reset", Self::Reset),
        ("timeout", Self::Timeout),
    ];

    /// Reads one of [`Self::WORDS`] or a status from 400 to 599.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let named = Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, on)| *on);
        let status =
            || word.parse().ok().filter(|s| (400..600).contains(s) && word.len() == 3).map(Self::Status);
        named.or_else(status)
    }

    /// The word a scenario writes.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            other => Self::WORDS.iter().find(|(_, on)| *on == other).map_or("", |(name, _)| name).to_owned(),
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
