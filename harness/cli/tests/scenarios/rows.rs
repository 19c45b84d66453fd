//! The table: each built-in scenario, what breaks its subject, and the checks that must then fail.

use std::collections::BTreeSet;

use upstorm_language::library::BUILT_IN;

/// A scenario and its broken twins; the first is the one that real sockets are asked about.
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    pub(crate) twins: &'static [Twin],
}

/// What breaks the subject, and the checks that must then fail.
pub(crate) struct Twin {
    /// The overrides, as after `--set`.
    pub(crate) sets: &'static [&'static str],
    pub(crate) fails: &'static [&'static str],
}

impl Twin {
    /// As the story of its scenario names it.
    pub(crate) fn told(&self) -> String {
        self.sets.iter().map(|set| format!("--set {set}")).collect::<Vec<_>>().join(" ")
    }
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        scenario: "steady",
        twins: &[Twin { sets: &["gateway.edge.preset=none"], fails: &["keeps its promises"] }],
    },
    Row {
        scenario: "retry-storm",
        twins: &[
            Twin {
                sets: &["gateway.edge.preset=naive"],
                fails: &["amplification", "retry budget", "jitter"],
            },
            Twin { sets: &["gateway.edge.preset=no-budget"], fails: &["amplification", "retry budget"] },
            Twin { sets: &["gateway.edge.preset=no-jitter"], fails: &["jitter"] },
        ],
    },
    Row {
        scenario: "brownout",
        twins: &[
            Twin { sets: &["gateway.edge.preset=no-jitter"], fails: &["jitter"] },
            Twin { sets: &["gateway.edge.preset=none"], fails: &["keeps its promises in the brownout"] },
        ],
    },
    Row {
        scenario: "hard-outage",
        twins: &[Twin { sets: &["gateway.edge.preset=stuck-half-open"], fails: &["breaker", "recovers"] }],
    },
    Row {
        scenario: "rate-limited",
        twins: &[Twin {
            sets: &["gateway.edge.preset=ignores-retry-after"],
            fails: &["waits as long as it was told"],
        }],
    },
    Row {
        scenario: "connection-resets",
        twins: &[
            Twin { sets: &["gateway.edge.preset=none"], fails: &["keeps its promises"] },
            Twin { sets: &["gateway.edge.preset=naive"], fails: &["jitter"] },
        ],
    },
    Row {
        scenario: "partition",
        twins: &[Twin { sets: &["gateway.edge.preset=stuck-half-open"], fails: &["breaker", "recovers"] }],
    },
    Row {
        scenario: "flapping",
        twins: &[
            Twin { sets: &["gateway.edge.preset=naive"], fails: &["amplification"] },
            Twin { sets: &["gateway.edge.breaker.open_for=60s"], fails: &["recovers"] },
        ],
    },
    Row {
        scenario: "retry-after",
        twins: &[Twin {
            sets: &["gateway.edge.preset=ignores-retry-after"],
            fails: &["waits as long as it was told"],
        }],
    },
    Row {
        scenario: "slow-body",
        twins: &[Twin {
            sets: &["gateway.edge.deadline.per_try=60s", "gateway.edge.deadline.total=60s"],
            fails: &["shoppers never notice"],
        }],
    },
    Row {
        scenario: "malformed-response",
        twins: &[Twin { sets: &["gateway.edge.preset=none"], fails: &["shoppers do not notice"] }],
    },
    Row {
        scenario: "truncated-body",
        twins: &[Twin { sets: &["gateway.edge.breaker.failure=[\"5xx\"]"], fails: &["breaker"] }],
    },
    Row {
        scenario: "thundering-herd",
        twins: &[Twin { sets: &["gateway.edge.preset=no-jitter"], fails: &["comes back one by one"] }],
    },
    Row {
        scenario: "metastable",
        twins: &[Twin { sets: &["client.shoppers.rate=80/s"], fails: &["recovers", "retries end"] }],
    },
    Row {
        scenario: "cold-start",
        twins: &[Twin {
            sets: &["gateway.edge.preset=naive"],
            fails: &["recovers", "retries leave it alone"],
        }],
    },
    Row {
        scenario: "nested-retries",
        twins: &[Twin {
            sets: &["gateway.shop.preset=naive", "gateway.cart.preset=naive", "gateway.billing.preset=naive"],
            fails: &["one layer retries, and keeps a budget"],
        }],
    },
    Row {
        scenario: "one-slow-replica",
        twins: &[Twin { sets: &["gateway.edge.balance=round-robin"], fails: &["most do not notice"] }],
    },
    Row {
        scenario: "region-failover",
        twins: &[Twin {
            sets: &["gateway.edge.failover.on=[\"502\"]"],
            fails: &["west takes over", "shoppers are served"],
        }],
    },
    Row {
        scenario: "stale-cache",
        twins: &[
            Twin { sets: &["gateway.edge.cache.serve_stale=always"], fails: &["no answer is too old"] },
            Twin { sets: &["gateway.edge.cache.stale_if_error=0s"], fails: &["shoppers do not notice"] },
        ],
    },
    Row {
        scenario: "noisy-neighbour",
        twins: &[Twin {
            sets: &[
                "gateway.edge.breaker.failure=[\"5xx\",\"429\"]",
                "gateway.edge.breaker.failure_rate=25%",
            ],
            fails: &["globex does not notice"],
        }],
    },
    Row {
        scenario: "llm-provider",
        twins: &[
            Twin {
                sets: &["gateway.edge.preset=ignores-retry-after"],
                fails: &["waits as long as it was told"],
            },
            Twin { sets: &["gateway.edge.retry.retry_on=[\"429\"]"], fails: &["an overload is hidden"] },
        ],
    },
];

#[test]
fn every_built_in_scenario_and_every_twin_that_its_story_names_is_in_the_table() {
    for scenario in BUILT_IN {
        let row = ROWS.iter().find(|row| row.scenario == scenario.name);
        let listed: BTreeSet<String> = row.into_iter().flat_map(|row| row.twins).map(Twin::told).collect();
        let named: BTreeSet<String> = scenario
            .text
            .lines()
            .filter(|line| line.starts_with('#'))
            .flat_map(|line| line.split('`').filter(|part| part.starts_with("--set ")))
            .map(str::to_owned)
            .collect();
        assert_eq!(listed, named, "{}", scenario.name);
    }
}
