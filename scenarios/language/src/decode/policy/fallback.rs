//! `fallback`: what a call gets when everything else failed.

use upstorm_model::policy::Fallback;

use crate::decode::header::response_headers;
use crate::decode::table::TableReader;
use crate::decode::value::{count, list, some, text, wrong};
use crate::decode::word::word;
use crate::diagnostic::codes;
use crate::reading::Reading;
use crate::tree::Node;

/// The longest body, in bytes: it stands in the scenario.
const LONGEST_BODY: usize = 64 * 1024;

/// `[gateway.NAME.fallback]`. It tunes; only `kind` switches on what the preset has off.
pub(super) fn fallback(fallback: &mut Fallback, node: &Node, reading: &Reading<'_>) {
    let Some(mut table) = TableReader::open(node, "`fallback`", reading) else { return };
    table.lay("kind", &mut fallback.kind, word);
    let failures = list("what a fallback takes the place of", word);
    table.lay("on", &mut fallback.on, some("in place of nothing a fallback is never given", failures));
    table.lay("status", &mut fallback.status, count(200..=599));
    table.lay("body", &mut fallback.body, body);
    table.lay("headers", &mut fallback.headers, response_headers);
    table.finish();
}

fn body(node: &Node, reading: &Reading<'_>) -> Option<String> {
    let text = text(node, reading)?;
    if text.len() > LONGEST_BODY {
        let message = format!("{} bytes are too many for a fallback: it may have {LONGEST_BODY}", text.len());
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    Some(text.to_owned())
}
