//! `preset`: a named set of policy settings.

use upstorm_model::policy::{PRESETS, PolicySettings, Preset};

use crate::decode::table::{TableReader, not_supported, quoted_list};
use crate::decode::value::text;
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::tree::Node;

/// Presets of the language that this version does not have.
const NOT_YET: &[&str] = &[
    "resilience4j",
    "polly",
    "opossum",
    "envoy",
    "envoy-budget",
    "finagle",
    "grpc",
    "aws-2026",
    "sre",
    "shared-jitter",
    "retries-unkeyed-posts",
    "new-key-each-attempt",
    "unlimited-half-open",
    "window-never-slides",
    "abandons-attempts",
];

/// The name of the preset and its settings; `none` where nothing is written.
pub(in crate::decode) fn preset(table: &mut TableReader<'_>) -> (String, PolicySettings) {
    let chosen = table.optional("preset", named);
    chosen.map_or_else(
        || ("none".to_owned(), PolicySettings::default()),
        |preset| (preset.info().name.to_owned(), preset.settings()),
    )
}

fn named(node: &Node, reading: &Reading<'_>) -> Option<Preset> {
    let name = text(node, reading)?;
    let found = Preset::named(name);
    if found.is_none() {
        reading.report(if NOT_YET.contains(&name) {
            not_supported(&format!("the preset `{name}`"), node.at)
        } else {
            unknown(name, node)
        });
    }
    found
}

fn unknown(name: &str, node: &Node) -> Diagnostic {
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    Diagnostic::new(&codes::UNKNOWN_PRESET, format!("there is no preset `{name}`"))
        .at(node.at, "")
        .note(format!("there are {}", quoted_list(&names)))
        .help_if(did_you_mean(name, names))
}
