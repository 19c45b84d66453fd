//! Routing: which route of an upstream a client's requests will meet, and how often.

use upstorm_model::plan::UpstreamPlan;
use upstorm_model::scenario::{Request, RouteMatch};

/// Whether a request fits a route's method, path and headers. A share is left to [`route_shares`].
fn fits(matches: &RouteMatch, request: &Request) -> bool {
    let method = matches.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(&request.method));
    let path = matches.path.as_ref().is_none_or(|pattern| path_fits(pattern, &request.path));
    let sent = |name: &String| {
        let found = request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    };
    method && path && matches.header.iter().all(|(name, value)| sent(name) == Some(value))
}

/// `{name}` stands for one segment, a final `**` for any rest. What follows a `?` is not part of the path.
fn path_fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let mut given = path.split('/');
    let mut pattern = pattern.split('/').peekable();
    while let Some(wanted) = pattern.next() {
        if wanted == "**" && pattern.peek().is_none() {
            return true;
        }
        let one = |part: &str| wanted == part || (is_name(wanted) && !part.is_empty());
        if !given.next().is_some_and(one) {
            return false;
        }
    }
    given.next().is_none()
}

fn is_name(part: &str) -> bool {
    part.len() > 2 && part.starts_with('{') && part.ends_with('}')
}

/// The first route that serves some of such requests.
pub(crate) fn serving(upstream: &UpstreamPlan, request: &Request) -> Option<usize> {
    upstream.routes.iter().position(|route| fits(&route.matches, request))
}

/// For each route of the upstream, the share of these requests that it serves. The shares sum to 1 unless there are
/// no requests; the last route of a plan catches what is left.
pub(crate) fn route_shares(upstream: &UpstreamPlan, requests: &[Request]) -> Vec<f64> {
    let total: f64 = requests.iter().map(|r| r.weight).sum();
    let mut shares = vec![0.0; upstream.routes.len()];
    for request in requests.iter().filter(|_| total > 0.0) {
        let mut left = request.weight / total;
        for (share, route) in shares.iter_mut().zip(&upstream.routes) {
            if fits(&route.matches, request) {
                let taken = left * route.matches.share.map_or(1.0, |s| s.get().min(1.0));
                *share += taken;
                left -= taken;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::plan::RoutePlan;
    use upstorm_model::{HostId, Ratio};

    fn request(weight: f64, method: &str, path: &str) -> Request {
        let headers = [("X-Tenant".to_owned(), "a".to_owned())].into();
        Request {
            weight,
            method: method.into(),
            path: path.into(),
            body: None,
            headers,
            ..Request::default()
        }
    }

    fn route(method: Option<&str>, path: Option<&str>) -> RouteMatch {
        RouteMatch {
            method: method.map(str::to_owned),
            path: path.map(str::to_owned),
            ..RouteMatch::default()
        }
    }

    #[test]
    fn paths_fit_by_segment() {
        for (pattern, path, expected) in [
            ("/v1/charges/{id}", "/v1/charges/{seq}", true),
            ("/v1/charges/{id}", "/v1/charges/", false),
            ("/v1/charges/{id}", "/v1/charges/7/refund", false),
            ("/v1/**", "/v1/charges/7/refund", true),
            ("/v1/**", "/v2", false),
            ("/v1/quota", "/v1/quota?of=me", true),
            ("/", "/", true),
            ("/a", "/", false),
        ] {
            assert_eq!(path_fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn headers_and_methods_must_fit_too() {
        let mut tenant = route(Some("GET"), None);
        tenant.header.insert("x-tenant".into(), "a".into());
        assert!(fits(&tenant, &request(1.0, "get", "/")));
        assert!(!fits(&tenant, &request(1.0, "POST", "/")));
        tenant.header.insert("x-other".into(), "b".into());
        assert!(!fits(&tenant, &request(1.0, "GET", "/")));
    }

    #[test]
    fn the_first_route_that_fits_takes_its_share_and_leaves_the_rest() {
        let mut canary = route(None, Some("/a"));
        canary.share = Some(Ratio::new(0.25));
        let matches = [canary, route(Some("POST"), None), route(None, None)];
        let routes = matches.map(|matches| RoutePlan { name: String::new(), matches, row: None }).into();
        let upstream =
            UpstreamPlan { host: HostId(0), listen: None, fate_header: false, routes, timeline: Vec::new() };
        let requests = [request(3.0, "POST", "/a"), request(1.0, "GET", "/b")];
        assert_eq!(route_shares(&upstream, &requests), [0.1875, 0.5625, 0.25]);
        assert_eq!(route_shares(&upstream, &[]), [0.0, 0.0, 0.0]);
    }
}
