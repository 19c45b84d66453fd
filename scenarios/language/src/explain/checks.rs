//! Checks: whom each is about, when, and whether it will have enough samples to tell.

use upstorm_model::Plan;
use upstorm_model::plan::{PlannedCheck, Subject};

use super::table::{Table, section};
use super::wording::about;
use crate::forecast::{Traffic, needs};

/// A line for each check of the scenario, then the always-on ones.
pub(super) fn checks(plan: &Plan, traffic: &Traffic<'_>) -> String {
    let mut table = Table::new(&["check", "kind", "of", "during", "will have", "needs", ""]);
    let mut always = Vec::new();
    for check in &plan.checks {
        let Some(kind) = &check.kind else {
            always.push(check.name.as_str());
            continue;
        };
        let mut first =
            [check.name.clone(), kind.key().to_owned(), subject(plan, &check.of), during(plan, check)];
        let needs = needs(plan, traffic, check);
        if needs.is_empty() {
            table.row(first.clone());
        }
        for need in needs {
            let has = format!("{} {}", about(need.expected), need.what);
            let short = if need.is_short() { "too few" } else { "" };
            let cells = [has, need.needed.to_string(), short.to_owned()];
            table.row(std::mem::take(&mut first).into_iter().chain(cells));
        }
    }
    let mut text = table.lines();
    if !always.is_empty() {
        text += &format!("  always on: {}\n", always.join(", "));
    }
    section("Checks, with the samples expected (before breakers; a budget is taken into account)", &text)
}

fn subject(plan: &Plan, of: &Subject) -> String {
    match of {
        Subject::Run => String::new(),
        Subject::Client(host) => plan.host_name(*host).to_owned(),
        Subject::Edge { from, to, route } => {
            let name = |id: upstorm_model::RouteId| {
                let upstream = to.first().and_then(|first| plan.upstream_of(*first));
                let routes = upstream.map(|(_, u)| &u.routes);
                routes
                    .and_then(|r| r.get(usize::from(id.0)))
                    .map_or_else(String::new, |r| format!("/{}", r.name))
            };
            let route = route.map_or_else(String::new, name);
            format!("{} -> {}{route}", plan.host_name(*from), plan.name_of_hosts(to))
        }
    }
}

fn during(plan: &Plan, check: &PlannedCheck) -> String {
    let name = |index: &u16| plan.phases.get(usize::from(*index)).map(|p| p.name.as_str());
    let names: Vec<&str> = check.during.iter().filter_map(name).collect();
    if names.is_empty() { "all".to_owned() } else { names.join(", ") }
}
