//! All statistical observations of a run judged together: one stated error for the whole run.
//!
//! A check at 5 % is wrong once in twenty runs, and a scenario with twenty of them in most. What a statistical
//! observation would fail by goes through Holm's procedure (statistics/holm.rs) over every statistical observation of the
//! run, held ones included: what chance would do somewhere among so many is Inconclusive, however many checks are asked
//! for. Invariants have no chance and stay as they are. The checks that are always on judge the harness, at an error of their own that is a thousand times smaller, and
//! take no part; nor does an observation that has another reason to be doubted.

use upstorm_model::verdict::{Doubt, Finding, Observation, Verdict};

use crate::statistics::rejected;

/// The error of all statistical observations of a run together: a sound subject is failed at most once in ten thousand
/// runs. One in a hundred is the most that is allowed, and would stop a build every few weeks where it runs with every
/// change; what is broken is broken by far more than either.
const FAMILY_ERROR: f64 = 1e-4;

/// Takes back what chance alone may have failed, and what follows for each finding. `family` tells whose observations
/// are judged together.
pub(crate) fn together(findings: &mut [Finding], family: impl Fn(&Finding) -> bool) {
    let judged = findings.iter_mut().filter(|f| family(f)).flat_map(|f| &mut f.observations);
    let mut judged: Vec<&mut Observation> = judged.filter(|o| is_test(o)).collect();
    let chances: Vec<f64> = judged.iter().filter_map(|o| o.p_value).collect();
    for (observation, sure) in judged.iter_mut().zip(rejected(&chances, FAMILY_ERROR)) {
        if observation.verdict == Verdict::Failed && !sure {
            observation.verdict = Verdict::Inconclusive;
            observation.doubt = Some(Doubt::Undecided);
        }
    }
    for finding in findings {
        finding.verdict = Finding::verdict_of(&finding.observations);
    }
}

/// Whether an observation was held against chance, and may be believed.
fn is_test(o: &Observation) -> bool {
    o.p_value.is_some() && matches!(o.doubt, None | Some(Doubt::Undecided))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;
    use crate::reading::at_most;
    use upstorm_model::scenario::Severity;
    use upstorm_model::verdict::{BoundSource, Measure, Unit};

    /// Fails by its value, with this chance; an invariant without one.
    fn failing(chance: Option<f64>) -> Observation {
        let reading = Reading::of(Measure::ErrorShare, Unit::Ratio, 100).value(Some(0.5)).chance(chance);
        reading.against(at_most(0.1, BoundSource::Scenario), None)
    }

    fn holding(chance: f64) -> Observation {
        let reading = Reading::of(Measure::ErrorShare, Unit::Ratio, 100).value(Some(0.05)).chance(chance);
        reading.against(at_most(0.1, BoundSource::Scenario), None)
    }

    fn finding(observations: Vec<Observation>) -> Finding {
        Finding {
            check: "any".into(),
            kind: "slo".into(),
            subject: String::new(),
            during: Vec::new(),
            severity: Severity::Fail,
            verdict: Finding::verdict_of(&observations),
            observations,
            line: None,
            column: None,
        }
    }

    fn settled(observations: Vec<Observation>) -> Vec<Verdict> {
        let mut findings: Vec<Finding> = observations.into_iter().map(|o| finding(vec![o])).collect();
        together(&mut findings, |_| true);
        findings.iter().map(|f| f.verdict).collect()
    }

    #[test]
    fn a_borderline_failure_stands_alone_but_not_among_many() {
        assert_eq!(settled(vec![failing(Some(4e-5))]), [Verdict::Failed]);
        let mut many = vec![failing(Some(4e-5))];
        many.extend((0..5).map(|_| holding(0.6)));
        let verdicts = settled(many);
        assert_eq!(verdicts[0], Verdict::Inconclusive);
        assert!(verdicts[1..].iter().all(|v| *v == Verdict::Held));
    }

    #[test]
    fn sure_failures_and_invariants_stay_and_make_room_for_the_next() {
        // 1e-9 falls first; 4e-5 then stands among three, where 1e-4/3 is too little for it.
        let mixed = vec![failing(Some(1e-9)), failing(None), failing(Some(4e-5)), holding(0.5), holding(0.9)];
        use Verdict::{Failed, Held, Inconclusive};
        assert_eq!(settled(mixed), [Failed, Failed, Inconclusive, Held, Held]);
        assert_eq!(settled(vec![failing(Some(1e-9)), failing(Some(4e-5))]), [Failed, Failed]);
    }

    #[test]
    fn doubted_observations_and_other_families_take_no_part() {
        let doubted =
            Observation { doubt: Some(Doubt::Ambiguous), verdict: Verdict::Inconclusive, ..holding(0.5) };
        let mut all = vec![failing(Some(4e-5))];
        all.extend((0..5).map(|_| doubted.clone()));
        assert_eq!(settled(all)[0], Verdict::Failed);
        let mut apart = vec![finding(vec![failing(Some(4e-5))]), finding(vec![holding(0.5), holding(0.5)])];
        apart[1].kind = "faults-injected".into();
        together(&mut apart, |f| f.kind == "slo");
        assert_eq!(apart[0].verdict, Verdict::Failed);
    }

    #[test]
    fn a_finding_follows_its_observations_and_says_why() {
        let mut one = [finding(vec![failing(Some(2e-4)), holding(0.5)])];
        together(&mut one, |_| true);
        assert_eq!(one[0].verdict, Verdict::Inconclusive);
        assert_eq!(one[0].observations[0].doubt, Some(Doubt::Undecided));
        assert_eq!(one[0].observations[0].p_value, Some(2e-4));
        together(&mut [], |_| true);
    }
}
