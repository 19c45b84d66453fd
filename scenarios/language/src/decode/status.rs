//! `status`: the mix of statuses.

use upstorm_model::scenario::{StatusEntry, StatusMix, StatusTable};

use super::body::body;
use super::header::response_headers;
use super::limit::drawn_retry_after;
use super::table::TableReader;
use super::unit::{is_ramp, varying_share};
use super::value::{wrong, wrong_type};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::source::Spot;
use crate::tree::Node;

/// Points of a phase at which a mix with ramps is added up.
const POINTS: u32 = 10;
/// What binary fractions may lose when decimal shares are added.
const DUST: f64 = 1e-9;

/// `status = { 200 = "99%", 503 = {} }`.
pub(super) fn status_mix(node: &Node, reading: &Reading<'_>) -> Option<StatusMix> {
    let Some(table) = node.as_table() else {
        return wrong_type(
            node,
            "a table of statuses and shares, such as { 200 = \"99%\", 503 = \"1%\" }",
            reading,
        );
    };
    if table.0.is_empty() {
        return wrong(&codes::BAD_MIX, node.at, "a status mix needs at least one status", reading);
    }
    let mut mix = StatusMix(std::collections::BTreeMap::new());
    let mut whole = true;
    for (key, entry) in table.0.iter().filter(|(key, _)| !key.starts_with("x-")) {
        let status = status_key(key, entry.key_at, reading);
        let decoded = status_entry(&entry.node, reading);
        match (status, decoded) {
            (Some(status), Some(decoded)) => {
                mix.0.insert(status, decoded);
            }
            _ => whole = false,
        }
    }
    (whole && adds_up(&mix, node.at, reading)).then_some(mix)
}

fn status_key(key: &str, at: Spot, reading: &Reading<'_>) -> Option<u16> {
    let status = key.parse().ok().filter(|status| (200..=599).contains(status) && key.len() == 3);
    status.or_else(|| {
        let message = format!("`{key}` is no status a response can end with: they go from 200 to 599");
        wrong(&codes::BAD_FORM, at, message, reading)
    })
}

fn status_entry(node: &Node, reading: &Reading<'_>) -> Option<StatusEntry> {
    if node.as_table().is_none() || is_ramp(node) {
        return varying_share(node, reading).map(StatusEntry::Share);
    }
    let mut table = TableReader::open(node, "the entry of a status", reading)?;
    let share = table.optional("share", varying_share);
    let entry = StatusTable {
        share,
        retry_after: table.optional("retry_after", drawn_retry_after),
        headers: table.optional("headers", response_headers).unwrap_or_default(),
        body: table.optional("body", body),
    };
    // Without its share, the mix would be told to be wrong as well.
    let lost = table.has("share") && share.is_none();
    table.finish();
    (!lost).then_some(StatusEntry::Table(entry))
}

fn adds_up(mix: &StatusMix, at: Spot, reading: &Reading<'_>) -> bool {
    let rests = mix.0.values().filter(|entry| entry.share().is_none()).count();
    let refuse = |message: String, help: &str| {
        reading.report(Diagnostic::new(&codes::BAD_MIX, message).at(at, "").help(help));
        false
    };
    if rests > 1 {
        return refuse(
            format!("{rests} statuses leave their share out, and only one can take the rest"),
            "give shares to the others",
        );
    }
    for point in 0..=POINTS {
        let progress = f64::from(point) / f64::from(POINTS);
        let sum: f64 = mix.0.values().filter_map(StatusEntry::share).map(|s| s.at(progress).get()).sum();
        let percent = (sum * 1e8).round() / 1e6;
        let when = if point == 0 { String::new() } else { format!(", {} % into the phase", point * 10) };
        if sum > 1.0 + DUST {
            return refuse(
                format!("the shares add up to {percent} %{when}"),
                "together they make 100 % at most",
            );
        }
        if rests == 0 && sum < 1.0 - DUST {
            let help = "let one status take the rest: write it as an empty table, such as `200 = {}`";
            return refuse(format!("the shares add up to {percent} %{when}, not to 100 %"), help);
        }
    }
    true
}
