//! The kinds of request of a population, made ready once: at thousands of calls a second nothing is parsed again.

use std::str::FromStr;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri};
use upstorm_model::plan::ClientPlan;
use upstorm_model::recording::CallId;
use upstorm_model::scenario::Request;
use upstorm_model::{Seed, Stream};
use upstorm_policy::Scope;

use crate::body::OutBody;
use crate::headers::{CALL, IDEMPOTENCY_KEY};
use crate::hex;
use crate::outbound::{Outbound, Part};
use crate::trace::Trace;

/// What in a path becomes the number of the call.
const SEQUENCE: &str = "{seq}";

/// The kinds of request of one population, and where its ids come from.
#[derive(Debug)]
pub(super) struct Prepared {
    kinds: Vec<Option<Kind>>,
    seed: Seed,
    traces: Stream,
    keys: Stream,
}

#[derive(Debug)]
struct Kind {
    method: Method,
    path: Path,
    headers: HeaderMap,
    body: Bytes,
    part: Part,
    /// As it says, or POST and PATCH: repeating one may repeat its effect (RFC 9110 section 9.2.2).
    keyed: bool,
}

#[derive(Debug)]
enum Path {
    Same(Uri),
    Numbered(String),
}

impl Prepared {
    /// Of this client, whose name is `name`.
    pub(super) fn of(own: Option<&ClientPlan>, seed: Seed, name: &str) -> Self {
        Self {
            kinds: own.map(|own| own.requests.iter().map(Kind::of).collect()).unwrap_or_default(),
            seed,
            traces: Stream::named(&[name, "traceparent", "trace"]),
            keys: Stream::named(&[name, "idempotency-key"]),
        }
    }

    /// The request of a call; none where the plan has no such kind, or describes none that HTTP allows.
    pub(super) fn outbound(&self, id: CallId, request: u16) -> Option<Outbound> {
        let kind = self.kinds.get(usize::from(request))?.as_ref()?;
        let mut headers = kind.headers.clone();
        headers.insert(CALL, hex::value::<16>(id.0.into()));
        if kind.keyed {
            let mut dice = self.seed.dice(self.keys, id.0, 0);
            headers.entry(IDEMPOTENCY_KEY).or_insert_with(|| hex::value::<32>(dice.long_bits()));
        }
        Some(Outbound {
            method: kind.method.clone(),
            uri: kind.path.of_call(id)?,
            headers,
            body: OutBody::Held(kind.body.clone()),
            call: id.0,
            led_by: Box::default(),
            trace: Trace::fresh(&mut self.seed.dice(self.traces, id.0, 0)),
            scope: Scope::default(),
            part: kind.part,
        })
    }
}

impl Kind {
    fn of(request: &Request) -> Option<Self> {
        let method = Method::from_bytes(request.method.as_bytes()).ok()?;
        let path = if request.path.contains(SEQUENCE) {
            Path::Numbered(request.path.clone())
        } else {
            Path::Same(Uri::from_str(&request.path).ok()?)
        };
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 6);
        for (name, value) in &request.headers {
            headers.insert(HeaderName::from_str(name).ok()?, HeaderValue::from_str(value).ok()?);
        }
        let size = request.body.map_or(0, |body| body.size.get());
        let body = Bytes::from(vec![b'x'; usize::try_from(size).ok()?]);
        let keyed = request.keyed.unwrap_or(method == Method::POST || method == Method::PATCH);
        let part = if request.update { Part::Update } else { Part::Whole };
        Some(Self { method, path, headers, body, part, keyed })
    }
}

impl Path {
    fn of_call(&self, id: CallId) -> Option<Uri> {
        match self {
            Self::Same(uri) => Some(uri.clone()),
            Self::Numbered(path) => Uri::try_from(path.replace(SEQUENCE, &id.sequence().to_string())).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::HostId;

    fn prepared(request: &str) -> Prepared {
        let request: Request = serde_json::from_str(request).unwrap();
        Prepared {
            kinds: vec![Kind::of(&request)],
            seed: Seed(1),
            traces: Stream::named(&["traces"]),
            keys: Stream::named(&["keys"]),
        }
    }

    #[test]
    fn each_call_has_its_own_number_and_key() {
        let prepared = prepared(r#"{"method":"POST","path":"/v1/charges/{seq}","headers":{"x-tenant":"a"}}"#);
        let first = prepared.outbound(CallId::new(HostId(2), 7), 0).unwrap();
        let second = prepared.outbound(CallId::new(HostId(2), 8), 0).unwrap();
        let again = prepared.outbound(CallId::new(HostId(2), 7), 0).unwrap();
        assert_eq!(first.uri, "/v1/charges/7");
        assert_eq!(first.headers[CALL], "0002000000000007");
        assert_eq!(first.headers["x-tenant"], "a");
        assert_ne!(first.headers[IDEMPOTENCY_KEY], second.headers[IDEMPOTENCY_KEY]);
        assert_ne!(first.trace, second.trace);
        assert_eq!(first.headers[IDEMPOTENCY_KEY], again.headers[IDEMPOTENCY_KEY]);
        assert_eq!(first.trace, again.trace);
    }

    #[test]
    fn a_safe_request_has_no_key_and_one_the_scenario_gives_is_kept() {
        let id = CallId::new(HostId(2), 7);
        let get = prepared(r#"{"path":"/"}"#).outbound(id, 0).unwrap();
        assert!(!get.headers.contains_key(IDEMPOTENCY_KEY));
        let given = prepared(r#"{"method":"PATCH","path":"/","headers":{"Idempotency-Key":"mine"}}"#);
        assert_eq!(given.outbound(id, 0).unwrap().headers[IDEMPOTENCY_KEY], "mine");
        let keyed =
            |request: &str| prepared(request).outbound(id, 0).unwrap().headers.contains_key(IDEMPOTENCY_KEY);
        assert!(
            keyed(r#"{"method":"POST","path":"/"}"#) && keyed(r#"{"method":"PUT","path":"/","keyed":true}"#)
        );
        assert!(!keyed(r#"{"method":"POST","path":"/","keyed":false}"#), "it says so itself");
    }

    #[test]
    fn what_http_does_not_allow_is_no_request() {
        let id = CallId::new(HostId(2), 7);
        for request in [
            r#"{"method":"GE T","path":"/"}"#,
            r#"{"path":"/ {seq}"}"#,
            r#"{"path":"/","headers":{"a b":"c"}}"#,
            r#"{"path":"/","headers":{"a":"c\n"}}"#,
        ] {
            assert!(prepared(request).outbound(id, 0).is_none(), "{request}");
        }
        assert!(prepared(r#"{"path":"/"}"#).outbound(id, 1).is_none());
    }
}
