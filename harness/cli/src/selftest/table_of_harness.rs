//! The rows of the checks that are always on.
//!
//! They judge the harness: whether faults, load and latency were those that the plan declares. No setting makes it break its
//! own plan, so most of these subjects are runs of something else, put before the judge as if it had been declared.

use upstorm_model::verdict::Measure::*;

use super::row::{Row, broken, disguised};

/// The rows, by check.
pub(super) const HARNESS: &[Row] = &[
    Row {
        check: "faults-injected",
        scenario: "sabotage/harness",
        sound: &[],
        twins: &[
            disguised(&[r#"upstream.payments.status={200="100%"}"#], FaultShare),
            disguised(&["upstream.payments.faults=[]"], FaultShare),
            disguised(&["phase.limited.upstream.payments.limit.rate=500/s"], FaultShare),
            disguised(&["phase.gone.upstream.payments.connect.refuse=0%"], FaultShare),
            disguised(
                &["phase.failing.upstream.payments.route.turns.script.steps=[{times=6,status=503},{}]"],
                FaultShare,
            ),
        ],
    },
    Row {
        check: "faults-injected",
        scenario: "sabotage/jitter-cohort",
        sound: &[],
        twins: &[disguised(&["phase.cohort.upstream.payments.hold.then.status=500"], FaultShare)],
    },
    Row {
        check: "faults-injected",
        scenario: "sabotage/herd-waves",
        sound: &[],
        twins: &[disguised(&["phase.waves.upstream.payments.hold.then.status=500"], FaultShare)],
    },
    Row {
        check: "faults-injected",
        scenario: "sabotage/breaker-probes",
        sound: &[],
        twins: &[disguised(&["phase.slow.upstream.payments.probes.late=200ms"], FaultShare)],
    },
    Row {
        check: "load-delivered",
        scenario: "sabotage/harness",
        sound: &[],
        twins: &[
            disguised(&["client.shoppers.rate=60/s"], LoadSent),
            broken(&["client.shoppers.max_in_flight=1"], LoadShed),
        ],
    },
    Row {
        check: "latency-law",
        scenario: "sabotage/harness",
        sound: &[],
        twins: &[disguised(&["upstream.payments.latency.uniform.max=80ms"], LatencyLawDistance)],
    },
    Row {
        check: "attempts-accounted",
        scenario: "sabotage/harness",
        sound: &[],
        twins: &[disguised(&[r#"gateway.edge.fallback={kind="answer",status=200}"#], UnexplainedCalls)],
    },
];
