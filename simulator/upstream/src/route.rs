//! Which route serves a request: the first whose match fits. The query string is not looked at.
//!
//! Compiled once, so that matching allocates nothing and parses nothing while a run goes on.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use upstorm_model::plan::RoutePlan;
use upstorm_model::scenario::RouteMatch;
use upstorm_model::{RouteId, Seed, Stream};

use crate::raise::RaiseError;

/// The routes of an upstream, in order.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug)]
struct Route {
    method: Option<Method>,
    path: Option<Pattern>,
    headers: Vec<(HeaderName, HeaderValue)>,
    share: Option<(f64, Stream)>,
}

/// A path pattern: segments, and whether any rest may follow.
#[derive(Debug)]
struct Pattern {
    segments: Vec<Piece>,
    any_rest: bool,
}

#[derive(Debug)]
enum Piece {
    Literal(String),
    AnyOne,
}

impl Routes {
    /// Compiles the routes of the upstream of this name.
    ///
    /// # Errors
    /// When a method, header name or header value is none.
    pub(crate) fn compile(upstream: &str, routes: &[RoutePlan]) -> Result<Self, RaiseError> {
        let compile = |route: &RoutePlan| {
            let stream = Stream::named(&[upstream, &route.name, "match", "share"]);
            Route::compile(&route.matches, stream)
                .map_err(|value| RaiseError::Match { route: route.name.clone(), value })
        };
        routes.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// The route for a request of this call; the last one, if none fits.
    pub(crate) fn find(&self, parts: &Parts, seed: Seed, call: u64) -> RouteId {
        let found = self.0.iter().position(|route| route.fits(parts, seed, call));
        let index = found.unwrap_or_else(|| self.0.len().saturating_sub(1));
        RouteId(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

impl Route {
    /// On failure, what was wrong.
    fn compile(matches: &RouteMatch, stream: Stream) -> Result<Self, String> {
        let method = matches.method.as_ref().map(|m| Method::from_bytes(m.as_bytes()).map_err(|_| m.clone()));
        let header = |(name, value): (&String, &String)| {
            let wrong = || format!("{name}: {value}");
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            Ok((name, HeaderValue::from_str(value).map_err(|_| wrong())?))
        };
        Ok(Self {
            method: method.transpose()?,
            path: matches.path.as_deref().map(Pattern::compile),
            headers: matches.header.iter().map(header).collect::<Result<_, String>>()?,
            share: matches.share.map(|share| (share.get(), stream)),
        })
    }

    fn fits(&self, parts: &Parts, seed: Seed, call: u64) -> bool {
        self.method.as_ref().is_none_or(|method| *method == parts.method)
            && self.path.as_ref().is_none_or(|path| path.fits(parts.uri.path()))
            && self.headers.iter().all(|(name, value)| parts.headers.get_all(name).iter().any(|v| v == value))
            // Ordinal 0 is no attempt's: all attempts of a call go to the same side.
            && self.share.is_none_or(|(share, stream)| seed.dice(stream, call, 0).chance(share))
    }
}

impl Pattern {
    fn compile(path: &str) -> Self {
        let (path, any_rest) = match path.strip_suffix("**") {
            Some(front) => (front.strip_suffix('/').unwrap_or(front), true),
            None => (path, false),
        };
        let piece = |text: &str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(_) => Piece::AnyOne,
            None => Piece::Literal(text.to_owned()),
        };
        Self { segments: path.split('/').map(piece).collect(), any_rest }
    }

    fn fits(&self, path: &str) -> bool {
        let mut asked = path.split('/');
        let front = self.segments.iter().all(|piece| match (piece, asked.next()) {
            (Piece::Literal(text), Some(segment)) => text == segment,
            (Piece::AnyOne, Some(segment)) => !segment.is_empty(),
            (_, None) => false,
        });
        front && (self.any_rest || asked.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use upstorm_model::Ratio;

    fn fits(pattern: &str, path: &str) -> bool {
        Pattern::compile(pattern).fits(path)
    }

    #[test]
    fn paths() {
        assert!(
            fits("/v1/quota", "/v1/quota") && !fits("/v1/quota", "/v1/quota/x") && !fits("/v1/quota", "/v1")
        );
        assert!(fits("/v1/charges/{id}", "/v1/charges/17") && !fits("/v1/charges/{id}", "/v1/charges/"));
        assert!(!fits("/v1/charges/{id}", "/v1/charges/17/refund"));
        assert!(fits("/v1/{a}/items/{b}", "/v1/x/items/y"));
        for path in ["/v1", "/v1/", "/v1/a", "/v1/a/b/c"] {
            assert!(fits("/v1/**", path), "{path}");
        }
        assert!(!fits("/v1/**", "/v2/a") && !fits("/v1/**", "/v10"));
        assert!(fits("/**", "/") && fits("/**", "/a/b") && fits("**", "/a/b"));
    }

    fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn routes(matches: Vec<RouteMatch>) -> Routes {
        let plans: Vec<RoutePlan> = matches
            .into_iter()
            .enumerate()
            .map(|(n, matches)| RoutePlan { name: format!("r{n}"), matches, row: None })
            .collect();
        Routes::compile("up", &plans).unwrap()
    }

    #[test]
    fn the_first_that_fits_serves_and_the_last_serves_the_rest() {
        let header = BTreeMap::from([("X-Tenant".to_owned(), "acme".to_owned())]);
        let routes = routes(vec![
            RouteMatch { method: Some("POST".into()), path: Some("/v1/**".into()), ..RouteMatch::default() },
            RouteMatch { header, ..RouteMatch::default() },
            RouteMatch::default(),
        ]);
        let find = |parts: Parts| routes.find(&parts, Seed(1), 7).0;
        assert_eq!(find(parts("POST", "/v1/a?b=c", &[("x-tenant", "acme")])), 0);
        assert_eq!(find(parts("GET", "/v1/a", &[("x-tenant", "other"), ("x-tenant", "acme")])), 1);
        assert_eq!(find(parts("GET", "/v1/a", &[("x-tenant", "ACME")])), 2);
    }

    #[test]
    fn a_share_is_drawn_for_each_call() {
        let half = RouteMatch { share: Some(Ratio::new(0.3)), ..RouteMatch::default() };
        let routes = routes(vec![half, RouteMatch::default()]);
        let parts = parts("GET", "/", &[]);
        let first = (0..10_000).filter(|call| routes.find(&parts, Seed(1), *call).0 == 0).count();
        // Four standard deviations of a binomial with n = 10,000 and p = 0.3.
        assert!(first.abs_diff(3000) < 184, "{first}");
    }

    #[test]
    fn what_is_no_method_or_header_is_refused_by_name() {
        let bad = RouteMatch { method: Some("GE T".into()), ..RouteMatch::default() };
        let plan = RoutePlan { name: "charge".into(), matches: bad, row: None };
        let error = Routes::compile("up", &[plan]).unwrap_err().to_string();
        assert!(error.contains("charge") && error.contains("GE T"), "{error}");
    }
}
