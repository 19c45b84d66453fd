//! Keys: what a request says of itself that may group attempts into calls.
//!
//! Callers that know nothing of us still name their requests (Idempotency-Key, `amz-sdk-invocation-id`, `x-request-id`, the trace id of W3C
//! Trace Context's `traceparent`). Values are hashed: a recording holds no secret that a header may carry.

use http::request::Parts;
use upstorm_model::recording::{CallId, Keys, Method};

use crate::hash::{Fnv, fnv};

/// What a request says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    /// For the recording.
    pub(crate) keys: Keys,
    /// What fate is keyed by: the call id, or the hash of a text in its place that is none of ours.
    pub(crate) call: Option<u64>,
}

/// How the AWS SDKs name a call, the same for each attempt of it.
const INVOCATION: &str = "amz-sdk-invocation-id";

/// Reads the keys in one pass over the headers.
pub(crate) fn read(parts: &Parts) -> Said {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let target = Fnv::new().eat(parts.method.as_str().as_bytes()).eat(path.as_bytes()).get();
    let method = Method::of(parts.method.as_str());
    let mut said = Said { keys: Keys { target, method, ..Keys::default() }, call: None };
    for (name, value) in &parts.headers {
        let value = value.as_bytes();
        match name.as_str() {
            CallId::HEADER => {
                said.keys.call = call_id(value);
                said.call = Some(said.keys.call.map_or_else(|| fnv(value), |id| id.0));
            }
            "idempotency-key" => said.keys.idempotency = Some(fnv(value)),
            INVOCATION => said.keys.request = Some(fnv(value)),
            "x-request-id" if !parts.headers.contains_key(INVOCATION) => {
                said.keys.request = Some(fnv(value));
            }
            "traceparent" => said.keys.trace = trace_id(value).map(fnv),
            _ => {}
        }
    }
    said
}

/// Up to 16 hexadecimal digits and nothing else.
fn call_id(value: &[u8]) -> Option<CallId> {
    let hex = !value.is_empty() && value.len() <= 16 && value.iter().all(u8::is_ascii_hexdigit);
    hex.then(|| std::str::from_utf8(value).ok()?.parse().ok()).flatten()
}

/// The second field of `version-traceid-parentid-flags`, 32 hexadecimal digits.
fn trace_id(value: &[u8]) -> Option<&[u8]> {
    let id = value.split(|byte| *byte == b'-').nth(1)?;
    (id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(headers: &[(&str, &str)]) -> Said {
        let mut request = http::Request::builder().method("POST").uri("/v1/x?page=2");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_call_id_is_read_as_a_number_and_a_foreign_text_is_hashed() {
        let ours = said(&[("x-upstorm-call", "0001000000000007")]);
        assert_eq!((ours.keys.call, ours.call), (Some(CallId(0x1_0000_0000_0007)), Some(0x1_0000_0000_0007)));
        for foreign in ["order-17", "+17", "00010000000000071", ""] {
            let said = said(&[("x-upstorm-call", foreign)]);
            assert_eq!((said.keys.call, said.call), (None, Some(fnv(foreign.as_bytes()))), "{foreign}");
        }
        assert_eq!(said(&[]).call, None);
    }

    #[test]
    fn other_keys_are_hashed_and_only_the_trace_id_counts() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let other = "00-4bf92f3577b34da6a3ce929d0e0e4736-ffffffffffffffff-00";
        let first = said(&[("traceparent", trace), ("idempotency-key", "k"), ("x-request-id", "r")]).keys;
        assert_eq!(first.trace, said(&[("traceparent", other)]).keys.trace);
        assert_eq!((first.idempotency, first.request), (Some(fnv(b"k")), Some(fnv(b"r"))));
        assert_eq!(said(&[("traceparent", "00-abc-01")]).keys.trace, None);
    }

    #[test]
    fn the_invocation_of_an_sdk_stands_before_the_request_id() {
        let both = [("x-request-id", "anew"), ("amz-sdk-invocation-id", "one"), ("x-request-id", "again")];
        assert_eq!(said(&both).keys.request, Some(fnv(b"one")));
        assert_eq!(said(&both[..1]).keys.request, Some(fnv(b"anew")));
    }

    #[test]
    fn the_target_is_method_path_and_query() {
        let read_of = |method: &str, path: &str| {
            let request = http::Request::builder().method(method).uri(path).body(()).unwrap();
            read(&request.into_parts().0).keys.target
        };
        assert_eq!(read_of("POST", "/v1/x?page=2"), said(&[]).keys.target);
        assert_ne!(read_of("POST", "/v1/x"), said(&[]).keys.target);
        assert_ne!(read_of("GET", "/v1/x?page=2"), said(&[]).keys.target);
    }
}
