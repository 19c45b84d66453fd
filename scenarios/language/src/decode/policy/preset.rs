//! `preset`: a named set of policy settings.

use upstorm_model::policy::{PRESETS, PolicySettings, Preset};

use crate::decode::table::{TableReader, quoted_list};
use crate::decode::value::text;
use crate::diagnostic::{Diagnostic, codes};
use crate::nearest::did_you_mean;
use crate::reading::Reading;
use crate::tree::Node;

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
        reading.report(unknown(name, node));
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
