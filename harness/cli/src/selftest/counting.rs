//! Counting: whether what was said of a subject is what had to be said of it.
//!
//! A verdict is right only for the right reason: a broken subject that is failed by another measure than the one that shows
//! its defect was failed by luck. Several checks of the kind that is tried count as one.

use std::collections::BTreeMap;

use upstorm_model::verdict::{Measure, SeedRun, Verdict};
use upstorm_reports::selftest::{Astray, Decided, SubjectRow, Tally};

use super::Row;

/// Verdicts that were not right are told of so many seeds, and counted of all.
const MOST_TOLD: usize = 20;

/// What must be said of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It is sound.
    Held,
    /// It is broken, and this measure must show it.
    Failed(Measure),
}

/// What a verdict was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    Right,
    Wrong,
    Inconclusive,
}

/// A subject, with what was said of it so far.
#[derive(Debug)]
pub(super) struct Subject {
    check: &'static str,
    scenario: &'static str,
    expected: Expected,
    sets: Vec<String>,
    taken_for: Option<Vec<String>>,
    command: String,
    verdicts: Tally,
    decided: BTreeMap<Measure, u64>,
    /// By seed, because the runs come in any order.
    astray: BTreeMap<u64, Astray>,
}

impl Subject {
    /// A subject of this row, made by these settings, of which nothing was said yet.
    pub(super) const fn new(row: &Row, expected: Expected, sets: Vec<String>) -> Self {
        Self {
            check: row.check,
            scenario: row.scenario,
            expected,
            sets,
            taken_for: None,
            command: String::new(),
            verdicts: Tally { right: 0, wrong: 0, inconclusive: 0 },
            decided: BTreeMap::new(),
            astray: BTreeMap::new(),
        }
    }

    /// It is judged as if it were made by these settings.
    pub(super) fn taken_for(mut self, sets: Vec<String>) -> Self {
        self.taken_for = Some(sets);
        self
    }

    /// The command that shows a run of it, up to the seed.
    pub(super) fn shown_by(mut self, command: String) -> Self {
        self.command = command;
        self
    }

    /// Counts a run of it.
    pub(super) fn count(&mut self, run: &SeedRun) -> Worth {
        let own = || run.findings.iter().filter(|finding| finding.kind == self.check);
        let verdict = own().map(|finding| finding.verdict).max().unwrap_or(Verdict::Inconclusive);
        let seen = own().flat_map(|finding| &finding.observations);
        let mut measures: Vec<Measure> =
            seen.filter(|o| o.verdict == Verdict::Failed).map(|o| o.measure).collect();
        measures.sort_unstable();
        measures.dedup();
        let worth = self.worth(verdict, &measures);
        measures.iter().for_each(|measure| *self.decided.entry(*measure).or_default() += 1);
        *match worth {
            Worth::Right => &mut self.verdicts.right,
            Worth::Wrong => &mut self.verdicts.wrong,
            Worth::Inconclusive => &mut self.verdicts.inconclusive,
        } += 1;
        if worth != Worth::Right {
            let (seed, command) = (run.seed, format!("{} --seed {}", self.command, run.seed));
            self.astray.insert(seed, Astray { seed, verdict, measures, command });
            if self.astray.len() > MOST_TOLD {
                self.astray.pop_last();
            }
        }
        worth
    }

    /// What the verdict on this run is worth.
    fn worth(&self, verdict: Verdict, failed: &[Measure]) -> Worth {
        match (self.expected, verdict) {
            (Expected::Held, Verdict::Held) => Worth::Right,
            (Expected::Failed(because), Verdict::Failed) if failed.contains(&because) => Worth::Right,
            (_, Verdict::Inconclusive) => Worth::Inconclusive,
            _ => Worth::Wrong,
        }
    }

    /// What was said of it, all in all.
    pub(super) fn row(self) -> SubjectRow {
        let mut decided: Vec<Decided> =
            self.decided.into_iter().map(|(measure, seeds)| Decided { measure, seeds }).collect();
        let (expected, because) = match self.expected {
            Expected::Held => (Verdict::Held, None),
            Expected::Failed(because) => (Verdict::Failed, Some(because)),
        };
        // The one that must decide stands first where it did as often as another.
        decided.sort_by_key(|d| (std::cmp::Reverse(d.seeds), Some(d.measure) != because));
        SubjectRow {
            check: self.check.to_owned(),
            scenario: self.scenario.to_owned(),
            sets: self.sets,
            taken_for: self.taken_for,
            expected,
            because,
            verdicts: self.verdicts,
            decided,
            astray: self.astray.into_values().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use upstorm_model::scenario::Severity;
    use upstorm_model::verdict::{Finding, Observation, Unit};

    use super::*;

    const ROW: Row = Row { check: "herd", scenario: "sabotage/herd", sound: &[], twins: &[] };

    fn observed(measure: Measure, verdict: Verdict) -> Observation {
        serde_json::from_value(serde_json::json!({
            "measure": measure, "value": 1.0, "unit": Unit::Times, "n": 100, "verdict": verdict,
        }))
        .unwrap()
    }

    /// A run in which the herds were found to be this, and the load was not delivered.
    fn run(seed: u64, verdict: Verdict) -> SeedRun {
        let finding = |kind: &str, measure, verdict| Finding {
            check: kind.to_owned(),
            kind: kind.to_owned(),
            subject: String::new(),
            during: Vec::new(),
            severity: Severity::Fail,
            verdict,
            observations: vec![observed(measure, verdict)],
            line: None,
            column: None,
        };
        let load = finding("load-delivered", Measure::LoadSent, Verdict::Failed);
        SeedRun { seed, exit_code: 0, findings: vec![load, finding("herd", Measure::HerdPeak, verdict)] }
    }

    fn counted(expected: Expected) -> SubjectRow {
        let mut subject = Subject::new(&ROW, expected, Vec::new()).shown_by("upstorm run x".to_owned());
        for (seed, verdict) in [(3, Verdict::Failed), (2, Verdict::Inconclusive), (1, Verdict::Held)] {
            subject.count(&run(seed, verdict));
        }
        subject.row()
    }

    #[test]
    fn what_had_to_be_said_is_right_and_anything_else_is_told_with_its_command() {
        let sound = counted(Expected::Held);
        assert_eq!(sound.verdicts, Tally { right: 1, wrong: 1, inconclusive: 1 });
        let told: Vec<_> = sound.astray.iter().map(|a| (a.seed, a.verdict, a.command.as_str())).collect();
        let expected = [
            (2, Verdict::Inconclusive, "upstorm run x --seed 2"),
            (3, Verdict::Failed, "upstorm run x --seed 3"),
        ];
        assert_eq!(told, expected);
        let broken = counted(Expected::Failed(Measure::HerdPeak));
        assert_eq!(broken.verdicts, sound.verdicts);
        assert_eq!(broken.astray.iter().map(|a| a.seed).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(broken.decided, [Decided { measure: Measure::HerdPeak, seeds: 1 }]);
    }

    #[test]
    fn a_failure_by_another_measure_is_luck_and_no_finding_is_no_verdict() {
        assert_eq!(counted(Expected::Failed(Measure::HerdClumps)).verdicts.wrong, 2);
        let mut subject = Subject::new(&ROW, Expected::Held, Vec::new());
        assert_eq!(
            subject.count(&SeedRun { findings: Vec::new(), ..run(1, Verdict::Held) }),
            Worth::Inconclusive
        );
    }

    #[test]
    fn of_many_wrong_verdicts_the_first_are_told_and_all_are_counted() {
        let mut subject = Subject::new(&ROW, Expected::Held, Vec::new());
        (0..100).rev().for_each(|seed| {
            subject.count(&run(seed, Verdict::Failed));
        });
        let row = subject.row();
        assert_eq!(row.verdicts.wrong, 100);
        assert!(row.astray.iter().map(|a| a.seed).eq(0..20));
    }
}
