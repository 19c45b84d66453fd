//! Reach: when the upstreams at the end of an edge could be reached at all.
//!
//! "Nothing arrived" means that a subject held back only while something could have arrived. While nobody listens, or
//! no packet passes, it means nothing. The plan says when that is; where somebody changed the scenario by hand, nobody
//! can.

use std::time::Duration;

use upstorm_model::recording::MarkKind;
use upstorm_model::scenario::{Connect, WorldKind};
use upstorm_model::{HostId, Offset};

use super::Evidence;

/// The times in which attempts over an edge may have been lost before they were recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    cuts: Vec<(Offset, Offset)>,
}

impl Reach {
    /// Of what one host sends to others.
    #[must_use]
    pub fn of(evidence: &Evidence<'_>, to: &[HostId]) -> Self {
        let (plan, recording) = (evidence.plan, evidence.recording);
        if recording.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Changed(_))) {
            return Self { cuts: vec![(Offset::ZERO, Offset::MAX)] };
        }
        let upstreams = || plan.upstreams.iter().filter(|upstream| to.contains(&upstream.host));
        let lossy = |index: usize| {
            upstreams().any(|upstream| upstream.timeline.get(index).is_some_and(|s| loses(&s.connect)))
        };
        let mut cuts: Vec<(Offset, Offset)> = Vec::new();
        for (index, segment) in plan.segments.iter().enumerate() {
            if segment.partitions.is_empty() && !lossy(index) {
                continue;
            }
            match cuts.last_mut() {
                Some(last) if segment.start <= last.1 => last.1 = segment.end,
                _ => cuts.push((segment.start, segment.end)),
            }
        }
        Self { cuts }
    }

    /// Whether everything sent between these times must have arrived.
    #[must_use]
    pub fn throughout(&self, from: Offset, to: Offset) -> bool {
        self.last_cut(from, to).is_none()
    }

    /// The last cut that touches this stretch.
    #[must_use]
    pub fn last_cut(&self, from: Offset, to: Offset) -> Option<(Offset, Offset)> {
        self.cuts.iter().rfind(|(start, end)| *start <= to && from <= *end).copied()
    }
}

/// Whether connections may end before anything of a request is read.
fn loses(connect: &Connect) -> bool {
    let Connect { refuse, blackhole, reset, stall, delay: _ } = connect;
    refuse.is_some() || blackhole.is_some() || reset.is_some() || stall.is_some()
}

impl Evidence<'_> {
    /// How long a packet takes between two hosts and back at most, by the plan; zero over real sockets.
    #[must_use]
    pub fn round_trip(&self, from: HostId, to: &[HostId]) -> Duration {
        if self.plan.world == WorldKind::Real {
            return Duration::ZERO;
        }
        let links = to.iter().map(|to| self.plan.network.link(from, *to));
        links.map(|link| 2 * link.longest()).max().unwrap_or_default()
    }
}
