//! `body`: what a response carries, and how fast.

use upstorm_model::scenario::{Body, BodyContent, BodyFile};
use upstorm_model::{ByteRate, ByteSize};

use super::table::TableReader;
use super::unit::{unit, varying, varying_of};
use super::value::{owned_text, wrong};
use super::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// `body = { size = "4KiB" }`, `{ text = "…" }`, `{ json = … }` or `{ file = "answer.json" }`, each with `rate = "64KiB/s"` for a slow one.
pub(super) fn body(node: &Node, reading: &Reading<'_>) -> Option<Body> {
    let mut table = TableReader::open(node, "a body", reading)?;
    let chosen = table.one_of(&["size", "text", "json", "file"]);
    let framing = table.optional("framing", word).unwrap_or_default();
    let rate = table.optional("rate", |node, reading| varying_of(node, reading, some_pace));
    let chunk = table.optional("chunk", some_bytes);
    if table.has("chunk") && !table.has("rate") {
        let at = table.key_at("chunk");
        let message = "`chunk` has a meaning only beside `rate`, which says how fast the chunks come";
        let _: Option<()> = wrong(&codes::CONFLICT, at, message, reading);
    }
    table.finish();
    let content = match chosen? {
        ("size", node) => varying(node, reading).map(BodyContent::Size),
        ("text", node) => owned_text(node, reading).map(BodyContent::Text),
        ("json", node) => json(node, reading).map(BodyContent::Json),
        (_, node) => file(node, reading).map(BodyContent::File),
    };
    Some(Body { content: content?, framing, rate, chunk })
}

/// A bandwidth above zero: a body that never moves is a fault of its own.
fn some_pace(node: &Node, reading: &Reading<'_>) -> Option<ByteRate> {
    let rate: ByteRate = unit(node, reading)?;
    if rate.get() == 0 {
        let message = "this bandwidth must be above zero; for a body that stops, use the fault `stall`";
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(rate)
}

fn some_bytes(node: &Node, reading: &Reading<'_>) -> Option<ByteSize> {
    let size: ByteSize = unit(node, reading)?;
    if size.get() == 0 {
        return wrong(&codes::OUT_OF_RANGE, node.at, "this size must be above zero", reading);
    }
    Some(size)
}

/// The largest file that becomes a body: every plan holds it.
const LARGEST_FILE: usize = 1 << 20;

/// A file of text, read as the scenario is.
fn file(node: &Node, reading: &Reading<'_>) -> Option<BodyFile> {
    let name = owned_text(node, reading)?;
    let bytes = match reading.read(&reading.path_from(node.at.source, &name)) {
        Ok(bytes) => bytes,
        Err(message) => return wrong(&codes::UNREADABLE, node.at, message, reading),
    };
    if bytes.len() > LARGEST_FILE {
        let message = format!(
            "`{name}` has {} bytes, and a body from a file at most 1MiB; `size` makes larger ones",
            bytes.len()
        );
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(BodyFile { name, text }),
        Err(_) => {
            let message =
                format!("`{name}` is no UTF-8 text; `size` makes a body of bytes without a meaning");
            wrong(&codes::BAD_FORM, node.at, message, reading)
        }
    }
}

/// JSON, given as a text that is JSON or as a TOML value.
fn json(node: &Node, reading: &Reading<'_>) -> Option<String> {
    if let Some(text) = node.as_text() {
        return match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Some(text.to_owned()),
            Err(error) => wrong(&codes::BAD_FORM, node.at, format!("this text is no JSON: {error}"), reading),
        };
    }
    json_of(node, reading).map(|value| value.to_string())
}

fn json_of(node: &Node, reading: &Reading<'_>) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match &node.value {
        Value::Text(text) | Value::Date(text) => Json::from(text.as_str()),
        Value::Bool(truth) => Json::from(*truth),
        Value::Integer(number) => match i64::try_from(*number) {
            Ok(number) => Json::from(number),
            Err(_) => Json::from(*number as f64),
        },
        Value::Float(number) if number.is_finite() => Json::from(*number),
        Value::Float(number) => {
            return wrong(&codes::BAD_FORM, node.at, format!("JSON has no number {number}"), reading);
        }
        Value::Unknown => return None,
        Value::List(list) => {
            let elements: Option<Vec<Json>> = list.iter().map(|element| json_of(element, reading)).collect();
            Json::from(elements?)
        }
        Value::Table(table) => {
            let pairs =
                table.0.iter().map(|(key, entry)| Some((key.clone(), json_of(&entry.node, reading)?)));
            Json::Object(pairs.collect::<Option<_>>()?)
        }
    })
}
