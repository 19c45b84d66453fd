//! Every fault, as a readable list: help, docs and the completeness test go through it.

use upstorm_model::scenario::FaultKind;

use super::{
    Fault, close, connect_blackhole, connect_delay, connect_refuse, connect_reset, connect_stall,
    content_length, hang, header_flood, malformed, redirect_loop, reset, stall, truncate,
};
use crate::Stage;

/// What is known of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultInfo {
    /// As a scenario writes it: a key of `faults`, or `connect.` and a key of `connect`.
    pub key: &'static str,
    /// When it happens.
    pub stage: Stage,
    /// One line for help.
    pub summary: &'static str,
    /// How it is written, and what is seen of it on the wire.
    pub docs: &'static str,
}

/// Every fault, in the order of their stages.
pub const FAULTS: &[FaultInfo] = &[
    connect_refuse::INFO,
    connect_blackhole::INFO,
    connect_reset::INFO,
    connect_stall::INFO,
    connect_delay::INFO,
    reset::INFO,
    close::INFO,
    hang::INFO,
    truncate::INFO,
    stall::INFO,
    malformed::INFO,
    content_length::INFO,
    redirect_loop::INFO,
    header_flood::INFO,
];

/// The fault that a scenario's entry asks for.
#[must_use]
pub fn fault_of(kind: &FaultKind) -> Box<dyn Fault> {
    match kind {
        FaultKind::Reset(cut) => Box::new(reset::Reset(*cut)),
        FaultKind::Close(cut) => Box::new(close::Close(*cut)),
        FaultKind::Hang {} => Box::new(hang::Hang),
        FaultKind::Truncate { keep } => Box::new(truncate::Truncate(*keep)),
        FaultKind::Stall(written) => Box::new(stall::Stall(*written)),
        FaultKind::Malformed { kind } => Box::new(malformed::Malformed(*kind)),
        FaultKind::ContentLength { off_by } => Box::new(content_length::ContentLength(*off_by)),
        FaultKind::RedirectLoop {} => Box::new(redirect_loop::RedirectLoop),
        FaultKind::HeaderFlood { size } => Box::new(header_flood::HeaderFlood(*size)),
    }
}

/// A response to decide upon, and dice, for the tests beside the faults.
#[cfg(test)]
pub(super) fn probe(body: u64) -> (super::Seen, upstorm_model::Dice) {
    use upstorm_model::{Seed, Stream, scenario::Framing};
    let framing = Some(Framing::ContentLength);
    let seen = super::Seen { call: 1, ordinal: 1, progress: 0.0, body, framing };
    (seen, Seed(1).dice(Stream::named(&["probe"]), 1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::{Connect, Cut, CutAt, Keep, Malformed, Stall};
    use upstorm_model::{ByteSize, TimeSpan};

    fn info(key: &str) -> &'static FaultInfo {
        let found: Vec<_> = FAULTS.iter().filter(|info| info.key == key).collect();
        assert_eq!(found.len(), 1, "{key}");
        found[0]
    }

    #[test]
    fn every_kind_of_fault_is_listed_once_with_its_stage() {
        let cut = Cut::At { at: CutAt::MidBody };
        let kinds = [
            FaultKind::Reset(cut),
            FaultKind::Close(cut),
            FaultKind::Hang {},
            FaultKind::Truncate { keep: Keep::default() },
            FaultKind::Stall(Stall { place: cut, r#for: TimeSpan::from_secs(1).into() }),
            FaultKind::Malformed { kind: Malformed::Json },
            FaultKind::ContentLength { off_by: 1 },
            FaultKind::RedirectLoop {},
            FaultKind::HeaderFlood { size: ByteSize::new(1024) },
        ];
        for kind in &kinds {
            assert_eq!(info(kind.key()).stage, fault_of(kind).stage(), "{kind:?}");
        }
        // Every key of `connect`: a new one does not compile until it is named here.
        let Connect { refuse: _, blackhole: _, reset: _, stall: _, delay: _ } = Connect::default();
        let connect =
            ["connect.refuse", "connect.blackhole", "connect.reset", "connect.stall", "connect.delay"];
        assert!(connect.iter().all(|key| info(key).stage == Stage::Connect));
        assert_eq!(FAULTS.len(), kinds.len() + connect.len());
    }

    #[test]
    fn the_list_is_in_order_and_says_something() {
        assert!(FAULTS.is_sorted_by_key(|info| info.stage));
        for info in FAULTS {
            assert!(!info.summary.is_empty() && !info.summary.ends_with('.'), "{}", info.key);
            let written = info.key.rsplit('.').next().unwrap();
            assert!(info.docs.contains(written) || info.key == "close", "{}", info.key);
        }
    }
}
