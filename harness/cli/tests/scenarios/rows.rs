//! The table: each built-in scenario, what breaks its subject, and the checks that must then fail.

use std::collections::BTreeSet;

use upstorm_language::library::BUILT_IN;

/// A scenario and its broken twins; the first is the one that real sockets are asked about.
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    pub(crate) twins: &'static [Twin],
}

/// The preset that stands in for the sound one, and the checks that must then fail.
pub(crate) struct Twin {
    pub(crate) preset: &'static str,
    pub(crate) fails: &'static [&'static str],
}

impl Twin {
    /// The override that puts it into a scenario.
    pub(crate) fn set(&self) -> String {
        format!("{SET}{}", self.preset)
    }
}

const SET: &str = "gateway.edge.preset=";

pub(crate) const ROWS: &[Row] = &[
    Row { scenario: "steady", twins: &[Twin { preset: "none", fails: &["keeps its promises"] }] },
    Row {
        scenario: "retry-storm",
        twins: &[
            Twin { preset: "naive", fails: &["amplification", "retry budget", "jitter"] },
            Twin { preset: "no-budget", fails: &["amplification", "retry budget"] },
            Twin { preset: "no-jitter", fails: &["jitter"] },
        ],
    },
    Row {
        scenario: "brownout",
        twins: &[
            Twin { preset: "no-jitter", fails: &["jitter"] },
            Twin { preset: "none", fails: &["keeps its promises in the brownout"] },
        ],
    },
    Row {
        scenario: "hard-outage",
        twins: &[Twin { preset: "stuck-half-open", fails: &["breaker", "recovers"] }],
    },
    Row {
        scenario: "rate-limited",
        twins: &[Twin { preset: "ignores-retry-after", fails: &["waits as long as it was told"] }],
    },
    Row {
        scenario: "connection-resets",
        twins: &[
            Twin { preset: "none", fails: &["keeps its promises"] },
            Twin { preset: "naive", fails: &["jitter"] },
        ],
    },
    Row {
        scenario: "partition",
        twins: &[Twin { preset: "stuck-half-open", fails: &["breaker", "recovers"] }],
    },
];

#[test]
fn every_built_in_scenario_and_every_twin_that_its_story_names_is_in_the_table() {
    for scenario in BUILT_IN {
        let row = ROWS.iter().find(|row| row.scenario == scenario.name);
        let listed: BTreeSet<String> =
            row.into_iter().flat_map(|row| row.twins).map(|twin| twin.preset.to_owned()).collect();
        let mark = format!("--set {SET}");
        let named: BTreeSet<String> = scenario
            .text
            .split(mark.as_str())
            .skip(1)
            .filter_map(|rest| rest.split('`').next())
            .map(str::to_owned)
            .collect();
        assert_eq!(listed, named, "{}", scenario.name);
    }
}
