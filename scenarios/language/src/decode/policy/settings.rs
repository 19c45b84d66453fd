//! All groups of settings of one gateway or client.

use upstorm_model::policy::PolicySettings;

use super::breaker::breaker;
use super::cache::cache;
use super::failover::failover;
use super::fallback::fallback;
use super::hedge::hedge;
use super::limits::{deadline, limits, pool};
use super::outlier::outlier;
use super::retry::retry;
use super::throttle::throttle;
use crate::decode::table::TableReader;
use crate::decode::word::word;

/// Policies of the language that this version does not have.
const NOT_YET: &[&str] = &["auth", "idempotency"];

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
    if let Some(node) = table.take("throttle") {
        throttle(&mut settings.throttle, node, reading);
    }
    table.lay("balance", &mut settings.balance, word);
    if let Some(node) = table.take("outlier") {
        outlier(&mut settings.outlier, node, reading);
    }
    if let Some(node) = table.take("failover") {
        failover(&mut settings.failover, node, reading);
    }
    if let Some(node) = table.take("hedge") {
        hedge(&mut settings.hedge, node, reading);
    }
    if let Some(node) = table.take("cache") {
        cache(&mut settings.cache, node, reading);
    }
    if let Some(node) = table.take("fallback") {
        fallback(&mut settings.fallback, node, reading);
    }
    settings
}
