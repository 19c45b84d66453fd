//! A gateway's own answers, as problem details (RFC 9457).
//!
//! A caller must be able to tell "the gateway refused" from "the upstream failed": a bare 503 of either looks the same
//! and gets the wrong retry. What the upstream answers itself is passed on as it is.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::json;

/// Why a gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// The rate limit has no token left.
    RateLimited,
    /// As many calls as may be are in flight.
    BulkheadFull,
    /// The adaptive throttle holds it back.
    Throttled,
    /// The circuit breaker lets nothing through.
    BreakerOpen,
    /// No connection to the upstream was made.
    ConnectFailed,
    /// The connection broke before the answer was complete.
    Broken,
    /// What came back was no HTTP.
    Malformed,
    /// The last attempt took too long.
    AttemptTimedOut,
    /// The whole call took too long.
    DeadlineExceeded,
    /// The caller stopped sending its request.
    RequestBroken,
    /// A tunnel was asked for.
    NoTunnel,
    /// No target takes the path.
    NoRoute,
}

/// What is said of a problem.
struct Words {
    problem: Problem,
    status: StatusCode,
    /// The last part of its type.
    name: &'static str,
    title: &'static str,
}

const fn words(problem: Problem, status: StatusCode, name: &'static str, title: &'static str) -> Words {
    Words { problem, status, name, title }
}

/// Every problem, in the order of the enum.
const PROBLEMS: [Words; 12] = [
    words(
        Problem::RateLimited,
        StatusCode::TOO_MANY_REQUESTS,
        "rate-limited",
        "more calls per second than this gateway lets through",
    ),
    words(
        Problem::BulkheadFull,
        StatusCode::SERVICE_UNAVAILABLE,
        "bulkhead-full",
        "as many calls in flight as this gateway allows",
    ),
    words(
        Problem::Throttled,
        StatusCode::SERVICE_UNAVAILABLE,
        "throttled",
        "the upstream turns most calls away, so this gateway holds some back",
    ),
    words(
        Problem::BreakerOpen,
        StatusCode::SERVICE_UNAVAILABLE,
        "breaker-open",
        "the upstream failed too often and is left alone for a while",
    ),
    words(
        Problem::ConnectFailed,
        StatusCode::BAD_GATEWAY,
        "connect-failed",
        "no connection to the upstream could be made",
    ),
    words(
        Problem::Broken,
        StatusCode::BAD_GATEWAY,
        "connection-broken",
        "the upstream broke the connection before its answer was complete",
    ),
    words(
        Problem::Malformed,
        StatusCode::BAD_GATEWAY,
        "malformed-answer",
        "what the upstream answered is no HTTP",
    ),
    words(
        Problem::AttemptTimedOut,
        StatusCode::GATEWAY_TIMEOUT,
        "attempt-timed-out",
        "the upstream took too long to answer",
    ),
    words(
        Problem::DeadlineExceeded,
        StatusCode::GATEWAY_TIMEOUT,
        "deadline-exceeded",
        "the call as a whole took too long",
    ),
    words(
        Problem::RequestBroken,
        StatusCode::BAD_REQUEST,
        "request-broken",
        "the request ended before it was complete",
    ),
    words(Problem::NoTunnel, StatusCode::NOT_IMPLEMENTED, "no-tunnel", "this gateway makes no tunnels"),
    words(Problem::NoRoute, StatusCode::NOT_FOUND, "no-route", "no route of this gateway takes this path"),
];

impl Problem {
    /// Every problem.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        PROBLEMS.iter().map(|words| words.problem)
    }

    fn words(self) -> &'static Words {
        &PROBLEMS[self as usize]
    }

    /// The status it is answered with.
    pub(crate) fn status(self) -> StatusCode {
        self.words().status
    }

    /// The last part of its type.
    pub(crate) fn name(self) -> &'static str {
        self.words().name
    }
}

/// The bodies of one gateway's answers, written once: an overloaded gateway refuses thousands a second.
#[derive(Debug)]
pub(crate) struct Problems(Vec<Bytes>);

impl Problems {
    /// The answers of a gateway before this upstream.
    pub(crate) fn of(gateway: &str, upstream: &str) -> Self {
        let body = |words: &Words| {
            let text = json!({
                "type": format!("urn:upstorm:problem:{}", words.name),
                "title": words.title,
                "status": words.status.as_u16(),
                "detail": format!("gateway {gateway} before {upstream}: {}", words.title),
            });
            Bytes::from(text.to_string())
        };
        Self(PROBLEMS.iter().map(body).collect())
    }

    /// The answer to a call. Retry-After is whole seconds, rounded up: one sent too early meets the same refusal.
    pub(crate) fn answer(&self, problem: Problem, retry_after: Option<Duration>) -> Response<Bytes> {
        let body = self.0.get(problem as usize).cloned().unwrap_or_default();
        let mut response = Response::new(body);
        *response.status_mut() = problem.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_has_its_own_words() {
        for (index, words) in PROBLEMS.iter().enumerate() {
            assert_eq!(words.problem as usize, index, "{}", words.name);
            assert_eq!(PROBLEMS.iter().filter(|other| other.name == words.name).count(), 1);
        }
    }

    #[test]
    fn an_answer_is_a_problem_detail() {
        let problems = Problems::of("edge", "payments");
        for problem in Problem::all() {
            let response = problems.answer(problem, None);
            let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!(body["status"], response.status().as_u16());
            assert!(body["type"].as_str().unwrap().ends_with(problem.name()));
            assert!(body["detail"].as_str().unwrap().contains("payments"));
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            assert!(!response.headers().contains_key(RETRY_AFTER));
        }
    }

    #[test]
    fn retry_after_is_rounded_up() {
        let problems = Problems::of("edge", "payments");
        for (millis, seconds) in [(0, "0"), (1, "1"), (1000, "1"), (1001, "2")] {
            let response = problems.answer(Problem::RateLimited, Some(Duration::from_millis(millis)));
            assert_eq!(response.headers()[RETRY_AFTER], seconds);
        }
    }
}
