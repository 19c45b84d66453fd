//! The turnaround: what lies between two attempts of a call besides the wait of its backoff.
//!
//! The upstream sees the end of one attempt and the head of the next. In between the answer travels back, the subject
//! thinks, perhaps a connection is made, and the next head travels here. Over simulated links the way is known from the
//! plan; over real sockets it is taken from the first attempts, whose way from the client through the subject to here is
//! of the same kind: the tenth that was quickest, because what waits in a queue is no way.

use std::time::Duration;

use upstorm_model::recording::{Attempt, End};
use upstorm_model::scenario::WorldKind;

use super::{Edge, Evidence};
use crate::statistics::quantile;

/// What one hop of a subject takes, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Turnaround {
    /// One way, by the plan; zero over real sockets.
    one_way: f64,
    /// How much longer a way may take.
    jitter: f64,
    /// What the subject itself and real links take.
    own: f64,
}

impl Turnaround {
    /// Of an edge whose attempts come straight from its sender.
    #[must_use]
    pub fn of(evidence: &Evidence<'_>, edge: &Edge<'_>) -> Self {
        let plan = evidence.plan;
        if plan.world == WorldKind::Real {
            return Self { one_way: 0.0, jitter: 0.0, own: quickest(edge) };
        }
        let links = edge.hop.1.iter().map(|to| plan.network.link(edge.hop.0, *to));
        let times = links.map(|l| (l.typical(), l.longest()));
        let (typical, longest) = times.max().unwrap_or_default();
        Self { one_way: typical.as_secs_f64(), jitter: (longest - typical).as_secs_f64(), own: 0.0 }
    }

    /// The wait of the subject between two attempts, in seconds; below zero by as much as it was guessed too long.
    #[must_use]
    pub fn wait(&self, before: &Attempt, next: &Attempt) -> f64 {
        // A new connection is asked for when the wait is over; its head comes a round trip later.
        let fresh = next.request == 0 && next.accepted > before.end;
        let came = if fresh { next.accepted } else { next.head };
        // A caller that gives up does so before that is seen here: there is no way back to wait for.
        let left = matches!(before.ended, End::CallerLeft | End::CallerReset);
        let ways = if left { 0.0 } else { 2.0 };
        came.signed_secs_from(before.end) - ways * self.one_way - if left { 0.0 } else { self.own }
    }

    /// How much the way may make a wait seem shorter or longer than it was; nothing over simulated links without jitter.
    #[must_use]
    pub const fn blur(&self) -> f64 {
        2.0 * self.jitter + self.own
    }

    /// How much a wait may seem shorter than it was.
    #[must_use]
    pub fn early(&self) -> f64 {
        0.002 + 2.0 * self.jitter + self.own
    }

    /// How much a wait may seem longer than it was: a connection is made on the way, a machine is busy.
    #[must_use]
    pub fn late(&self) -> f64 {
        0.005 + 4.0 * self.jitter + 2.0 * self.one_way + 2.0 * self.own
    }
}

/// How long the quickest tenth of the first attempts were on their way, in seconds.
fn quickest(edge: &Edge<'_>) -> f64 {
    let sent = edge.sent();
    let way = |a: &Attempt| Some(a.head.since(sent.call(a.keys.call?)?.sent));
    let mut ways: Vec<f64> =
        edge.calls().filter_map(|c| way(c.first())).map(|way: Duration| way.as_secs_f64()).collect();
    ways.sort_by(f64::total_cmp);
    quantile(&ways, 0.1).unwrap_or(0.0)
}
