//! What a request demands to meet: `x-upstorm-fate: status=503, latency=200ms`.
//!
//! For trying one thing by hand, or in a test that wants exactly this failure now. Only where the scenario says
//! `fate_header = true`: a header that strangers could send must not decide what a run shows.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use upstorm_model::recording::{Fate, Origin};
use upstorm_model::scenario::{FaultKind, RetryAfter, ScriptStep};
use upstorm_model::{Law, TimeSpan};

use crate::answer::Answer;
use crate::given::Given;
use crate::problem::{Words, problem};
use crate::stage::BodyStage;

/// How it is written.
const HELP: &str = "write words such as `status=503, retry_after=2`, `latency=200ms` or `fault=reset, at=mid-body`, parted by \
                    commas; a fault's own keys follow it as in a scenario";
/// The longest that is read; in bytes.
const LONGEST: usize = 1024;

/// What a request demands, if it demands anything; the body is its route's.
///
/// # Errors
/// When it cannot be read: what the request is told.
pub(crate) fn demanded(headers: &HeaderMap, body: &BodyStage) -> Result<Option<Given>, Box<Answer>> {
    let written: Vec<&[u8]> = headers.get_all(Fate::HEADER).iter().map(HeaderValue::as_bytes).collect();
    if written.is_empty() {
        return Ok(None);
    }
    let text = written.join(b", ".as_slice());
    let step = std::str::from_utf8(&text).map_err(|_| "it is no text".to_owned()).and_then(read);
    let given = step.and_then(|step| Given::compile(["demand", ""], (&step, Origin::Demanded), body));
    given.map(Some).map_err(|wrong| refusal(&wrong))
}

/// The step that the words make.
fn read(text: &str) -> Result<ScriptStep, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut words = words(text)?;
    let mut step = ScriptStep {
        status: words.remove("status").map(status).transpose()?,
        latency: words.remove("latency").map(latency).transpose()?,
        retry_after: words.remove("retry_after").map(retry_after).transpose()?,
        ..ScriptStep::default()
    };
    if step.retry_after.is_some() && step.status.is_none() {
        return Err("`retry_after` goes with a `status`, and there is none".to_owned());
    }
    if let Some(kind) = words.remove("fault") {
        step.fault = Some(fault(kind, std::mem::take(&mut words))?);
    }
    match words.into_keys().next() {
        Some(word) => Err(format!("`{word}` means nothing here")),
        None if step.is_plain() => Err("it says nothing".to_owned()),
        None => Ok(step),
    }
}

fn words(text: &str) -> Result<BTreeMap<&str, &str>, String> {
    let mut words = BTreeMap::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let (key, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is no `key=value`"))?;
        if words.insert(key.trim(), value.trim()).is_some() {
            return Err(format!("`{}` is said twice", key.trim()));
        }
    }
    Ok(words)
}

fn status(text: &str) -> Result<u16, String> {
    let status = text.parse().ok().filter(|status| (200..=599).contains(status));
    status.ok_or_else(|| format!("`{text}` is no status from 200 to 599"))
}

fn latency(text: &str) -> Result<Law, String> {
    let span: Result<TimeSpan, _> = text.parse();
    span.map(|span| Law::Constant(span.into())).map_err(|error| format!("the latency `{text}`: {error}"))
}

fn retry_after(text: &str) -> Result<RetryAfter, String> {
    text.parse().map(RetryAfter::Seconds).map_err(|_| format!("`{text}` are no whole seconds to retry after"))
}

/// A fault in the words of a scenario, where each value is a text or a whole number. What can only be one thing without
/// a word on it need not be said: a cut comes before the headers.
fn fault(kind: &str, keys: BTreeMap<&str, &str>) -> Result<FaultKind, String> {
    let value = |text: &str| text.parse::<i64>().map_or_else(|_| json!(text), Value::from);
    let mut table: Map<String, Value> =
        keys.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect();
    let read = |table: &Map<String, Value>| serde_json::from_value::<FaultKind>(json!({ (kind): table }));
    let as_written = read(&table);
    if !table.contains_key("at") && !table.contains_key("after") {
        table.insert("at".to_owned(), json!("before-headers"));
    }
    let said = || keys.iter().map(|(key, text)| format!(", {key}={text}")).collect::<String>();
    let fault =
        as_written.or_else(|_| read(&table)).map_err(|_| format!("`fault={kind}{}` is no fault", said()))?;
    // What is not known of a fault is no part of it, and would be passed over in silence.
    let written_back = serde_json::to_value(&fault).unwrap_or_default();
    let unknown = keys.keys().find(|key| written_back.pointer(&format!("/{kind}/{key}")).is_none());
    unknown.map_or(Ok(fault), |key| Err(format!("`fault={kind}` has no `{key}`")))
}

fn refusal(wrong: &str) -> Box<Answer> {
    let (title, detail) = ("the x-upstorm-fate header cannot be read", format!("{wrong}: {HELP}"));
    Box::new(problem(StatusCode::BAD_REQUEST, Words { name: "unreadable-fate", title, detail: &detail }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::CONTENT_TYPE;
    use upstorm_model::scenario::{Cut, CutAt};
    use upstorm_model::{ByteSize, Varying};

    #[test]
    fn words_are_read_as_a_step() {
        let step = read("status=503, retry_after=2,latency=200ms").unwrap();
        assert_eq!((step.status, step.retry_after), (Some(503), Some(RetryAfter::Seconds(2))));
        assert_eq!(step.latency, Some(Law::Constant(Varying::Fixed(TimeSpan::from_millis(200)))));
        let fault = |text| read(text).unwrap().fault.unwrap();
        assert_eq!(fault("fault=reset"), FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders }));
        let after = Cut::After { after: ByteSize::new(1500) };
        assert_eq!(fault("fault=close, after=1500B"), FaultKind::Close(after));
        assert_eq!(fault("fault=hang"), FaultKind::Hang {});
        assert!(matches!(fault("fault=truncate, keep=25%"), FaultKind::Truncate { .. }));
        assert!(matches!(fault("fault=stall, for=2s, at=mid-body"), FaultKind::Stall(_)));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, named) in [
            ("", "nothing"),
            ("503", "`503` is no `key=value`"),
            ("status=99", "`99`"),
            ("status=200, status=503", "twice"),
            ("latency=fast", "`fast`"),
            ("latency=200", "`200`"),
            ("retry_after=2", "`status`"),
            ("fault=explode", "`fault=explode`"),
            ("fault=reset, at=nowhere", "at=nowhere"),
            ("fault=hang, keep=50%", "`keep`"),
            ("colour=red", "`colour`"),
            ("status=503, at=mid-body", "`at`"),
        ] {
            let wrong = read(text).unwrap_err();
            assert!(wrong.contains(named), "{text}: {wrong}");
        }
        assert!(read(&"x".repeat(2000)).is_err());
    }

    #[test]
    fn the_answer_says_what_to_write() {
        let mut headers = HeaderMap::new();
        assert!(demanded(&headers, &BodyStage::empty()).unwrap().is_none());
        headers.insert(Fate::HEADER, HeaderValue::from_static("sttus=503"));
        let answer = demanded(&headers, &BodyStage::empty()).unwrap_err();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
        headers.append(Fate::HEADER, HeaderValue::from_static("status=503"));
        assert!(demanded(&headers, &BodyStage::empty()).is_err(), "all lines of it count");
        headers.remove(Fate::HEADER);
        headers.insert(Fate::HEADER, HeaderValue::from_bytes(b"status=\xff").unwrap());
        assert!(demanded(&headers, &BodyStage::empty()).is_err());
    }
}
