//! Policies: every knob of every gateway and client, as it will be in force.
//!
//! The knobs are read from the settings' own serialised form, so that one that is added cannot be forgotten here.

use std::collections::BTreeMap;

use serde_json::Value;
use upstorm_model::Plan;
use upstorm_model::policy::{PolicySettings, Preset};

use super::table::section;

/// Columns of a line.
const WIDTH: usize = 110;

/// Each gateway and client with its settings, and what differs from its preset.
pub(super) fn policies(plan: &Plan) -> String {
    let clients = plan.clients.iter().map(|c| (c.host, &c.preset, &c.policy));
    let gateways = plan.gateways.iter().map(|g| (g.host, &g.preset, &g.policy));
    let mut text = String::new();
    for (host, preset, policy) in clients.chain(gateways) {
        text += &one(plan.host_name(host), preset, policy);
    }
    section("Policies in force", &text)
}

fn one(name: &str, preset: &str, policy: &PolicySettings) -> String {
    let known = Preset::named(preset);
    let summary = known.map_or("", |p| p.info().summary);
    let mut text = format!("  {name}: preset {preset} ({summary})\n");
    if *policy == PolicySettings::default() {
        return text;
    }
    let knobs = knobs(policy);
    let base = switched_off(&knobs, known.map(|p| self::knobs(&p.settings())).unwrap_or_default());
    let mut shown = knobs.clone();
    shown.retain(|path, _| has_effect(policy, path));
    for (group, said) in grouped(&shown) {
        text += &wrapped(&format!("    {group:<14} "), &said);
    }
    let differs = differences(&knobs, &base);
    if !differs.is_empty() {
        text += &wrapped("    over the preset: ", &differs);
    }
    text
}

/// False for a knob of another kind of budget than the one in force.
fn has_effect(policy: &PolicySettings, path: &str) -> bool {
    let knob = path.strip_prefix("retry.budget.").filter(|knob| *knob != "kind");
    knob.is_none_or(|knob| policy.retry.budget.kind.knobs().contains(&knob))
}

/// Phrases after a heading, in lines of a readable width that begin under each other.
fn wrapped(heading: &str, phrases: &[String]) -> String {
    let indent = heading.chars().count();
    let (mut text, mut column) = (heading.to_owned(), indent);
    for (index, phrase) in phrases.iter().enumerate() {
        let length = phrase.chars().count() + 2;
        if index > 0 && column + length > WIDTH {
            text = format!("{}\n{:indent$}", text.trim_end(), "");
            column = indent;
        }
        text += phrase;
        if index + 1 < phrases.len() {
            text += ", ";
        }
        column += length;
    }
    text + "\n"
}

/// Every knob by its path, such as `retry.backoff.base`. What is not set is not there.
fn knobs(policy: &PolicySettings) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    // Settings always serialise; without a value there would be nothing to show.
    flatten("", &serde_json::to_value(policy).unwrap_or_default(), &mut out);
    out
}

/// The knobs of a preset, with those of the policies that it leaves off as far as they are among `shown`: settings leave a
/// policy out while it is off, and what is switched on should differ from that by what was written, not by all it has.
fn switched_off(
    shown: &BTreeMap<String, String>,
    base: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let off = PolicySettings::default();
    let tables = serde_json::json!({
        "balance": off.balance, "cache": off.cache, "failover": off.failover, "fallback": off.fallback,
        "hedge": off.hedge, "outlier": off.outlier, "throttle": off.throttle,
    });
    let mut out = BTreeMap::new();
    flatten("", &tables, &mut out);
    out.retain(|path, _| shown.contains_key(path));
    out.extend(base);
    out
}

fn flatten(path: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let number = |value: &Value| value.as_f64().map_or_else(|| value.to_string(), |n| n.to_string());
    let plain = |value: &Value| value.as_str().map_or_else(|| number(value), str::to_owned);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, value, out);
            }
        }
        Value::Array(list) => {
            let said: Vec<String> = list.iter().map(plain).collect();
            let said = if said.is_empty() { "nothing".to_owned() } else { said.join(" ") };
            out.insert(path.to_owned(), said);
        }
        Value::String(text) if text.is_empty() => {
            out.insert(path.to_owned(), "nothing".to_owned());
        }
        other => {
            out.insert(path.to_owned(), plain(other));
        }
    }
}

/// The knobs by table: `retry.backoff` with `base 200ms`, `curve exponential` and so on. Of a policy that is switched off
/// nothing else is in force.
fn grouped(knobs: &BTreeMap<String, String>) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, value) in knobs {
        // `balance = "random"` is a group of one word.
        let (group, knob) = path.rsplit_once('.').unwrap_or((path, ""));
        // `window = { time = "10s" }` is a knob with a choice, not a table of knobs.
        let (group, knob) = match group.rsplit_once('.') {
            Some((outer, "window")) => (outer, format!("window.{knob}")),
            _ => (group, knob.to_owned()),
        };
        groups.entry(group.to_owned()).or_default().push(format!("{knob} {value}").trim_start().to_owned());
    }
    for (group, said) in &mut groups {
        let kind = knobs.get(&format!("{group}.kind")).map(String::as_str);
        if matches!(kind, Some("off" | "none")) {
            *said = vec!["off".to_owned()];
        }
    }
    groups.into_iter().collect()
}

fn differences(knobs: &BTreeMap<String, String>, base: &BTreeMap<String, String>) -> Vec<String> {
    let paths = knobs.keys().chain(base.keys().filter(|path| !knobs.contains_key(*path)));
    let differs = paths.filter(|path| knobs.get(*path) != base.get(*path));
    let said =
        |map: &BTreeMap<String, String>, path: &String| map.get(path).cloned().unwrap_or("unset".to_owned());
    differs.map(|path| format!("{path} {} instead of {}", said(knobs, path), said(base, path))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_settings_is_shown() {
        let settings = Preset::named("standard").unwrap().settings();
        let groups: Vec<String> = grouped(&knobs(&settings)).into_iter().map(|(group, _)| group).collect();
        let expected =
            ["breaker", "deadline", "limits", "pool", "retry", "retry.backoff", "retry.budget", "retry.hint"];
        assert_eq!(groups, expected);
    }

    #[test]
    fn a_setting_that_is_one_word_stands_beside_its_name() {
        let balance = upstorm_model::policy::Balance::RoundRobin;
        let text = one("edge", "none", &PolicySettings { balance, ..PolicySettings::default() });
        assert!(text.contains("\n    balance        round-robin\n"), "{text}");
    }

    #[test]
    fn of_a_budget_only_the_knobs_of_its_kind_are_in_force() {
        let text = |preset| one("edge", preset, &Preset::named(preset).unwrap().settings());
        let aws = text("aws-2026");
        assert!(aws.contains("capacity 500, kind token-bucket, retry_cost 14, throttled_cost 5"), "{aws}");
        assert!(!aws.contains("min_per_sec") && !aws.contains("max_tokens"), "{aws}");
        let sre = text("sre");
        assert!(sre.contains("throttle       k 2, kind adaptive, window 120s"), "{sre}");
        assert!(text("finagle").contains("max_attempts unlimited"));
    }

    #[test]
    fn of_a_policy_that_is_switched_on_only_what_was_written_differs() {
        let mut settings = Preset::named("standard").unwrap().settings();
        settings.hedge.kind = upstorm_model::policy::HedgeKind::Delay;
        settings.failover.to = vec!["west".to_owned()];
        settings.fallback.body = "[]".to_owned();
        let text = one("edge", "standard", &settings);
        let differs = text.split_once("over the preset: ").unwrap().1.trim_end();
        assert!(
            differs.contains("failover.to west instead of nothing, fallback.body [] instead of nothing,")
        );
        assert!(differs.ends_with("hedge.kind delay instead of off"), "{differs}");
    }

    #[test]
    fn what_differs_from_the_preset_is_said_both_ways() {
        let mut settings = Preset::named("standard").unwrap().settings();
        let base = knobs(&settings);
        settings.retry.budget.ttl = upstorm_model::TimeSpan::from_secs(4);
        settings.limits.rate = None;
        let expected = ["retry.budget.ttl 4s instead of 10s", "limits.rate unset instead of 200/s"];
        assert_eq!(differences(&knobs(&settings), &base), expected);
    }
}
