//! Slack: how much later than it was, by links and machine, a caller's leaving may be seen.
//!
//! The head of an attempt comes one way late and the FIN or RST of who gives up one way late: what they differ by is the
//! links' jitter. A call is over where its client is; what follows has the whole way to go. 10 ms more are for what hosts
//! do in between. Over real sockets the machine's own delays come on top: 15 ms, and twice the worst that a sleep of the
//! harness was late by.

use std::time::Duration;

use upstorm_model::recording::MarkKind;
use upstorm_model::scenario::WorldKind;

use crate::evidence::{Edge, Evidence};

/// What hosts do in between.
const OWN: Duration = Duration::from_millis(10);
/// What a machine does besides.
const MACHINE: Duration = Duration::from_millis(15);

/// The ε of a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slack {
    /// Of when an attempt was given up.
    pub(super) attempt: Duration,
    /// Of when that was seen after its call was over.
    pub(super) call: Duration,
}

impl Slack {
    /// Of an edge whose attempts come straight from its sender.
    pub(super) fn of(evidence: &Evidence<'_>, edge: &Edge<'_>) -> Self {
        let plan = evidence.plan;
        if plan.world == WorldKind::Real {
            let noise =
                |kind: &MarkKind| if let MarkKind::HostNoise(nanos) = kind { Some(*nanos) } else { None };
            let worst = evidence.recording.marks.iter().filter_map(|mark| noise(&mark.kind)).max();
            let slack = OWN + MACHINE + Duration::from_nanos(worst.unwrap_or_default()).saturating_mul(2);
            return Self { attempt: slack, call: slack };
        }
        let links = edge.hop.1.iter().map(|to| plan.network.link(edge.hop.0, *to));
        let jitter =
            links.map(|link| link.longest().saturating_sub(link.typical())).max().unwrap_or_default();
        let clients = evidence.clients_over((edge.hop.0, &edge.hop.1));
        let way = clients.into_iter().map(|client| evidence.way(client)).max().unwrap_or_default();
        Self { attempt: OWN + jitter * 2, call: OWN + way }
    }
}
