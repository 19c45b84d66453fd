//! Fallback: the answer that takes the place of a failure.
//!
//! Nobody may take it for a real one: it carries a mark, and `Cache-Control: no-store` unless told otherwise, for a
//! cache on the way that kept it would go on serving it after the upstream is back (RFC 9111 section 5.2.2.5).
//!
//! | outcome | taken the place of where `on` holds |
//! |---|---|
//! | a status of 500 to 599 | `5xx` |
//! | status 429 | `429` |
//! | timeout of the attempt, deadline of the call | `timeout` |
//! | broken before its head, or no HTTP | `reset` |
//! | no connection | `connect-failure` |
//! | a limit, bulkhead, breaker or other policy said no | `rejected` |
//!
//! A response that breaks after its head was passed on stays broken: its caller has seen the head.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use upstorm_model::policy::{self, FallbackKind, FallbackOn};

use crate::Failure;

const MARK: HeaderName = HeaderName::from_static(policy::Fallback::HEADER);

/// The answer of last resort, ready to be given.
#[derive(Debug, Clone)]
pub struct Fallback {
    on: Vec<FallbackOn>,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Fallback {
    /// The fallback of these settings; none where it is off. Headers that HTTP does not allow are left out.
    #[must_use]
    pub fn new(settings: &policy::Fallback) -> Option<Self> {
        if settings.kind == FallbackKind::Off {
            return None;
        }
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &settings.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
        headers.insert(MARK, HeaderValue::from_static("true"));
        Some(Self {
            on: settings.on.clone(),
            status: StatusCode::from_u16(settings.status).unwrap_or(StatusCode::OK),
            headers,
            body: Bytes::from(settings.body.clone()),
        })
    }

    /// Whether it takes the place of this outcome: a status, or why there is none.
    #[must_use]
    pub fn replaces(&self, outcome: Result<u16, Failure>) -> bool {
        let reason = match outcome {
            Ok(500..=599) => FallbackOn::ServerError,
            Ok(429) => FallbackOn::TooManyRequests,
            Ok(_) => return false,
            Err(Failure::ConnectFailed) => FallbackOn::ConnectFailure,
            Err(Failure::Reset | Failure::Closed | Failure::Malformed) => FallbackOn::Reset,
            Err(Failure::Timeout | Failure::DeadlineExceeded) => FallbackOn::Timeout,
            Err(Failure::Rejected(_)) => FallbackOn::Rejected,
        };
        self.on.contains(&reason)
    }

    /// The answer to a request of this method.
    #[must_use]
    pub fn answer(&self, method: &Method) -> Response<Bytes> {
        let body = if *method == Method::HEAD { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rejection;

    fn fallback(on: &[FallbackOn]) -> Fallback {
        let headers = [("content-type", "application/json"), ("no name", "x")];
        let settings = policy::Fallback {
            kind: FallbackKind::Answer,
            on: on.to_vec(),
            status: 203,
            body: "[]".to_owned(),
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        };
        Fallback::new(&settings).unwrap()
    }

    #[test]
    fn each_outcome_has_its_word() {
        use FallbackOn::{ConnectFailure, Rejected, Reset, ServerError, Timeout, TooManyRequests};
        let outcomes = [
            (Ok(500), ServerError),
            (Ok(599), ServerError),
            (Ok(429), TooManyRequests),
            (Err(Failure::Timeout), Timeout),
            (Err(Failure::DeadlineExceeded), Timeout),
            (Err(Failure::Reset), Reset),
            (Err(Failure::Closed), Reset),
            (Err(Failure::Malformed), Reset),
            (Err(Failure::ConnectFailed), ConnectFailure),
            (Err(Failure::Rejected(Rejection::BulkheadFull)), Rejected),
        ];
        let words = [ServerError, TooManyRequests, Timeout, Reset, ConnectFailure, Rejected];
        for (outcome, own) in outcomes {
            for word in words {
                assert_eq!(fallback(&[word]).replaces(outcome), word == own, "{outcome:?} {word:?}");
            }
        }
        assert!(!fallback(&words).replaces(Ok(200)) && !fallback(&words).replaces(Ok(404)));
    }

    #[test]
    fn is_marked_and_not_to_be_kept() {
        let answer = fallback(&[]).answer(&Method::GET);
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (203, b"[]".as_slice()));
        assert_eq!(answer.headers()["x-upstorm-fallback"], "true");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(answer.headers().len(), 3);
        assert!(fallback(&[]).answer(&Method::HEAD).body().is_empty());
    }

    #[test]
    fn there_is_none_unless_it_is_switched_on() {
        assert!(Fallback::new(&policy::Fallback::default()).is_none());
    }
}
