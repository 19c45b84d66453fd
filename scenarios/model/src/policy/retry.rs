//! Retry: which attempts are made again, when, and how Retry-After is obeyed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Backoff, Budget};
use crate::TimeSpan;

/// The retry policy. `max_attempts = 1` makes no retries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts of one call, the first one included.
    pub max_attempts: u32,
    /// What is worth another attempt.
    pub retry_on: Vec<RetryOn>,
    /// Which methods may be sent again.
    pub methods: Methods,
    /// Whether the breaker sees each attempt (outside) or each call with its retries (inside).
    pub position: Position,
    /// The wait before a retry.
    pub backoff: Backoff,
    /// What a Retry-After does to that wait.
    pub hint: Hint,
    /// How many retries all calls together may make.
    pub budget: Budget,
}

impl Default for Retry {
    fn default() -> Self {
        use RetryOn::{ConnectFailure, Reset, Status, Timeout};
        Self {
            max_attempts: 1,
            retry_on: vec![
                ConnectFailure,
                Reset,
                Timeout,
                Status(429),
                Status(502),
                Status(503),
                Status(504),
            ],
            methods: Methods::IdempotentOrKeyed,
            position: Position::OutsideBreaker,
            backoff: Backoff::default(),
            hint: Hint::default(),
            budget: Budget::default(),
        }
    }
}

/// A reason for another attempt, written `"reset"`, `"503"` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryOn {
    /// No connection was made: refused, unreachable or timed out.
    ConnectFailure,
    /// The connection broke before the response was complete.
    Reset,
    /// The attempt took longer than its timeout.
    Timeout,
    /// The response had this status.
    Status(u16),
}

impl RetryOn {
    /// The words a scenario may write beside a status.
    pub const WORDS: [(&'static str, Self); 3] =
        [("connect-failure", Self::ConnectFailure), ("reset", Self::Reset), ("timeout", Self::Timeout)];

    /// Reads `"reset"`, `"timeout"`, `"connect-failure"` or a status from 400 to 599.
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

impl Serialize for RetryOn {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for RetryOn {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        Self::from_word(&word)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown reason to retry `{word}`")))
    }
}

impl JsonSchema for RetryOn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RetryOn".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^(connect-failure|reset|timeout|[45][0-9][0-9])$"})
    }
}

/// Which methods may be sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Methods {
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 section 9.2.2).
    Idempotent,
    /// Those, and any request with an Idempotency-Key.
    #[default]
    IdempotentOrKeyed,
    /// All, which repeats effects: a defect, there to be shown.
    All,
}

/// Where retry stands against the breaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// Each attempt passes the breaker.
    #[default]
    OutsideBreaker,
    /// The breaker sees one outcome a call.
    InsideBreaker,
}

/// What a Retry-After (RFC 9110 section 10.2.3) does to the wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hint {
    /// The headers that are obeyed; empty ignores them all.
    pub honor: Vec<HintHeader>,
    /// The longest hint that is followed.
    pub max: TimeSpan,
    /// What a longer one does.
    pub on_exceed: OnExceed,
    /// Waits U[v, v(1+f)): a constant hint is a herd unless spread.
    pub jitter_factor: f64,
}

impl Default for Hint {
    fn default() -> Self {
        Self {
            honor: Vec::new(),
            max: TimeSpan::from_secs(300),
            on_exceed: OnExceed::GiveUp,
            jitter_factor: 0.5,
        }
    }
}

/// A header that tells when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HintHeader {
    /// Seconds, or any of the three HTTP-date forms.
    RetryAfter,
}

/// What a hint beyond `max` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnExceed {
    /// The hint is ignored and the backoff used.
    Ignore,
    /// The call is not retried.
    GiveUp,
    /// The wait is `max`.
    Clamp,
}
