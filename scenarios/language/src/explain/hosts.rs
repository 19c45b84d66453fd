//! Who takes part: the heading of an explanation, and its hosts.

use upstorm_model::plan::{HostId, Role};
use upstorm_model::{Plan, Seed};

use super::table::{Table, section};
use super::wording::{self, count, of_clock};
use crate::Loaded;

/// Name, summary, and how the run is framed.
pub(super) fn heading(loaded: &Loaded, plan: &Plan) -> String {
    let world = match plan.world {
        upstorm_model::scenario::WorldKind::Real => "real sockets, in real time",
        upstorm_model::scenario::WorldKind::Sim => "a simulated network, in virtual time",
    };
    let files: Vec<&str> = loaded.sources.iter().map(|source| source.name.as_str()).collect();
    let mut text = format!("{}\n", plan.scenario);
    if !plan.summary.is_empty() {
        text += &format!("  {}\n", plan.summary);
    }
    text += &format!(
        "  {} in all, {} of it warm-up; then up to {} for calls in flight; {}; {world}\n",
        of_clock(plan.end),
        of_clock(plan.warmup_until),
        plan.drain,
        seeds(plan.seed, loaded.seeds()),
    );
    text + &format!("  read from {}\n", files.join(", "))
}

fn seeds(first: Seed, count: u32) -> String {
    match count {
        0 | 1 => format!("seed {}", first.0),
        _ => format!("seeds {} to {}", first.0, first.0.saturating_add(u64::from(count) - 1)),
    }
}

/// The hosts, with whom each calls.
pub(super) fn hosts(plan: &Plan) -> String {
    let mut table = Table::new(&["host", "role", "calls", "preset", "address"]);
    let address = |listen: Option<std::net::SocketAddr>| {
        listen.map_or_else(|| "a free port".to_owned(), |address| address.to_string())
    };
    for (index, host) in (0_u16..).zip(&plan.hosts) {
        let id = HostId(index);
        let name = host.name.clone();
        match host.role {
            Role::Client => {
                if let Some(c) = plan.clients.iter().find(|c| c.host == id) {
                    let target = wording::targets(plan, id);
                    let updates = c.requests.iter().any(|request| request.update);
                    let role = if updates { "client, with updates" } else { "client" };
                    table.row([name, role.into(), target, c.preset.clone(), "–".into()]);
                }
            }
            Role::Gateway => {
                if let Some(g) = plan.gateways.iter().find(|g| g.host == id) {
                    let target = wording::targets(plan, id);
                    table.row([name, "gateway".into(), target, g.preset.clone(), address(g.listen)]);
                }
            }
            Role::Upstream => {
                if let Some((_, u)) = plan.upstream_of(id) {
                    let rows = u.routes.iter().filter(|route| route.row.is_some()).count();
                    let rows = if rows > 0 { format!(", {rows} of rows") } else { String::new() };
                    let routes = count(u.routes.len(), "route") + &rows;
                    table.row([
                        name,
                        format!("upstream, {routes}"),
                        "–".into(),
                        "–".into(),
                        address(u.listen),
                    ]);
                }
            }
        }
    }
    section("Hosts", &table.lines())
}
