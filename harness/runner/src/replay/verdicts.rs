//! The verdicts of two performances of one plan, check by check.

use upstorm_model::verdict::{Finding, Verdict};

/// A check that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictDifference {
    /// Its name in the scenario.
    pub check: String,
    /// Whom it is about; empty for the whole run.
    pub subject: String,
    /// What follows from the recording; none if it was not judged there.
    pub recorded: Option<Verdict>,
    /// What follows from the replay; none if it was not judged there.
    pub replayed: Option<Verdict>,
}

/// The checks whose verdicts differ. Findings of one plan come in the plan's order, so they are taken in pairs.
#[must_use]
pub fn compare_verdicts(recorded: &[Finding], replayed: &[Finding]) -> Vec<VerdictDifference> {
    let longest = recorded.len().max(replayed.len());
    let pairs = (0..longest).map(|index| (recorded.get(index), replayed.get(index)));
    pairs.filter_map(|(one, other)| difference(one, other)).collect()
}

fn difference(one: Option<&Finding>, other: Option<&Finding>) -> Option<VerdictDifference> {
    let (recorded, replayed) = (one.map(|f| f.verdict), other.map(|f| f.verdict));
    let named = one.or(other).filter(|_| recorded != replayed)?;
    let (check, subject) = (named.check.clone(), named.subject.clone());
    Some(VerdictDifference { check, subject, recorded, replayed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::scenario::Severity;

    fn finding(check: &str, verdict: Verdict) -> Finding {
        Finding {
            check: check.into(),
            kind: "slo".into(),
            subject: String::new(),
            during: Vec::new(),
            severity: Severity::Fail,
            verdict,
            observations: Vec::new(),
            line: None,
            column: None,
        }
    }

    #[test]
    fn checks_that_came_out_otherwise_are_named() {
        let recorded = [finding("a", Verdict::Held), finding("b", Verdict::Failed)];
        let replayed = [finding("a", Verdict::Held), finding("b", Verdict::Inconclusive)];
        assert!(compare_verdicts(&recorded, &recorded).is_empty());
        let found = compare_verdicts(&recorded, &replayed);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].check.as_str(), found[0].replayed), ("b", Some(Verdict::Inconclusive)));
        assert_eq!(compare_verdicts(&recorded, &replayed[..1])[0].replayed, None);
    }
}
