//! All groups of settings of one gateway or client.

use upstorm_model::policy::PolicySettings;

use super::breaker::breaker;
use super::limits::{deadline, limits, pool};
use super::retry::retry;
use crate::decode::table::TableReader;

/// Policies of the language that this version does not have.
const NOT_YET: &[&str] = &["hedge", "throttle", "outlier", "cache", "auth", "idempotency", "fallback"];

/// The settings of a preset with the table's own over them.
pub(in crate::decode) fn overlaid(
    mut settings: PolicySettings,
    table: &mut TableReader<'_>,
) -> PolicySettings {
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
