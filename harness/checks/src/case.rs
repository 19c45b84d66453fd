//! A case: one check with the evidence before it.

use upstorm_model::Plan;
use upstorm_model::plan::{PlannedCheck, Subject};
use upstorm_model::verdict::{Bound, Observation};

use crate::Reading;
use crate::evidence::{Edge, Evidence, Period};

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
        matches!(self.check.of, Subject::Edge { .. }).then(|| self.evidence.edge(self.check.of)).flatten()
    }

    /// Judges what was measured.
    #[must_use]
    pub fn judge(&self, reading: Reading, bound: Bound) -> Observation {
        reading.against(bound, self.check.min_samples)
    }
}
