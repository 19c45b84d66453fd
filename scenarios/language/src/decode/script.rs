//! `script`: what is met in turn.
//!
//! A step that never ends before the last would hide those after it, and one that ends before it begins would be met by
//! nobody: both are refused where they were written.

use upstorm_model::scenario::{Script, ScriptStep, ScriptTable};

use super::body::body;
use super::fault::certain_fault;
use super::header::response_headers;
use super::http::status;
use super::law::law;
use super::limit::drawn_retry_after;
use super::table::TableReader;
use super::unit::some_time;
use super::value::{count, list, wrong, wrong_type};
use super::word::word;
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::{Node, Value};

/// A recording names a step by one byte.
const MOST: usize = 255;

/// `script = [{ times = 2, status = 503 }, {}]` or `script = { by = "route", steps = [...] }`.
pub(super) fn script(node: &Node, reading: &Reading<'_>) -> Option<Script> {
    match &node.value {
        Value::List(_) => steps(node, reading).map(Script::Steps),
        Value::Table(_) => {
            let mut table = TableReader::open(node, "a script", reading)?;
            let by = table.optional("by", word).unwrap_or_default();
            let steps = table.required("steps", steps);
            table.finish();
            Some(Script::Table(ScriptTable { by, steps: steps? }))
        }
        _ => wrong_type(node, "a list of steps, such as [{ times = 2, status = 503 }, {}]", reading),
    }
}

fn steps(node: &Node, reading: &Reading<'_>) -> Option<Vec<ScriptStep>> {
    let nodes = node.as_list().unwrap_or_default();
    if nodes.len() > MOST {
        let message = format!("a script of {} steps is too long: it may have {MOST}", nodes.len());
        return wrong(&codes::OUT_OF_RANGE, node.at, message, reading);
    }
    let steps = list("steps, such as [{ times = 2, status = 503 }, {}]", step)(node, reading)?;
    let before_last = steps.iter().zip(nodes).take(steps.len().saturating_sub(1));
    let endless: Vec<&Node> =
        before_last.filter(|(step, _)| never_ends(step)).map(|(_, node)| node).collect();
    for node in &endless {
        let message = "this step never ends, so the steps after it are never met";
        let help = "write `times = 2` or `for = \"5s\"`; only the last step may go on for ever";
        reading.report(Diagnostic::new(&codes::MISSING_KEY, message).at(node.at, "").help(help));
    }
    endless.is_empty().then_some(steps)
}

const fn never_ends(step: &ScriptStep) -> bool {
    step.times.is_none() && step.lasts.is_none()
}

fn step(node: &Node, reading: &Reading<'_>) -> Option<ScriptStep> {
    let mut table = TableReader::open(node, "a step of a script", reading)?;
    let bounds = (table.has("times"), table.has("for"));
    let written: Vec<bool> = WRITTEN.iter().map(|key| table.has(key)).collect();
    let step = ScriptStep {
        times: table.optional("times", count(1..=u32::MAX)),
        lasts: table.optional("for", some_time),
        status: table.optional("status", status),
        retry_after: table.optional("retry_after", drawn_retry_after),
        headers: table.optional("headers", response_headers).unwrap_or_default(),
        body: table.optional("body", body),
        latency: table.optional("latency", law),
        fault: table.optional("fault", certain_fault),
    };
    let both = bounds == (true, true);
    if both {
        table.conflict(("times", "for"), "a step goes on for so many attempts or for so long, not both");
    }
    let lonely = !table.has("status") && ["retry_after", "headers", "body"].iter().any(|key| table.has(key));
    if lonely {
        table.missing("a `status`, which its Retry-After, headers or body go with");
    }
    // What was written and could not be read was reported, and must not count as left out.
    let read = [
        step.times.is_some(),
        step.lasts.is_some(),
        step.status.is_some(),
        step.retry_after.is_some(),
        step.body.is_some(),
        step.latency.is_some(),
        step.fault.is_some(),
    ];
    table.finish();
    (!both && !lonely && written == read).then_some(step)
}

/// The keys of a step, in the order in which [`step`] looks whether they could be read.
const WRITTEN: [&str; 7] = ["times", "for", "status", "retry_after", "body", "latency", "fault"];
