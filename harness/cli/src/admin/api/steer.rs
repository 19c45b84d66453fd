//! Steering: jumping to a phase, and going back to the scenario as written.
//!
//! Both move the upstreams, and nobody else: callers of the scenario go on as planned.

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_language::diagnostic::codes;
use upstorm_language::nearest;
use upstorm_upstream::{Control, Jump, PlanClock, Word};

use super::names::phase_named;
use super::state::view;
use crate::admin::Desk;
use crate::admin::door::{Asked, Misfit, Problem, Reply};

/// Where to go on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JumpTo {
    /// The phase, by its name.
    phase: String,
    /// True to stay in it: it goes through its steps and ramps and then stands still. Without it, the next phase follows.
    #[serde(default)]
    hold: bool,
}

/// An empty table.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Goes on from the beginning of a phase.
pub(super) fn jump(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    let JumpTo { phase, hold } = wanted(&asked.body)?;
    let phase = phase_named(&desk.plan, &phase).map_err(|misfit| Problem::Misfits(vec![misfit]))?;
    let jump = Jump { to: phase.start, until: hold.then_some(phase.end) };
    let _changing = desk.changing();
    for control in &desk.controls {
        let clock = |at| PlanClock::set(at, jump.to, jump.until);
        let word = Word { by: asked.by.clone(), what: asked.what("jump") };
        drop(desk.books.set(control.host(), clock, || Control::jump(control, jump, word)));
    }
    Ok(Reply::json(StatusCode::OK, &view(desk)))
}

/// Back to the scenario as written.
pub(super) fn reset(desk: &Desk, asked: &Asked) -> Result<Reply, Problem> {
    if !asked.body.is_empty() {
        table(&asked.body, &[])?;
    }
    let _changing = desk.changing();
    for control in &desk.controls {
        let word = Word { by: asked.by.clone(), what: "reset".to_owned() };
        drop(desk.books.taken_back(control.host(), || control.reset(word)));
    }
    desk.books.clear_counters().map_err(|error| Problem::Metrics(error.to_string()))?;
    Ok(Reply::json(StatusCode::OK, &view(desk)))
}

/// A body that is a table with no other keys than these.
fn table(body: &str, known: &[&str]) -> Result<serde_json::Map<String, serde_json::Value>, Problem> {
    let value: serde_json::Value =
        serde_json::from_str(body).map_err(|error| Problem::NotJson(error.to_string()))?;
    let serde_json::Value::Object(table) = value else {
        let misfit = Misfit::of_body(&codes::WRONG_TYPE, "", "the body must be a table".to_owned());
        return Err(Problem::Misfits(vec![misfit]));
    };
    let unknown = |key: &&String| !known.contains(&key.as_str());
    let misfit = |key: &String| {
        let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        let near = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        Misfit::of_body(&codes::UNKNOWN_KEY, &pointer, format!("there is no key `{key}` here")).help(near)
    };
    let misfits: Vec<Misfit> = table.keys().filter(unknown).map(misfit).collect();
    if misfits.is_empty() { Ok(table) } else { Err(Problem::Misfits(misfits)) }
}

fn wanted(body: &str) -> Result<JumpTo, Problem> {
    let table = table(body, &["phase", "hold"])?;
    let mut misfits = Vec::new();
    let phase = table.get("phase");
    if phase.is_none() {
        let message = "a jump needs a `phase`".to_owned();
        misfits.push(Misfit::of_body(&codes::MISSING_KEY, "", message));
    }
    if phase.is_some_and(|phase| !phase.is_string()) {
        misfits.push(Misfit::of_body(&codes::WRONG_TYPE, "/phase", "this must be a name".to_owned()));
    }
    if table.get("hold").is_some_and(|hold| !hold.is_boolean()) {
        misfits.push(Misfit::of_body(&codes::WRONG_TYPE, "/hold", "this must be true or false".to_owned()));
    }
    let hold = table.get("hold").and_then(serde_json::Value::as_bool).unwrap_or_default();
    match phase.and_then(serde_json::Value::as_str) {
        Some(phase) if misfits.is_empty() => Ok(JumpTo { phase: phase.to_owned(), hold }),
        _ => Err(Problem::Misfits(misfits)),
    }
}
