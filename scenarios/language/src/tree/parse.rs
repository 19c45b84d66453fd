//! Parsing TOML into the spanned tree, with every syntax error there is.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Node, Table, Value};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::{NotText, SourceId, Spot, into_text};

/// The tree of a file's bytes; none if they are no TOML, which has then been reported. The name is how diagnostics
/// call the file.
pub(super) fn parse_file(name: &str, bytes: &[u8], reading: &Reading<'_>) -> (SourceId, Option<Node>) {
    match into_text(bytes) {
        Ok(text) => {
            let source = reading.add_source(name, text);
            (source, parse_document(source, text, reading))
        }
        Err(not_text) => {
            let (source, diagnostic) = refusal(name, &not_text, reading);
            reading.report(diagnostic);
            (source, None)
        }
    }
}

fn refusal(name: &str, not_text: &NotText, reading: &Reading<'_>) -> (SourceId, Diagnostic) {
    let shown = match not_text {
        NotText::NotUtf8 { before, .. } => before.as_str(),
        NotText::TooLarge(_) | NotText::Empty => "",
    };
    let source = reading.add_source(name, shown);
    let place = Spot::new(source, shown.len()..shown.len());
    let message = not_text.to_string();
    let diagnostic = match not_text {
        NotText::TooLarge(_) => Diagnostic::new(&codes::TOO_LARGE, message)
            .at(place, "")
            .help("split it with `extends`, or move measured latencies into a histogram file"),
        NotText::NotUtf8 { .. } => Diagnostic::new(&codes::NOT_UTF8, message)
            .at(place, "the text is good up to here")
            .help("save the file as UTF-8"),
        NotText::Empty => Diagnostic::new(&codes::EMPTY, message)
            .at(place, "")
            .help("begin with `version = 1`, or copy a scenario: `upstorm scenarios copy steady`"),
    };
    (source, diagnostic)
}

fn parse_document(source: SourceId, text: &str, reading: &Reading<'_>) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let range = error.span().unwrap_or(0..0);
        let unquoted = text.get(range.clone()).filter(|word| {
            error.message().starts_with("string values must be quoted") && !word.is_empty() && word.len() < 60
        });
        reading.report(
            Diagnostic::new(&codes::SYNTAX, format!("this is no TOML: {}", error.message()))
                .at(Spot::new(source, range), "")
                .help_if(unquoted.map(|word| format!("write {word:?}"))),
        );
    }
    let at = Spot::new(source, 0..0);
    errors.is_empty().then(|| Node { at, value: Value::Table(table_of(table.get_ref(), source, 0)) })
}

/// The value of a text on the command line, which begins `offset` bytes into its source.
///
/// # Errors
/// With the parser's message, when it is no TOML value.
pub(super) fn parse_value(source: SourceId, text: &str, offset: usize) -> Result<Node, String> {
    let (value, errors) = DeValue::parse_recoverable(text);
    match errors.first() {
        Some(error) => Err(error.message().to_owned()),
        None => Ok(node_of(&value, source, offset)),
    }
}

fn table_of(table: &DeTable<'_>, source: SourceId, offset: usize) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<toml::de::DeString<'_>> = key;
        let key_at = shifted(source, key.span(), offset);
        (key.get_ref().to_string(), Entry { key_at, node: node_of(value, source, offset) })
    };
    Table(table.iter().map(entry).collect())
}

fn node_of(value: &Spanned<DeValue<'_>>, source: SourceId, offset: usize) -> Node {
    let at = shifted(source, value.span(), offset);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Float(f64::INFINITY), Value::Integer),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(|v| node_of(v, source, offset)).collect()),
        DeValue::Table(table) => Value::Table(table_of(table, source, offset)),
    };
    Node { at, value }
}

fn shifted(source: SourceId, range: std::ops::Range<usize>, offset: usize) -> Spot {
    Spot::new(source, range.start + offset..range.end + offset)
}
