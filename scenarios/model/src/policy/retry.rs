//! Retry: which attempts are made again, when, and how Retry-After is obeyed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::is_default;
use super::{Backoff, Budget};
use crate::TimeSpan;

/// The retry policy. `max_attempts = 1` makes no retries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts of one call, the first one included; `"unlimited"` leaves it to budget and deadline.
    #[serde(serialize_with = "write_attempts", deserialize_with = "read_attempts")]
    #[schemars(schema_with = "attempts_schema")]
    pub max_attempts: u32,
    /// What is worth another attempt.
    pub retry_on: Vec<RetryOn>,
    /// Which methods may be sent again.
    pub methods: Methods,
    /// Whether all attempts of a call carry its Idempotency-Key.
    #[serde(skip_serializing_if = "is_default")]
    pub key: AttemptKey,
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
            key: AttemptKey::PerCall,
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

impl Retry {
    /// As many attempts as budget and deadline allow.
    pub const UNLIMITED: u32 = u32::MAX;
    /// As it is written.
    pub const UNLIMITED_WORD: &'static str = "unlimited";
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn write_attempts<S: serde::Serializer>(attempts: &u32, s: S) -> Result<S::Ok, S::Error> {
    if *attempts == Retry::UNLIMITED {
        s.serialize_str(Retry::UNLIMITED_WORD)
    } else {
        s.serialize_u32(*attempts)
    }
}

fn read_attempts<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u32),
        Word(String),
    }
    match Written::deserialize(d)? {
        Written::Number(number) => Ok(number),
        Written::Word(word) if word == Retry::UNLIMITED_WORD => Ok(Retry::UNLIMITED),
        Written::Word(word) => Err(serde::de::Error::custom(format!("`{word}` is no number of attempts"))),
    }
}

fn attempts_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 1000},
        {"const": Retry::UNLIMITED_WORD},
    ]})
}

/// Whether all attempts of a call carry one Idempotency-Key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptKey {
    /// They do, so the upstream can tell a repetition from a second order.
    #[default]
    PerCall,
    /// Each retry has a new one, so the key protects nothing: a defect, there to be shown.
    PerAttempt,
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

impl Hint {
    /// Whether a Retry-After in seconds is obeyed.
    #[must_use]
    pub fn follows_retry_after(&self) -> bool {
        self.honor.iter().any(|h| matches!(h, HintHeader::RetryAfter | HintHeader::RetryAfterSeconds))
    }
}

/// A header that tells when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HintHeader {
    /// Retry-After: seconds, or any of the three HTTP-date forms.
    RetryAfter,
    /// Retry-After in its form of seconds only (Envoy); a date is no hint.
    RetryAfterSeconds,
    /// Milliseconds; below zero or malformed, no retry at all (gRPC A6).
    GrpcRetryPushbackMs,
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
