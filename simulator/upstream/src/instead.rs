//! Answers in the place of others: what goes wrong with them is what they say, not how they are sent.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use upstorm_model::scenario::FaultKind;

use crate::answer::Answer;
use crate::payload::Content;
use crate::stage::BodyStage;

/// A JSON text that ends too early, for routes whose body is none.
const CUT_SHORT: &[u8] = b"{\"upstorm\":\"malformed\"";

/// A redirect to here, without a body.
pub(crate) fn redirect(to: HeaderValue) -> Answer {
    // The number is a constant of the model, and a valid one.
    let status = StatusCode::from_u16(FaultKind::REDIRECT).unwrap_or(StatusCode::TEMPORARY_REDIRECT);
    Answer { status, headers: HeaderMap::from_iter([(LOCATION, to)]), advice: None, body: BodyStage::empty() }
}

/// The same answer with a body that calls itself JSON and is none: its own without the last character, where it is JSON.
pub(crate) fn broken_json(answer: &Answer) -> Answer {
    let mut broken = answer.clone();
    let own = match &answer.body.content {
        Content::Bytes(bytes) => cut_short(bytes),
        Content::Filler(_) => None,
    };
    if own.is_none() || !answer.headers.get(CONTENT_TYPE).is_some_and(|kind| is_json(kind.as_bytes())) {
        broken.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    broken.body.content = Content::Bytes(own.unwrap_or(Bytes::from_static(CUT_SHORT)));
    broken
}

/// A JSON object or list without its last character. Other values can be whole without it: 12 is 1 then.
fn cut_short(json: &Bytes) -> Option<Bytes> {
    let text = json.trim_ascii();
    let closed = matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')));
    closed.then(|| json.slice_ref(&text[..text.len() - 1]))
}

fn is_json(kind: &[u8]) -> bool {
    kind.to_ascii_lowercase().windows(4).any(|word| word == b"json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::ByteSize;
    use upstorm_model::scenario::{Body, BodyContent};

    fn broken(content: BodyContent) -> (String, HeaderValue) {
        let answer = Answer::compile(200, None, BodyStage::compile(&Body::holding(content))).unwrap();
        let broken = broken_json(&answer);
        let Content::Bytes(bytes) = &broken.body.content else { panic!("filler is no JSON") };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        (text, broken.headers[CONTENT_TYPE].clone())
    }

    #[test]
    fn no_parser_takes_it_and_its_type_says_json() {
        let json = |text: &str| BodyContent::Json(text.to_owned());
        let text = |text: &str| BodyContent::Text(text.to_owned());
        let own = std::str::from_utf8(CUT_SHORT).unwrap();
        for (content, expected) in [
            (json(r#"{"id":7}"#), r#"{"id":7"#),
            (json("[1,[2]]"), "[1,[2]"),
            (json("12"), own),
            (json("\"a\""), own),
            (text(" {}\n"), "{"),
            (text("plain"), own),
            (text(""), own),
            (BodyContent::Size(ByteSize::new(4096).into()), own),
        ] {
            let (body, kind) = broken(content);
            assert_eq!((body.as_str(), kind.as_bytes()), (expected, b"application/json".as_slice()));
            assert_eq!(body.matches(['{', '[']).count(), body.matches(['}', ']']).count() + 1, "{body}");
        }
    }

    #[test]
    fn a_redirect_says_where_and_nothing_else() {
        let answer = redirect(HeaderValue::from_static("/a"));
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[LOCATION]),
            (307, &HeaderValue::from_static("/a"))
        );
        assert!(answer.headers.len() == 1 && answer.advice.is_none() && answer.body.content.len_at(0.0) == 0);
    }
}
