//! Policy settings of a gateway or client: a preset, with what was written laid over it key by key.

mod breaker;
mod limits;
mod preset;
mod retry;

pub(super) use preset::preset;

use upstorm_model::policy::PolicySettings;

use super::table::TableReader;
use breaker::breaker;
use limits::{deadline, limits, pool};
use retry::retry;

/// Policies of the language that this version does not have.
const NOT_YET: &[&str] = &["hedge", "throttle", "outlier", "cache", "auth", "idempotency", "fallback"];

/// The settings of a preset with the table's own over them.
pub(super) fn overlaid(mut settings: PolicySettings, table: &mut TableReader<'_>) -> PolicySettings {
    table.refuse(NOT_YET);
    let reading = table.reading();
    if let Some(node) = table.take("deadline") {
        deadline(&mut settings.deadline, node, reading);
    }
    if let Some(node) = table.take("pool") {
        pool(&mut settings.pool, node, reading);
    }
    if let Some(node) = table.take("limits") {
        limits(&mut settings.limits, node, reading);
    }
    if let Some(node) = table.take("retry") {
        retry(&mut settings.retry, node, reading);
    }
    if let Some(node) = table.take("breaker") {
        breaker(&mut settings.breaker, node, reading);
    }
    settings
}
