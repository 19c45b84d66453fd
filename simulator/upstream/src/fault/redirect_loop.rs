//! `redirect_loop`: a redirect to where the request already went.
//!
//! RFC 9110 section 15.4 asks callers to detect such cycles; one without a bound on redirects calls for ever, and a
//! gateway that follows them for its callers multiplies its load. The status is 307, because it alone lets no caller
//! turn a POST into a GET: the next request is the same as this one, and comes to the same route.

use http::{HeaderValue, Uri};
use upstorm_model::Dice;

use super::{Action, Fault, FaultInfo, Seen};
use crate::Stage;

/// What help says of it.
pub(super) const INFO: FaultInfo = FaultInfo {
    key: "redirect_loop",
    stage: Stage::Faults,
    summary: "a redirect to where the request already went",
    docs: "`redirect_loop = true`: 307 with the request's own path and query as `Location`, and no body. The status \
           that was drawn is not sent. The reference client and gateway follow no redirects: to them it is an answer. \
           Each request of a caller that follows draws anew: with a share of 100 % it never ends.",
};

/// A redirect to the same place.
#[derive(Debug)]
pub(super) struct RedirectLoop;

impl Fault for RedirectLoop {
    fn stage(&self) -> Stage {
        INFO.stage
    }

    fn decide(&self, _seen: &Seen, _dice: &mut Dice) -> Action {
        Action::Redirect
    }
}

/// Where a request for this goes again: a reference without a host, so that it leads back by the same way, through a
/// gateway if there is one.
pub(crate) fn location(target: &Uri) -> HeaderValue {
    let path = target.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let text = match path {
        // Two slashes would begin the name of a host (RFC 3986 section 4.2).
        path if path.starts_with("//") => format!("/.{path}"),
        path if path.starts_with('/') => path.to_owned(),
        path if path.starts_with('?') => format!("/{path}"),
        _ => "/".to_owned(),
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::registry::probe;

    #[test]
    fn always_redirects() {
        let (seen, mut dice) = probe(1000);
        assert_eq!(RedirectLoop.decide(&seen, &mut dice), Action::Redirect);
    }

    #[test]
    fn leads_back_to_the_same_path_and_to_no_other_host() {
        for (asked, expected) in [
            ("/v1/charges/7?expand=all", "/v1/charges/7?expand=all"),
            ("http://other.example:81/a%20b", "/a%20b"),
            ("http://other.example", "/"),
            ("//other.example/a", "/.//other.example/a"),
            ("*", "/"),
        ] {
            let target = Uri::try_from(asked).unwrap();
            assert_eq!(location(&target), expected, "{asked}");
        }
    }
}
