//! Who took part, with the settings that were in force and a hash by which two runs are known to have the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use upstorm_model::policy::PolicySettings;
use upstorm_model::{HostId, Plan};

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostRow {
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: HostRole,
    /// Whom it calls; none for an upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The preset its settings were made from; empty for an upstream.
    #[serde(default)]
    pub preset: String,
    /// 16 hexadecimal digits that are the same where the settings are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_hash: Option<String>,
    /// Its effective settings, in the words of the scenario language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
}

/// What a host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HostRole {
    /// Calls.
    Client,
    /// Stands between.
    Gateway,
    /// Answers.
    Upstream,
}

/// Clients, then gateways, then upstreams: the way a call goes.
pub(super) fn host_rows(plan: &Plan) -> Vec<HostRow> {
    let caller = |host: HostId, role, preset: &str| {
        let settings = plan.policy_of(host);
        HostRow {
            name: plan.host_name(host).to_owned(),
            role,
            target: Some(targets(plan, host)),
            preset: preset.to_owned(),
            settings_hash: settings.map(settings_hash),
            settings: settings.and_then(|s| serde_json::to_value(s).ok()),
        }
    };
    let clients = plan.clients.iter().map(|c| caller(c.host, HostRole::Client, &c.preset));
    let gateways = plan.gateways.iter().map(|g| caller(g.host, HostRole::Gateway, &g.preset));
    let upstreams = plan.upstreams.iter().map(|u| HostRow {
        name: plan.host_name(u.host).to_owned(),
        role: HostRole::Upstream,
        target: None,
        preset: String::new(),
        settings_hash: None,
        settings: None,
    });
    clients.chain(gateways).chain(upstreams).collect()
}

/// The names of all that a host sends to, each once: `payments, auth`; what only takes over stands behind `then`.
fn targets(plan: &Plan, host: HostId) -> String {
    let mut names: Vec<String> = Vec::new();
    for target in plan.targets_of(host) {
        let backups = target.backups.iter().filter_map(|hosts| hosts.first());
        let backups = backups.map(|first| format!(", then {}", plan.name_of_all(*first)));
        let name = format!("{}{}", target.upstream, backups.collect::<String>());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// 64-bit FNV-1a over the settings' JSON, whose keys always come in the same order.
fn settings_hash(settings: &PolicySettings) -> String {
    let text = serde_json::to_string(settings).unwrap_or_default();
    let eat = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, eat))
}
