//! An answer, ready to be sent: a status with its headers, Retry-After and body.
//!
//! Everything that can be made before the run is made before it, so that a request costs little beside what it is
//! meant to cost.

use std::collections::BTreeMap;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use upstorm_model::scenario::{RetryAfter, StatusTable};

use crate::retry_after::Advice;
use crate::stage::BodyStage;

/// A response but for what only its request tells.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// All headers but Retry-After and those of the framing.
    pub(crate) headers: HeaderMap,
    /// The Retry-After, if any.
    pub(crate) advice: Option<Advice>,
    /// The body, of no use to a request or status that may have none.
    pub(crate) body: BodyStage,
}

impl Answer {
    /// An answer of this status.
    ///
    /// # Errors
    /// When the status is not a final one or a header is none or not the scenario's to set: what was wrong.
    pub(crate) fn compile(status: u16, table: Option<&StatusTable>, body: BodyStage) -> Result<Self, String> {
        let code = StatusCode::from_u16(status).ok().filter(|code| !code.is_informational());
        let code = code.ok_or_else(|| format!("status {status}"))?;
        let mut headers = HeaderMap::new();
        if may_have_body(code)
            && let Some(kind) = body.content_type()
        {
            headers.insert(CONTENT_TYPE, kind);
        }
        let empty = BTreeMap::new();
        for (name, value) in table.map_or(&empty, |t| &t.headers) {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        Ok(Self { status: code, headers, advice: advice(table.and_then(|t| t.retry_after.as_ref()))?, body })
    }

    /// The same with another status, and without what only this one tells.
    pub(crate) fn again(&self, status: u16) -> Self {
        Self::compile(status, None, self.body.clone()).unwrap_or_else(|_| self.clone())
    }

    /// True when a response to this method may carry a body.
    pub(crate) fn carries_body(&self, method: &Method) -> bool {
        may_have_body(self.status)
            && *method != Method::HEAD
            && !(*method == Method::CONNECT && self.status.is_success())
    }
}

/// A Retry-After, ready.
pub(crate) fn advice(form: Option<&RetryAfter>) -> Result<Option<Advice>, String> {
    form.map(Advice::compile).transpose().map_err(|text| format!("retry-after: {text}"))
}

/// RFC 9110 section 6.4.1.
fn may_have_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let wrong = || format!("header {name}: {value}");
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
    if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&parsed) {
        // The body says how it is framed; two of a kind would be request smuggling by accident.
        return Err(wrong());
    }
    Ok((parsed, HeaderValue::from_str(value).map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::ByteSize;
    use upstorm_model::scenario::Body;

    fn compile(status: u16, headers: &[(&str, &str)]) -> Result<Answer, String> {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let table = StatusTable { headers, ..StatusTable::default() };
        Answer::compile(status, Some(&table), BodyStage::compile(&Body::of_size(ByteSize::new(10))))
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (status, headers) in [
            (100, vec![]),
            (99, vec![]),
            (200, vec![("content-length", "7")]),
            (200, vec![("Transfer-Encoding", "chunked")]),
            (200, vec![("a b", "c")]),
            (200, vec![("a", "b\r\nc: d")]),
        ] {
            assert!(compile(status, &headers).is_err(), "{status} {headers:?}");
        }
        let answer = compile(200, &[("Content-Type", "text/csv")]).unwrap();
        assert_eq!(answer.headers[CONTENT_TYPE], "text/csv");
    }

    #[test]
    fn some_responses_carry_no_body() {
        let carries = |status, method| compile(status, &[]).unwrap().carries_body(&method);
        assert!(carries(200, Method::GET) && carries(503, Method::POST) && carries(503, Method::CONNECT));
        assert!(!carries(200, Method::HEAD) && !carries(204, Method::GET) && !carries(304, Method::GET));
        assert!(!carries(200, Method::CONNECT));
        assert!(compile(204, &[]).unwrap().headers.is_empty());
    }
}
