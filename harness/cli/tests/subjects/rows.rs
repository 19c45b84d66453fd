//! The rows: each crate, what of it is tried on which ground, and what is found.
//!
//! A verdict here is an expectation: where a crate changes, its row fails and must be read again beside its source.

use upstorm_model::verdict::{Measure, Verdict};

use crate::ground::Build;
use crate::library::{backon, failsafe, recloser, reqwest, tower_resilience, tower_retry};

/// A crate on one ground: one run, perhaps several findings.
pub(crate) struct Row {
    /// The package, as the lock file names it.
    pub(crate) package: &'static str,
    /// What of it.
    pub(crate) feature: &'static str,
    pub(crate) build: Build,
    /// The scenario beside this file.
    pub(crate) scenario: &'static str,
    /// Settings over it, as after `--set`.
    pub(crate) sets: &'static [&'static str],
    pub(crate) finds: &'static [Find],
}

/// What is found, and why.
pub(crate) struct Find {
    /// The name of the check.
    pub(crate) check: &'static str,
    /// What it measures here: the first such observation is shown, and every one of them has the verdict or is held.
    pub(crate) measure: Measure,
    pub(crate) verdict: Verdict,
    /// How its figure is shown.
    pub(crate) figure: Figure,
    /// What explains it, with the file of the crate's source; empty where the find before explains it.
    pub(crate) why: &'static str,
}

/// How a figure is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// As it is: the same in every run with one seed.
    Exact,
    /// On which side of its bound.
    Side,
    /// Not at all: the bound itself is another in each run.
    Unsaid,
}

const fn held(check: &'static str, measure: Measure, why: &'static str) -> Find {
    Find { check, measure, verdict: Verdict::Held, figure: Figure::Side, why }
}

const fn failed(check: &'static str, measure: Measure, why: &'static str) -> Find {
    Find { check, measure, verdict: Verdict::Failed, figure: Figure::Side, why }
}

/// With its figure.
const fn exactly(find: Find) -> Find {
    Find { figure: Figure::Exact, ..find }
}

/// Without a figure.
const fn unsaid(find: Find) -> Find {
    Find { figure: Figure::Unsaid, ..find }
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        package: "tower",
        feature: "`TpsBudget`, ratio 0.2",
        build: tower_retry::cloned,
        scenario: "budget.toml",
        sets: &[],
        finds: &[exactly(held("budget", Measure::RetriesOverBudget, "a retry costs 1/0.2 = 5 deposits"))],
    },
    Row {
        package: "tower",
        feature: "`TpsBudget`, ratio 0.3",
        build: tower_retry::cloned,
        scenario: "budget.toml",
        sets: &["client.shoppers.retry.budget.ratio=30%"],
        finds: &[exactly(failed(
            "budget",
            Measure::RetriesOverBudget,
            "1/0.3 = 3.33 deposits are cut to 3: a third is allowed (`retry/budget/tps_budget.rs`, `new`; tower issue 857)",
        ))],
    },
    Row {
        package: "tower",
        feature: "`TpsBudget`, ratio 0.6",
        build: tower_retry::cloned,
        scenario: "budget.toml",
        sets: &["client.shoppers.retry.budget.ratio=60%"],
        finds: &[exactly(failed(
            "budget",
            Measure::RetriesOverBudget,
            "1/0.6 = 1.67 deposits are cut to 1: a retry for every call (as above)",
        ))],
    },
    Row {
        package: "tower",
        feature: "`TpsBudget`, ttl 10 s",
        build: tower_retry::cloned,
        scenario: "memory.toml",
        sets: &[],
        finds: &[exactly(failed(
            "budget",
            Measure::RetriesOverBudget,
            "its ten slots move on by two where a slot took a little over its tenth, so all is forgotten after 6 s \
             (`retry/budget/tps_budget.rs`, `expire`)",
        ))],
    },
    Row {
        package: "tower",
        feature: "`ExponentialBackoff`, as `Retry` clones it",
        build: tower_retry::cloned,
        scenario: "backoff.toml",
        sets: &[],
        finds: &[
            exactly(held("backoff", Measure::WaitsOutOfBounds, "each wait is one that the law has")),
            exactly(failed(
                "backoff",
                Measure::WaitLawDistance,
                "its generator is cloned with it, so all calls draw the same waits (`retry/backoff.rs`, `make_backoff`)",
            )),
            exactly(failed(
                "jitter",
                Measure::RetrySpread,
                "as above: who failed together comes back together",
            )),
            exactly(failed("jitter", Measure::RetryPeak, "")),
            exactly(failed("jitter", Measure::RepeatedDelays, "")),
        ],
    },
    Row {
        package: "tower",
        feature: "`ExponentialBackoff`, a generator for each call",
        build: tower_retry::separate,
        scenario: "backoff.toml",
        sets: &[],
        finds: &[
            exactly(held("backoff", Measure::WaitLawDistance, "v + U(0, v), as documented")),
            held("backoff", Measure::BackoffFamily, ""),
            exactly(held("jitter", Measure::RetrySpread, "as wide as it says")),
        ],
    },
    Row {
        package: "backon",
        feature: "`ExponentialBuilder::with_jitter`",
        build: backon::exponential,
        scenario: "backoff.toml",
        sets: &[],
        finds: &[
            exactly(held("backoff", Measure::WaitLawDistance, "v + U(0, v), as documented")),
            held("backoff", Measure::BackoffFamily, ""),
            exactly(held("jitter", Measure::RetrySpread, "a generator for each call")),
            exactly(held("jitter", Measure::RepeatedDelays, "")),
        ],
    },
    Row {
        package: "tower-resilience-retry",
        feature: "`ExponentialRandomBackoff`, factor 0.5",
        build: tower_resilience::retry,
        scenario: "backoff.toml",
        sets: &[
            "client.shoppers.retry.backoff.jitter=proportional",
            "client.shoppers.retry.backoff.jitter_factor=0.5",
        ],
        finds: &[
            held("backoff", Measure::WaitLawDistance, "U(½ v, 1½ v), as documented"),
            held("backoff", Measure::BackoffFamily, ""),
            held("jitter", Measure::RetrySpread, "the thread's generator, drawn from for each wait"),
        ],
    },
    Row {
        package: "tower-resilience-circuitbreaker",
        feature: "`consecutive_failures`",
        build: tower_resilience::breaker,
        scenario: "breaker.toml",
        sets: &[],
        finds: &[
            held("breaker", Measure::BreakerOpened, "five failures in a row"),
            held("breaker", Measure::BreakerEarlyAdmissions, "shut for `wait_duration_in_open`"),
            held("breaker", Measure::BreakerProbes, "permits are taken when a probe starts"),
            held("breaker", Measure::BreakerClosed, "as many good probes as permits"),
        ],
    },
    Row {
        package: "tower-resilience-circuitbreaker",
        feature: "`sliding_window_size(100)`",
        build: tower_resilience::breaker,
        scenario: "window.toml",
        sets: &[],
        finds: &[
            failed(
                "breaker",
                Measure::BreakerOpened,
                "the window of calls does not slide, it counts on until the state changes: 600 good calls hide 600 failures (`circuit.rs`, `evaluate_window`)",
            ),
            unsaid(failed("breaker", Measure::BreakerTripOverrun, "")),
        ],
    },
    Row {
        package: "failsafe",
        feature: "`consecutive_failures`",
        build: failsafe::consecutive,
        scenario: "breaker.toml",
        sets: &[],
        finds: &[
            held("breaker", Measure::BreakerOpened, "five failures in a row"),
            held("breaker", Measure::BreakerEarlyAdmissions, "shut for as long as the backoff says"),
            held("breaker", Measure::BreakerClosed, "one good probe"),
            failed(
                "breaker",
                Measure::BreakerProbes,
                "half open, every call is permitted until one has ended (`state_machine.rs`, `is_call_permitted`)",
            ),
        ],
    },
    Row {
        package: "recloser",
        feature: "rings of 20 and 10",
        build: recloser::ring,
        scenario: "breaker.toml",
        sets: &[
            "client.shoppers.breaker.kind=rate",
            "client.shoppers.breaker.window={calls=20}",
            "client.shoppers.breaker.min_calls=20",
        ],
        finds: &[
            held("breaker", Measure::BreakerOpened, "half of the last twenty"),
            held("breaker", Measure::BreakerEarlyAdmissions, "shut for `open_wait`"),
            held("breaker", Measure::BreakerClosed, "a ring of good probes"),
            failed(
                "breaker",
                Measure::BreakerProbes,
                "half open, every call is permitted until the ring of ten is full: no fewer than ten, as documented, and no bound above (`recloser.rs`, `call_permitted`)",
            ),
        ],
    },
    Row {
        package: "reqwest",
        feature: "`retry`, `max_extra_load(0.2)`",
        build: reqwest::client,
        scenario: "extra-load.toml",
        sets: &[],
        finds: &[
            held(
                "budget",
                Measure::RetriesOverBudget,
                "tower's budget: 1/0.2 is whole, and only successes pay in",
            ),
            failed(
                "jitter",
                Measure::RetrySpread,
                "a retry goes out at once: there is no backoff yet (`retry.rs`, `Policy`)",
            ),
            failed("jitter", Measure::RetryPeak, ""),
            failed("jitter", Measure::RepeatedDelays, ""),
        ],
    },
    Row {
        package: "reqwest",
        feature: "`retry`, `max_extra_load(0.55)`",
        build: reqwest::client,
        scenario: "extra-load.toml",
        sets: &["client.shoppers.retry.budget.ratio=55%"],
        finds: &[
            failed(
                "budget",
                Measure::RetriesOverBudget,
                "tower's budget cuts 1/0.55 = 1.8 to 1: a retry for every success (`retry.rs`, `into_policy`)",
            ),
            failed("jitter", Measure::RetrySpread, "as above"),
            failed("jitter", Measure::RetryPeak, ""),
            failed("jitter", Measure::RepeatedDelays, ""),
        ],
    },
];
