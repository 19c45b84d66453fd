//! The probes stage: which requests are the first after a silence, and what they meet.
//!
//! By arrival, like limit and capacity, and by the host that they come from where the link tells: a breaker is its
//! caller's, and the silence of one is not broken by another. Strangers are one caller together. What a route has heard
//! goes on through all segments, so that a phase may listen for a silence that began before it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Holder, Origin};
use upstorm_model::scenario::{FaultKind, Probes, ScriptStep};
use upstorm_model::{HostId, Offset};

use super::BodyStage;
use crate::given::Given;
use crate::silence::{Listening, Silence};

/// What a route has heard of each caller.
type Heard = Arc<Mutex<BTreeMap<Option<HostId>, Silence>>>;

/// The probes of one route in one segment.
#[derive(Debug)]
pub(crate) struct ProbeStage {
    heard: Heard,
    /// None in a segment in which probes are as all others.
    listening: Option<Listening>,
    never: bool,
    /// How probes end; none where each does as the route has it.
    pub(crate) given: Option<Given>,
}

/// A request that was taken for a probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    /// The number of the silence before it.
    pub(crate) silence: u32,
    /// How long after it came it is answered, where that is held.
    pub(crate) late: Option<Duration>,
    /// True where it is never answered.
    pub(crate) never: bool,
}

/// The probes of one route of an upstream, by their names, across the segments: none where no segment has any.
///
/// # Errors
/// When what they meet cannot be sent: what was wrong.
pub(crate) fn probes(
    path: [&str; 2],
    behaviours: &[&RouteBehaviour],
) -> Result<Vec<Option<ProbeStage>>, String> {
    let listens = behaviours.iter().any(|behaviour| behaviour.probes.is_some());
    let heard = Heard::default();
    let stage = |behaviour: &&RouteBehaviour| {
        let body = BodyStage::compile(&behaviour.body);
        let step = behaviour.probes.as_ref().and_then(step);
        let given = step.map(|step| Given::compile(path, (&step, Origin::Held(Holder::Probe)), &body));
        let listening = behaviour.probes.as_ref().map(|probes| Listening {
            after: probes.after_silence.get(),
            first: probes.first,
            late: probes.late.map(|late| late.get()),
        });
        let never = behaviour.probes.as_ref().is_some_and(|probes| probes.never);
        Ok(ProbeStage { heard: Arc::clone(&heard), listening, never, given: given.transpose()? })
    };
    behaviours.iter().map(|behaviour| listens.then(|| stage(behaviour)).transpose()).collect()
}

/// What is given for a probe, as a step of a script would say it.
fn step(probes: &Probes) -> Option<ScriptStep> {
    let hang = || ScriptStep { fault: Some(FaultKind::Hang {}), ..ScriptStep::default() };
    if probes.never { Some(hang()) } else { probes.then.as_ref().map(|ending| ending.step()) }
}

impl ProbeStage {
    /// Somebody comes from this host; where it is a probe, what of. Who says itself what it meets is heard, and is none.
    pub(crate) fn take(&self, peer: Option<HostId>, head: Offset, demands: bool) -> Option<Probe> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let silence = heard.entry(peer).or_default();
        let Some(listening) = self.listening.filter(|_| !demands) else {
            silence.hear(head);
            return None;
        };
        let number = silence.ends(head, listening)?;
        Some(Probe { silence: number, late: listening.late, never: self.never })
    }

    /// Goes on from what this other one has heard.
    pub(crate) fn share(&mut self, other: &Self) {
        self.heard = Arc::clone(&other.heard);
    }
}
