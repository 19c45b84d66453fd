//! How many retries a budget will allow, whichever its kind.
//!
//! A check of retries that the budget refuses has nothing to look at. These are expectations for "far too few", taken
//! over the whole of what a check looks at; how a budget runs down and fills up again meanwhile is left out.

use upstorm_model::policy::{Budget, BudgetKind, Retry};

/// What is expected before the budget has its say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Calls.
    pub(super) calls: f64,
    /// Those that succeed with their first attempt.
    pub(super) succeeded: f64,
    /// Retries.
    pub(super) retries: f64,
    /// Seconds over which.
    pub(super) length: f64,
}

/// The share of the wanted retries that will be made.
pub(super) fn granted(retry: &Retry, wanted: Wanted) -> f64 {
    let allowed = allowed(retry, wanted);
    if wanted.retries > 0.0 { (allowed / wanted.retries).min(1.0) } else { 1.0 }
}

fn allowed(retry: &Retry, wanted: Wanted) -> f64 {
    let budget = &retry.budget;
    match budget.kind {
        BudgetKind::None => f64::INFINITY,
        BudgetKind::RatioWindow => {
            let ttl = budget.ttl.as_secs_f64();
            budget.ratio.get() * wanted.calls + budget.min_per_sec * (wanted.length + ttl)
        }
        BudgetKind::ClientRatio => {
            let share = budget.ratio.get().min(0.99);
            wanted.calls * share / (1.0 - share) + 1.0
        }
        // A full bucket, and what the good calls put in: a token each.
        BudgetKind::TokenBucket => {
            (f64::from(budget.capacity) + wanted.succeeded) / f64::from(budget.retry_cost.max(1))
        }
        BudgetKind::ThresholdBucket => threshold(budget, wanted),
        BudgetKind::Concurrency => concurrency(retry, wanted),
    }
}

/// All of them while successes fill what failures take; else those until it is half empty.
fn threshold(budget: &Budget, wanted: Wanted) -> f64 {
    let failed = (wanted.calls - wanted.succeeded).max(0.0);
    if wanted.succeeded * budget.token_ratio >= failed + wanted.retries {
        return f64::INFINITY;
    }
    f64::from(budget.max_tokens) / 2.0
}

/// So many at a time, each for about its first wait.
fn concurrency(retry: &Retry, wanted: Wanted) -> f64 {
    let (budget, wait) = (&retry.budget, retry.backoff.base.min(retry.backoff.max).as_secs_f64() / 2.0);
    let places = f64::from(budget.max_retries.unwrap_or(budget.min_retry_concurrency));
    if wait > 0.0 { places * (wanted.length / wait).max(1.0) } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::policy::Preset;

    /// A minute of 100 calls a second, of which none or nearly all succeed.
    fn share(preset: &str, succeeded: f64) -> f64 {
        let retry = Preset::named(preset).unwrap().settings().retry;
        let retries = (6000.0 - succeeded) * 2.0;
        granted(&retry, Wanted { calls: 6000.0, succeeded, retries, length: 60.0 })
    }

    #[test]
    fn while_everything_fails_each_kind_allows_what_it_is_known_for() {
        for (preset, retries) in
            [("standard", 1900.0), ("sre", 667.0), ("aws-2026", 35.7), ("grpc", 5.0), ("no-budget", 12_000.0)]
        {
            let made = share(preset, 0.0) * 12_000.0;
            assert!((made - retries).abs() < 2.0, "{preset}: {made}");
        }
    }

    #[test]
    fn where_little_fails_all_are_made() {
        for preset in ["standard", "sre", "aws-2026", "grpc", "envoy"] {
            assert!((share(preset, 5990.0) - 1.0).abs() < 1e-9, "{preset}");
        }
    }
}
