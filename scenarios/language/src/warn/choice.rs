//! Choices among one: a balance or an ejection where there is nobody else to turn to.

use upstorm_model::plan::Target;
use upstorm_model::policy::{OutlierKind, PolicySettings};

use super::case::Case;
use crate::Spans;
use crate::diagnostic::{Diagnostic, codes};

/// W020.
pub(super) fn among_one(case: &Case<'_>, found: &mut Vec<Diagnostic>) {
    let plan = case.plan;
    let gateways = plan.gateways.iter().map(|g| ("gateway", g.host, &g.policy));
    let clients = plan.clients.iter().map(|c| ("client", c.host, &c.policy));
    for (role, host, policy) in gateways.chain(clients) {
        let has_choice = |target: &Target| target.tiers().any(|hosts| hosts.len() > 1);
        if plan.targets_of(host).iter().any(has_choice) {
            continue;
        }
        let name = plan.host_name(host);
        let table = format!("{role}.{}", Spans::quoted(name));
        for key in written(case, &table, policy) {
            let message = format!("`{key}` of the {role} `{name}` chooses among one: no target has replicas");
            let help = "give the upstream `replicas = 3`, or take this out";
            found.push(case.warn(&codes::AMONG_ONE, &format!("{table}.{key}"), message).help(help));
        }
    }
}

/// Which of the two were asked for.
fn written(case: &Case<'_>, table: &str, policy: &PolicySettings) -> Vec<&'static str> {
    let is_on = |key: &&str| *key != "outlier" || policy.outlier.kind != OutlierKind::Off;
    let keys = ["balance", "outlier"].into_iter().filter(is_on);
    keys.filter(|key| case.is_written(&format!("{table}.{key}"))).collect()
}
