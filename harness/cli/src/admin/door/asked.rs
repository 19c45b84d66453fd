//! What was asked: the path, the query and the body, taken apart.

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use upstorm_language::diagnostic::codes;
use upstorm_language::nearest;

use super::{Misfit, Problem};

/// The longest text of a caller that is kept, in characters.
const KEPT: usize = 500;

/// A request, read whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The parts of the path that stand for names, in its order.
    pub(crate) names: Vec<String>,
    /// The query, decoded, in its order.
    query: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
    /// Who asks, as their program names itself.
    pub(crate) by: String,
}

impl Asked {
    /// From the head of a request, with the names that its path holds, and its body.
    pub(crate) fn of(parts: &Parts, names: Vec<String>, body: String) -> Self {
        let pair = |pair: &str| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&key.replace('+', " ")), decoded(&value.replace('+', " ")))
        };
        let written = parts.uri.query().unwrap_or_default();
        let query = written.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Self { names, query, body, by: short(agent.unwrap_or("unnamed")) }
    }

    /// The name at this place of the path.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// What was asked for, for the recording.
    pub(crate) fn what(&self, verb: &str) -> String {
        short(format!("{verb} {}", self.body.split_whitespace().collect::<Vec<_>>().join(" ")).trim())
    }

    /// The value of a parameter of the query.
    pub(crate) fn parameter(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// Refuses parameters that nobody reads, and those given twice: they would do silently nothing.
    ///
    /// # Errors
    /// With each of them.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let unknown = |(index, (key, _)): (usize, &(String, String))| {
            let message = if !known.contains(&key.as_str()) {
                format!("there is no parameter `{}`", short(key))
            } else if self.query[..index].iter().any(|(earlier, _)| earlier == key) {
                format!("the parameter `{key}` is there twice")
            } else {
                return None;
            };
            let near = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let all = (!known.is_empty()).then(|| format!("the parameters are {}", known.join(", ")));
            let help = near.into_iter().chain(all);
            Some(Misfit::of_parameter(&codes::UNKNOWN_KEY, &short(key), message).help(help))
        };
        let misfits: Vec<Misfit> = self.query.iter().enumerate().filter_map(unknown).collect();
        if misfits.is_empty() { Ok(()) } else { Err(Problem::Misfits(misfits)) }
    }
}

/// Refuses a body that does not call itself JSON: a form of a page cannot.
///
/// # Errors
/// When it calls itself something else, or nothing.
pub(super) fn json_only(parts: &Parts) -> Result<(), Problem> {
    let kind = parts.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let essence = kind.and_then(|kind| kind.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/json" | "application/merge-patch+json") => Ok(()),
        Some(other) => Err(Problem::Kind(format!("`{}`", short(other)))),
        None => Err(Problem::Kind("of no type".to_owned())),
    }
}

/// The segments of a path, each decoded.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(decoded).collect()
}

/// Percent-encoding undone (RFC 3986 section 2.1); what is none stays as it is.
fn decoded(text: &str) -> String {
    let hex =
        |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A text that is not too long to be kept.
pub(crate) fn short(text: &str) -> String {
    let cut: String = text.chars().filter(|c| !c.is_control()).take(KEPT).collect();
    if cut.chars().count() == KEPT { cut + "…" } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_parameters_are_decoded() {
        assert_eq!(segments("/v1/routes/payments%231/a%2Fb"), ["v1", "routes", "payments#1", "a/b"]);
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        let request = http::Request::get("/?since=1.5s&status=5xx&empty&a=b+c").body(()).unwrap();
        let asked = Asked::of(&request.into_parts().0, Vec::new(), String::new());
        assert_eq!((asked.parameter("since"), asked.parameter("a")), (Some("1.5s"), Some("b c")));
        assert!(asked.only(&["since", "status", "empty", "a"]).is_ok());
        let Err(Problem::Misfits(list)) = asked.only(&["sinc", "status"]) else {
            panic!("three are unknown")
        };
        assert_eq!(list.len(), 3);
        assert!(list[0].help[0].contains("`sinc`"));
    }

    #[test]
    fn what_is_kept_is_short() {
        assert_eq!(short(&"x".repeat(10_000)).chars().count(), KEPT + 1);
        assert_eq!(short("a\nb"), "ab");
    }
}
