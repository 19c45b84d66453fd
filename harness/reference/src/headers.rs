//! Headers that end at each hop, and those a gateway adds.
//!
//! A proxy that passes `Connection`, `TE` or `Transfer-Encoding` on lets two hops disagree on where a message ends,
//! which is request smuggling; RFC 9110 section 7.6.1 says which end here, RFC 9112 section 6.3 that a
//! Content-Length beside a Transfer-Encoding goes too.

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    VIA,
};

/// What a gateway calls itself in `Via`.
const VIA_US: HeaderValue = HeaderValue::from_static("1.1 upstorm");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header that names one request in every log it passes.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header that makes repeating an unsafe request safe (draft-ietf-httpapi-idempotency-key-header).
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that carries the call's identity.
pub(crate) const CALL: HeaderName = HeaderName::from_static(upstorm_model::recording::CallId::HEADER);

/// The header by which a reference host tells a gateway which attempts led to this one: `2.1` for the first attempt in the
/// second attempt of the hop before. Not there where that was the first everywhere.
pub(crate) const ATTEMPT: HeaderName = HeaderName::from_static("x-upstorm-attempt");

/// Headers of one hop, whatever `Connection` says.
const ONE_HOP: [HeaderName; 7] =
    [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Takes out what ends at this hop.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    if headers.contains_key(CONNECTION) {
        for name in named_by_connection(headers) {
            headers.remove(name);
        }
    }
    for name in &ONE_HOP {
        headers.remove(name);
    }
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|text| text.split(','));
    let names = names.filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok());
    // Naming an end-to-end header here would hide it from the upstream.
    names.filter(|name| ![CONTENT_LENGTH, http::header::HOST, CALL].contains(name)).collect()
}

/// Adds what says that the request came through here, and from whom.
pub(crate) fn add_forwarding(headers: &mut HeaderMap, caller: &HeaderValue) {
    // Appended: the hop nearest to the upstream stands last.
    headers.append(VIA, VIA_US);
    headers.append(FORWARDED_FOR, caller.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        lines.collect()
    }

    #[test]
    fn what_ends_here_goes_and_the_rest_stays() {
        let mut all = headers(&[
            ("connection", "keep-alive, X-Secret"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("te", "trailers"),
            ("trailer", "expires"),
            ("upgrade", "websocket"),
            ("x-secret", "1"),
            ("content-length", "3"),
            ("x-upstorm-call", "0000000000000001"),
            ("accept", "*/*"),
        ]);
        strip_hop_by_hop(&mut all);
        let mut left: Vec<_> = all.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "content-length", "x-upstorm-call"]);
    }

    #[test]
    fn a_length_beside_a_transfer_encoding_is_not_believed() {
        let mut both = headers(&[("transfer-encoding", "chunked"), ("content-length", "3")]);
        strip_hop_by_hop(&mut both);
        assert!(both.is_empty());
    }

    #[test]
    fn connection_cannot_hide_what_the_next_hop_needs() {
        let mut all = headers(&[
            ("connection", "content-length, host, x-upstorm-call, , b d"),
            ("content-length", "3"),
            ("host", "here"),
            ("x-upstorm-call", "0000000000000001"),
        ]);
        strip_hop_by_hop(&mut all);
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn each_hop_is_appended() {
        let mut all = headers(&[("via", "1.0 fred"), ("x-forwarded-for", "10.0.0.1")]);
        add_forwarding(&mut all, &HeaderValue::from_static("127.0.1.3"));
        let via: Vec<_> = all.get_all(VIA).iter().collect();
        assert_eq!(via, ["1.0 fred", "1.1 upstorm"]);
        let from: Vec<_> = all.get_all("x-forwarded-for").iter().collect();
        assert_eq!(from, ["10.0.0.1", "127.0.1.3"]);
    }
}
