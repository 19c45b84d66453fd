//! Who may come in: nobody without the token where there is one, and no page of another site.
//!
//! A browser on this machine reaches loopback for every page that it shows. A page can send requests there (cross-site
//! request forgery), and a name that its owner points at 127.0.0.1 after it was loaded makes this the page's own site (DNS
//! rebinding). The first gives itself away by Origin, the second by Host: RFC 9110 section 7.2 has every client send it.

use std::hint::black_box;
use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};

use super::Problem;

/// Decides who may come in.
#[derive(Clone)]
pub(super) struct Guard {
    token: Option<String>,
    beyond_loopback: bool,
}

impl Guard {
    /// Of a listener at this address, which asks for this token.
    pub(super) const fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self { token, beyond_loopback: !address.ip().is_loopback() }
    }

    /// Lets a request in by its headers.
    ///
    /// # Errors
    /// When it may not come in: why.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let host = text(headers, &HOST);
        if !self.beyond_loopback {
            self.refuse_foreign_name(host)?;
        }
        if let Some(origin) = text(headers, &ORIGIN)
            && origin.split_once("://").map(|(_, site)| site) != host
        {
            let origin = origin.chars().take(200).collect::<String>();
            return Err(Problem::Foreign(format!("a page of `{origin}` asked")));
        }
        match &self.token {
            Some(token) if !bearer(headers).is_some_and(|given| same(given, token)) => Err(Problem::NoToken),
            _ => Ok(()),
        }
    }

    fn refuse_foreign_name(&self, host: Option<&str>) -> Result<(), Problem> {
        let Some(host) = host else {
            return Err(Problem::Foreign("the request names no host".to_owned()));
        };
        if is_this_machine(host) {
            return Ok(());
        }
        let host = host.chars().take(200).collect::<String>();
        Err(Problem::Foreign(format!("`{host}` is not a name of this machine; use 127.0.0.1 or localhost")))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether a Host is loopback, by name or address, with a port or without.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if port.is_empty() || port.starts_with(':') => address,
        Some(_) => return false,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The token that a request brings (RFC 6750 section 2.1); the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether two secrets are the same, in a time that does not tell how much of them is.
fn same(given: &str, token: &str) -> bool {
    let (given, token) = (given.as_bytes(), token.as_bytes());
    let mut differs = u8::from(given.len() != token.len());
    for (index, byte) in given.iter().enumerate() {
        let other = token.get(index % token.len().max(1)).copied().unwrap_or_default();
        differs = black_box(differs | (byte ^ other));
    }
    black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn admitted(guard: &Guard, headers: &[(&'static str, &'static str)]) -> Result<(), Problem> {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        guard.admit(&headers.iter().map(header).collect())
    }

    fn on(address: &str, token: Option<&str>) -> Guard {
        Guard::new(address.parse().unwrap(), token.map(str::to_owned))
    }

    #[test]
    fn names_of_this_machine_come_in_and_others_do_not() {
        let guard = on("127.0.0.1:9100", None);
        for host in ["127.0.0.1:9100", "localhost:9100", "LOCALHOST", "[::1]:9100", "127.8.8.8"] {
            assert_eq!(admitted(&guard, &[("host", host)]), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:9100",
            "10.0.0.1",
            "[::1]x",
            "127.0.0.1.evil.example",
            "",
        ] {
            assert!(matches!(admitted(&guard, &[("host", host)]), Err(Problem::Foreign(_))), "{host}");
        }
        assert!(matches!(admitted(&guard, &[]), Err(Problem::Foreign(_))), "no host at all");
    }

    #[test]
    fn pages_of_other_sites_do_not_come_in() {
        let guard = on("127.0.0.1:9100", None);
        let host = ("host", "127.0.0.1:9100");
        assert_eq!(admitted(&guard, &[host, ("origin", "http://127.0.0.1:9100")]), Ok(()));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:9100"] {
            let refused = admitted(&guard, &[host, ("origin", origin)]);
            assert!(matches!(refused, Err(Problem::Foreign(_))), "{origin}");
        }
    }

    #[test]
    fn where_there_is_a_token_it_must_be_brought() {
        let guard = on("0.0.0.0:9100", Some("open sesame"));
        let host = ("host", "tests.example:9100");
        assert_eq!(admitted(&guard, &[host, ("authorization", "Bearer open sesame")]), Ok(()));
        assert_eq!(admitted(&guard, &[host, ("authorization", "bearer open sesame")]), Ok(()));
        for wrong in [
            "Bearer open sesam",
            "Bearer open sesamee",
            "Bearer ",
            "Basic open sesame",
            "open sesame",
            "Bearer x",
        ] {
            assert_eq!(admitted(&guard, &[host, ("authorization", wrong)]), Err(Problem::NoToken), "{wrong}");
        }
        assert_eq!(admitted(&guard, &[host]), Err(Problem::NoToken));
        let local = on("127.0.0.1:9100", Some("open sesame"));
        assert_eq!(admitted(&local, &[("host", "localhost")]), Err(Problem::NoToken), "on loopback too");
    }
}
