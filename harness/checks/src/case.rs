//! A case: one check with the evidence before it.

use upstorm_model::plan::{PlannedCheck, Subject};
use upstorm_model::policy::Retry;
use upstorm_model::recording::{Mark, MarkKind};
use upstorm_model::verdict::{Bound, BoundSource, Doubt, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset, Plan};

use crate::Reading;
use crate::evidence::{Edge, Evidence, Period};
use crate::reading::at_least;

/// One check, what it may look at, and when.
#[derive(Debug)]
pub struct Case<'a> {
    /// What is known.
    pub evidence: &'a Evidence<'a>,
    /// What is asked.
    pub check: &'a PlannedCheck,
    /// The stretches of time it is asked of.
    pub period: Period,
}

impl<'a> Case<'a> {
    /// A check before this evidence.
    #[must_use]
    pub fn new(evidence: &'a Evidence<'a>, check: &'a PlannedCheck) -> Self {
        Self { evidence, check, period: Period::of(evidence.plan, check) }
    }

    /// What should have happened.
    #[must_use]
    pub const fn plan(&self) -> &'a Plan {
        self.evidence.plan
    }

    /// The edge it is about, if it is about one.
    #[must_use]
    pub fn edge(&self) -> Option<&'a Edge<'a>> {
        matches!(self.check.of, Subject::Edge { .. }).then(|| self.evidence.edge(&self.check.of)).flatten()
    }

    /// The retry settings of a host; none where nobody knows them, and where by them it never tries again: what is seen
    /// to try again then does so by settings of its own.
    #[must_use]
    pub fn retry_of(&self, host: HostId) -> Option<&'a Retry> {
        self.plan().policy_of(host).map(|policy| &policy.retry).filter(|retry| retry.max_attempts > 1)
    }

    /// What is told in place of a measurement where somebody changed the scenario by hand while it ran: what the plan
    /// declares is then not what was to happen, so that holding it against what did would prove nothing.
    #[must_use]
    pub fn changed(&self, measure: Measure, unit: Unit) -> Option<Observation> {
        let by_hand = |mark: &Mark| matches!(mark.kind, MarkKind::Changed(_));
        let changes = self.evidence.recording.marks.iter().filter(|mark| by_hand(mark));
        let exhibits: Vec<Exhibit> =
            changes.map(|mark| Exhibit { at: mark.at, call: None, value: 0.0 }).collect();
        let n = exhibits.len() as u64;
        let reading = Reading::of(measure, unit, n).doubted(Some(Doubt::Changed)).exhibits(exhibits);
        (n > 0).then(|| self.judge(reading, at_least(0.0, BoundSource::Rule)))
    }

    /// Judges what was measured.
    #[must_use]
    pub fn judge(&self, reading: Reading, bound: Bound) -> Observation {
        let mut observation = reading.against(bound, self.check.min_samples);
        if observation.doubt == Some(Doubt::RunEnded) && self.evidence.recording.partial {
            // A longer phase would not have helped.
            observation.doubt = Some(Doubt::CutOff);
        }
        if observation.verdict == Verdict::Held && self.may_miss_some() {
            observation.verdict = Verdict::Inconclusive;
            observation.doubt = Some(Doubt::CutOff);
        }
        observation
    }

    /// Whether what would speak against the subject may be missing: calls and attempts are recorded when they end, so those
    /// that were open where a recording was cut off, the longest of all, are not in it. What was planned so long before
    /// that its client had given up on it has ended. The checks that are always on judge what was done, and that is there.
    fn may_miss_some(&self) -> bool {
        let recording = self.evidence.recording;
        let timeouts = self.plan().clients.iter().map(|client| client.timeout.get());
        let calls = recording.calls.iter().map(|call| call.done);
        let attempts = recording.attempts.iter().map(|attempt| attempt.end);
        let cut = || calls.chain(attempts).chain(recording.marks.iter().map(|mark| mark.at)).max();
        let longest = timeouts.clone().max().filter(|_| timeouts.clone().all(|timeout| !timeout.is_zero()));
        let whole = || Some(cut()?.since(Offset::ZERO).saturating_sub(longest?));
        recording.partial
            && self.check.always_on.is_none()
            && whole().is_none_or(|whole| self.period.end().since(Offset::ZERO) > whole)
    }
}
