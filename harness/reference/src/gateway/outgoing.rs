//! From a caller's request to the one that goes to the upstream.
//!
//! End-to-end headers pass, hop-by-hop ones end here, and the ids that tie attempts to their call are kept or made:
//! the call id and the Idempotency-Key are never invented, because a key the caller does not know protects nothing.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderMap, Uri};
use upstorm_model::recording::CallId;
use upstorm_model::{Seed, Stream};
use upstorm_policy::Scope;
use upstorm_world::Env;

use crate::body::OutBody;
use crate::headers::{ATTEMPT, CALL, REQUEST_ID, add_forwarding, strip_hop_by_hop};
use crate::hex;
use crate::outbound::{Outbound, Part};
use crate::trace::{TRACEPARENT, Trace};

/// Calls without an id of ours are numbered from here, beyond any host's call ids.
const STRANGERS: u64 = 0xffff << 48;

/// The longest path of attempts that is taken, in bytes: ten gateways with a thousand attempts each.
const LONGEST_PATH: usize = 50;

/// Where the ids that a gateway makes come from.
#[derive(Debug)]
pub(super) struct Ids {
    seed: Seed,
    traces: Stream,
    requests: Stream,
    strangers: AtomicU64,
}

impl Ids {
    /// For the gateway of this name.
    pub(super) fn of(env: &Env, name: &str) -> Self {
        Self {
            seed: env.seed,
            traces: Stream::named(&[name, "traceparent", "trace"]),
            requests: Stream::named(&[name, "x-request-id"]),
            strangers: AtomicU64::new(STRANGERS),
        }
    }

    /// The call a request belongs to; a number by arrival where it does not say.
    fn call_of(&self, headers: &HeaderMap) -> u64 {
        let said = headers.get(CALL).and_then(|value| value.to_str().ok());
        let id = said.and_then(|text| CallId::from_str(text).ok());
        id.map_or_else(|| self.strangers.fetch_add(1, Ordering::Relaxed), |id| id.0)
    }

    fn trace_of(&self, headers: &HeaderMap, call: u64) -> Trace {
        let said = headers.get(TRACEPARENT).and_then(Trace::read);
        said.unwrap_or_else(|| Trace::fresh(&mut self.seed.dice(self.traces, call, 0)))
    }

    fn request_id(&self, call: u64) -> HeaderValue {
        let mut dice = self.seed.dice(self.requests, call, 0);
        hex::value::<32>(dice.long_bits())
    }

    /// The request that goes out.
    pub(super) fn outbound(&self, parts: Parts, body: OutBody, caller: &HeaderValue) -> Outbound {
        let mut headers = parts.headers;
        strip_hop_by_hop(&mut headers);
        add_forwarding(&mut headers, caller);
        let led_by = led_by(&mut headers);
        let call = self.call_of(&headers);
        headers.entry(REQUEST_ID).or_insert_with(|| self.request_id(call));
        let trace = self.trace_of(&headers, call);
        let call = repetition(call, &led_by);
        // The absolute form is for proxies; an origin takes the path (RFC 9112 section 3.2).
        let uri = parts.uri.into_parts().path_and_query.map_or_else(Uri::default, Uri::from);
        let (scope, part) = (Scope::default(), Part::Whole);
        Outbound { method: parts.method, uri, headers, body, call, led_by, trace, scope, part }
    }
}

/// The attempts of the hops before that led here, taken out of the headers: each hop says it anew.
fn led_by(headers: &mut HeaderMap) -> Box<str> {
    let said = headers.remove(ATTEMPT);
    let text = said.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = text.len() <= LONGEST_PATH && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if fits { text.into() } else { Box::default() }
}

/// What the draws for this repetition of a call are keyed by: the call itself where it is the first.
fn repetition(call: u64, led_by: &str) -> u64 {
    if led_by.is_empty() { call } else { Seed(call).dice(Stream::named(&[led_by]), 0, 0).bits() }
}
