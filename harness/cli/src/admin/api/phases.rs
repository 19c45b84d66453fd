//! The phases of the scenario: when each begins by the plan, and which is in force.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::names::{phase_of, upstreams};
use crate::admin::Desk;
use crate::admin::door::{Asked, Problem, Reply};

/// The phases.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PhasesView {
    /// When warm-up ends, in seconds.
    warmup_until: f64,
    /// In their order.
    phases: Vec<PhaseView>,
}

/// A phase.
#[derive(Debug, Serialize, JsonSchema)]
struct PhaseView {
    /// Its name.
    name: String,
    /// When it begins by the plan, in seconds.
    start: f64,
    /// When it ends by the plan, in seconds.
    end: f64,
    /// The upstreams that are in it now.
    in_force_at: Vec<String>,
}

/// All of them.
pub(super) fn read(desk: &Desk, _: &Asked) -> Result<Reply, Problem> {
    let plan = &desk.plan;
    let now: Vec<(&str, Option<&str>)> = upstreams(desk)
        .map(|(name, control, _)| (name, phase_of(plan, control.standing().segment)))
        .collect();
    let phases = plan.phases.iter().map(|phase| PhaseView {
        name: phase.name.clone(),
        start: phase.start.as_secs_f64(),
        end: phase.end.as_secs_f64(),
        in_force_at: now
            .iter()
            .filter(|(_, at)| *at == Some(&phase.name))
            .map(|(u, _)| (*u).to_owned())
            .collect(),
    });
    let view = PhasesView { warmup_until: plan.warmup_until.as_secs_f64(), phases: phases.collect() };
    Ok(Reply::json(StatusCode::OK, &view))
}
