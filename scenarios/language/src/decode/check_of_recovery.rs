//! `recovery = { … }` of a check: what must become of a client, and the phases of the load-drop experiment.

use upstorm_model::scenario::{Recovery, RecoveryKind};

use super::table::TableReader;
use super::unit::some_time;
use super::value::owned_text;
use super::word::word;

/// The phases of the experiment.
const PHASES: [&str; 2] = ["drop", "restore"];

/// What is asked of a client after a phase.
pub(super) fn recovery(of: Option<String>, table: &mut TableReader<'_>) -> Option<Recovery> {
    let after = table.required("after", owned_text);
    let within = table.required("within", some_time);
    let expect: Option<RecoveryKind> = table.optional("expect", word);
    let expect = expect.unwrap_or_default();
    let [drop, restore] = PHASES.map(|key| table.optional(key, owned_text));
    let experiment = expect == RecoveryKind::Metastable;
    if experiment && (drop.is_none() || restore.is_none()) {
        table.missing("the phases of the experiment: `drop`, in which the load is lower, and `restore`, in which it is back");
    }
    for key in PHASES.iter().filter(|key| !experiment && table.has(key)) {
        table.conflict(("within", key), format!("`{key}` needs `expect = \"metastable\"`"));
    }
    Some(Recovery { of: of?, after: after?, within: within?, expect, drop, restore })
}
