//! Terms: whether an answer may be kept, and what it and its request say of how long (RFC 9111 sections 3 and 5.2).
//!
//! A cache that keeps what it was told not to serves one caller's answer to another. Only answers of status 200 to GET
//! and HEAD are kept, and none
//! - that says `no-store`, `private`, `no-cache` (which would have to be asked about each time) or `Vary: *`,
//! - to a request with `Authorization`, `Range` or `no-store`.
//!
//! `s-maxage`, `max-age` and `Expires` in this order say how long an answer is fresh; `must-revalidate` and its like that it
//! is never served stale; `stale-if-error` (RFC 5861) for how long it is. A `Vary` that names headers is not looked at:
//! all requests for a path and query get the same answer.

use std::time::Duration;

use http::header::{AGE, AUTHORIZATION, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, PRAGMA, RANGE, VARY};
use http::{HeaderName, Method};

/// What an answer says of how it may be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// How long it is fresh; none if it does not say.
    pub lifetime: Option<Duration>,
    /// How long it may be served after that where asking fails; none if it does not say.
    pub stale_if_error: Option<Duration>,
    /// How old it came, in whole seconds.
    pub age: Duration,
}

/// What a request says of answers that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// It takes none that is older than this.
    pub max_age: Duration,
}

impl Demand {
    /// Any answer will do.
    pub const ANY: Self = Self { max_age: Duration::MAX };

    /// Of a request that an answer may be kept for; none for another.
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap) -> Option<Self> {
        let kept = *method == Method::GET || *method == Method::HEAD;
        let barred = headers.contains_key(AUTHORIZATION) || headers.contains_key(RANGE);
        let said = Said::in_headers(headers);
        if !kept || barred || said.no_store {
            return None;
        }
        // RFC 9111 section 5.4: only where there is no Cache-Control.
        let pragma = !headers.contains_key(CACHE_CONTROL)
            && texts(headers, PRAGMA).any(|text| text.trim().eq_ignore_ascii_case("no-cache"));
        let max_age =
            if said.no_cache || pragma { Duration::ZERO } else { said.max_age.unwrap_or(Duration::MAX) };
        Some(Self { max_age })
    }
}

impl Terms {
    /// Of an answer with this status and these headers; none if it may not be kept.
    #[must_use]
    pub fn of(status: u16, headers: &HeaderMap) -> Option<Self> {
        let said = Said::in_headers(headers);
        let varies = texts(headers, VARY).any(|text| text.split(',').any(|name| name.trim() == "*"));
        if status != 200 || varies || said.no_store || said.no_cache || said.private {
            return None;
        }
        let lifetime = said.s_maxage.or(said.max_age).or_else(|| expires(headers));
        let stale_if_error = if said.must_revalidate { Some(Duration::ZERO) } else { said.stale_if_error };
        let age = texts(headers, AGE).next().and_then(seconds).unwrap_or_default();
        Some(Self { lifetime, stale_if_error, age })
    }
}

/// What a Cache-Control says. What is not understood is not there, but for a wrong number, which is zero: the cautious
/// reading (RFC 9111 section 4.2.1).
#[derive(Debug, Default)]
struct Said {
    no_store: bool,
    no_cache: bool,
    private: bool,
    must_revalidate: bool,
    max_age: Option<Duration>,
    s_maxage: Option<Duration>,
    stale_if_error: Option<Duration>,
}

impl Said {
    fn in_headers(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        for directive in texts(headers, CACHE_CONTROL).flat_map(|text| text.split(',')) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let time = || Some(seconds(value.trim().trim_matches('"')).unwrap_or_default());
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => said.no_store = true,
                "no-cache" => said.no_cache = true,
                "private" => said.private = true,
                "must-revalidate" | "proxy-revalidate" => said.must_revalidate = true,
                "max-age" => said.max_age = time(),
                // It also says `proxy-revalidate` (RFC 9111 section 5.2.2.10).
                "s-maxage" => (said.s_maxage, said.must_revalidate) = (time(), true),
                "stale-if-error" => said.stale_if_error = time(),
                _ => {}
            }
        }
        said
    }
}

fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

/// Delta-seconds; too large a number is the largest (RFC 9111 section 1.2.2).
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse::<u64>().unwrap_or(u64::MAX).min(1 << 31)))
}

/// `Expires` less `Date`; a date that is none lies in the past (RFC 9111 section 5.3).
fn expires(headers: &HeaderMap) -> Option<Duration> {
    let at = texts(headers, EXPIRES).next()?;
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let lifetime = || date(at)?.duration_since(date(texts(headers, DATE).next()?)?).ok();
    Some(lifetime().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    fn lifetime(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        Terms::of(200, &headers(lines)).unwrap().lifetime.map(|l| l.as_secs())
    }

    #[test]
    fn what_may_not_be_kept_is_not() {
        for line in ["no-store", "No-Cache", "private", "private=\"set-cookie\"", "max-age=9, no-store"] {
            assert_eq!(Terms::of(200, &headers(&[("cache-control", line)])), None, "{line}");
        }
        assert_eq!(Terms::of(200, &headers(&[("vary", "accept, *")])), None);
        assert_eq!(Terms::of(203, &headers(&[])), None);
        assert_eq!(Terms::of(200, &headers(&[("vary", "accept"), ("age", "7")])).unwrap().age.as_secs(), 7);
    }

    #[test]
    fn the_shared_lifetime_comes_first_then_the_age_then_the_date() {
        assert_eq!(lifetime(&[]), None);
        assert_eq!(lifetime(&[("cache-control", "max-age=3 , s-maxage=\"5\"")]), Some(5));
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let expires = ("expires", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(lifetime(&[("cache-control", "max-age=3"), date, expires]), Some(3));
        assert_eq!(lifetime(&[date, expires]), Some(60));
        assert_eq!(lifetime(&[expires]), Some(0), "nobody knows from when");
        assert_eq!(lifetime(&[date, ("expires", "0")]), Some(0));
        assert_eq!(lifetime(&[("cache-control", "max-age=soon")]), Some(0));
        assert_eq!(lifetime(&[("cache-control", "max-age=99999999999999999999")]), Some(1 << 31));
    }

    #[test]
    fn stale_only_where_the_answer_allows_it() {
        let stale = |line| Terms::of(200, &headers(&[("cache-control", line)])).unwrap().stale_if_error;
        assert_eq!(stale("max-age=3"), None);
        assert_eq!(stale("max-age=3, stale-if-error=9"), Some(Duration::from_secs(9)));
        for line in ["must-revalidate, stale-if-error=9", "proxy-revalidate", "s-maxage=3"] {
            assert_eq!(stale(line), Some(Duration::ZERO), "{line}");
        }
    }

    #[test]
    fn a_request_says_what_it_takes() {
        let takes = |lines: &[(&'static str, &'static str)]| {
            Demand::of(&Method::GET, &headers(lines)).map(|demand| demand.max_age.as_secs())
        };
        assert_eq!(takes(&[]), Some(u64::MAX));
        assert_eq!(takes(&[("cache-control", "max-age=3")]), Some(3));
        assert_eq!(takes(&[("cache-control", "no-cache")]), Some(0));
        assert_eq!(takes(&[("pragma", "no-cache")]), Some(0));
        assert_eq!(takes(&[("pragma", "no-cache"), ("cache-control", "max-age=3")]), Some(3));
        for line in [("cache-control", "no-store"), ("authorization", "Basic x"), ("range", "bytes=0-")] {
            assert_eq!(takes(&[line]), None);
        }
        assert!(Demand::of(&Method::POST, &headers(&[])).is_none());
        assert!(Demand::of(&Method::HEAD, &headers(&[])).is_some());
    }
}
