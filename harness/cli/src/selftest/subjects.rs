//! The subjects of the sabotage table: made from its rows, tried, and counted.

use std::num::NonZero;

use upstorm_model::Plan;
use upstorm_reports::selftest::SelftestResults;
use upstorm_runner::{ExitCode, Trial};

use super::Row;
use super::asked::{Found, Selftest};
use super::counting::{Expected, Subject};
use super::row::Twin;
use crate::again;
use crate::failure::Failure;
use crate::input::Input;

/// With how many seeds each subject is tried, unless told otherwise.
const SEEDS: u32 = 20;

/// A subject before it is tried.
type Prepared = (Trial, Subject);

impl Selftest {
    /// Tries the subjects of these rows.
    pub(crate) fn try_rows(&self, rows: &[&Row]) -> Result<(SelftestResults, ExitCode), Failure> {
        let prepared: Vec<Vec<Prepared>> =
            rows.iter().map(|row| self.prepared(row)).collect::<Result<_, _>>()?;
        let (trials, mut subjects): (Vec<Trial>, Vec<Subject>) = prepared.into_iter().flatten().unzip();
        let ended = self.perform(&trials, |index, run| subjects[index].count(&run))?;
        let subjects = subjects.into_iter().map(Subject::row).collect();
        Ok(self.results(Found { subjects, ..Found::default() }, &ended))
    }

    /// The sound subject of a row, and then its broken ones.
    fn prepared(&self, row: &Row) -> Result<Vec<Prepared>, Failure> {
        let (sound, overrides) = self.load(row.scenario, owned(&[row.sound]))?;
        let subject = Subject::new(row, Expected::Held, overrides.sets.clone());
        let subject = subject.shown_by(again::up_to_the_seed(&sound, &overrides));
        let mut all = vec![(self.trial(&sound, None), subject)];
        for twin in row.twins {
            all.push(self.twin(row, twin, &sound)?);
        }
        Ok(all)
    }

    fn twin(&self, row: &Row, twin: &Twin, sound: &Input) -> Result<Prepared, Failure> {
        let (input, overrides) = self.load(row.scenario, owned(&[row.sound, twin.sets]))?;
        let subject = Subject::new(row, Expected::Failed(twin.because), overrides.sets.clone());
        Ok(if twin.in_disguise {
            let shown = format!("upstorm selftest --check {} --seeds 1", row.check);
            let subject = subject.taken_for(owned(&[row.sound])).shown_by(shown);
            (self.trial(&input, Some(&sound.plan)), subject)
        } else {
            (self.trial(&input, None), subject.shown_by(again::up_to_the_seed(&input, &overrides)))
        })
    }

    fn trial(&self, input: &Input, taken_for: Option<&Plan>) -> Trial {
        let seeds = self.seeds.or(NonZero::new(SEEDS)).unwrap_or(NonZero::<u32>::MIN);
        Trial { performed: Plan::clone(&input.plan), taken_for: taken_for.cloned(), seeds }
    }
}

fn owned(sets: &[&[&str]]) -> Vec<String> {
    sets.iter().copied().flatten().map(|set| (*set).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use upstorm_model::verdict::Measure;
    use upstorm_reports::Style;
    use upstorm_reports::selftest::{Tally, terminal};

    use super::*;
    use crate::selftest::row::broken;

    fn tried(row: &Row) -> (SelftestResults, ExitCode) {
        let seeds = NonZero::new(2);
        let selftest = Selftest { seeds, first: Some(5), quiet: true, command: String::new() };
        selftest.try_rows(&[row]).unwrap_or_else(|e| panic!("{}", e.message()))
    }

    const SOUND: &str = "gateway.edge.retry.budget.kind=ratio-window";

    /// The subjects have changed places: the broken one is said to be sound, and the sound one to be broken.
    const SWAPPED: Row = Row {
        check: "retry_budget",
        scenario: "sabotage/retry-budget",
        sound: &["gateway.edge.preset=no-budget"],
        twins: &[broken(&[SOUND], Measure::RetriesOverBudget)],
    };

    #[test]
    fn a_wrong_verdict_is_told_with_the_command_that_shows_it_and_ends_with_10() {
        let (results, code) = tried(&SWAPPED);
        assert_eq!((code, results.exit_code), (ExitCode::Failed, 10));
        assert_eq!(results.verdicts, Tally { right: 0, wrong: 4, inconclusive: 0 });
        let page = terminal::render(&results, Style::default());
        let run = "upstorm run sabotage/retry-budget --set gateway.edge.preset=no-budget";
        for shown in [format!("{run} --seed 6"), format!("--set {SOUND} --seed 5")] {
            assert!(page.replace("\n      ", " ").contains(&shown), "{shown}\n{page}");
        }
    }

    #[test]
    fn a_check_that_cannot_tell_ends_with_12() {
        let row = Row {
            check: "retry_budget",
            scenario: "sabotage/retry-budget",
            sound: &["phase.outage.upstream.payments.status={200=\"100%\"}"],
            twins: &[],
        };
        let (results, code) = tried(&row);
        assert_eq!((code, results.verdicts.inconclusive), (ExitCode::Inconclusive, 2));
    }
}
