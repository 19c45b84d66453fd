//! Histogram files: measured latencies, one bucket a line.

use upstorm_model::{DrawnLaw, TimeSpan};

use super::table::TableReader;
use super::unit::varying;
use super::value::wrong;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::{Spot, into_text};
use crate::tree::Node;

/// The histogram law, its file read.
pub(super) fn histogram(table: &mut TableReader<'_>) -> Option<DrawnLaw> {
    let file =
        table.required("file", |node, reading| Some((node.as_text()?.to_owned(), buckets(node, reading))));
    let max = table.optional("max", varying);
    let (file, buckets) = file?;
    Some(DrawnLaw::Histogram { file, buckets: buckets?, max })
}

fn buckets(node: &Node, reading: &Reading<'_>) -> Option<Vec<(TimeSpan, u64)>> {
    let file = super::value::text(node, reading)?;
    let path = reading.path_from(node.at.source, file);
    let bytes = match reading.read(&path) {
        Ok(bytes) => bytes,
        Err(message) => return wrong(&codes::UNREADABLE, node.at, message, reading),
    };
    let text = match into_text(&bytes) {
        Ok(text) => text,
        Err(error) => return wrong(&codes::BAD_HISTOGRAM, node.at, format!("`{file}`: {error}"), reading),
    };
    let source = reading.add_source(&path.display().to_string(), text);
    let mut found: Vec<(TimeSpan, u64)> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let at = Spot::new(source, offset..offset + line.trim_end().len());
        offset += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match bucket(content, found.last()) {
            Ok(bucket) => found.push(bucket),
            // One line that is wrong says enough: the same mistake is on every other line.
            Err(message) => {
                reading.report(
                    Diagnostic::new(&codes::BAD_HISTOGRAM, message)
                        .at(at, "")
                        .at(node.at, "the file is named here")
                        .help("write an upper edge and a count a line, such as `12ms, 340`"),
                );
                return None;
            }
        }
    }
    if found.iter().all(|(_, count)| *count == 0) {
        return wrong(&codes::BAD_HISTOGRAM, node.at, format!("`{file}` has no count above zero"), reading);
    }
    Some(found)
}

fn bucket(line: &str, before: Option<&(TimeSpan, u64)>) -> Result<(TimeSpan, u64), String> {
    let (edge, count) = line.split_once(',').ok_or_else(|| format!("`{line}` has no comma"))?;
    let edge: TimeSpan = edge.parse().map_err(|error| format!("{error}"))?;
    let count: u32 =
        count.trim().parse().map_err(|_| format!("`{}` is no count from 0 to {}", count.trim(), u32::MAX))?;
    match before {
        Some((last, _)) if edge <= *last => {
            Err(format!("the edge {edge} does not grow: the line before has {last}"))
        }
        None if edge.is_zero() => Err("the first edge must be longer than zero".to_owned()),
        _ => Ok((edge, u64::from(count))),
    }
}
