//! From a recording to everything a run leaves behind: verdicts, reports, exit code.

use upstorm_model::Plan;
use upstorm_reports::{Pace, RecordingDigest, Results, ResultsInput, Style};
use upstorm_runner::{Digest, ExitCode, RunFolder, digest, judge};
use upstorm_world::{RecorderError, read_recording};

use crate::console::{stdout_in_colour, tell};
use crate::failure::Failure;
use crate::outlets::{Documents, Outlets};

/// A run that was recorded, ready to be judged and shown.
#[derive(Debug)]
pub(crate) struct Published<'a> {
    /// Its plan.
    pub(crate) plan: &'a Plan,
    /// Where its recording is and its reports go.
    pub(crate) folder: &'a RunFolder,
    /// The command that runs it again.
    pub(crate) command: String,
    /// The scenario's file, for annotations.
    pub(crate) scenario_file: Option<&'a str>,
    /// What is known beside its recording.
    pub(crate) known: Known,
}

/// What is known of a run beside its recording.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The signal that ended it, if one did.
    pub(crate) ended_by: Option<ExitCode>,
    /// Why its world gave it up, if it did.
    pub(crate) given_up: Option<String>,
    /// How many calls the load engine counted, where it was asked just now.
    pub(crate) calls: Option<u64>,
    /// How fast it was performed, where it was simulated.
    pub(crate) pace: Option<Pace>,
}

/// Judges the recording, writes every report, prints the verdicts, and says how the process ends.
pub(crate) fn publish(run: &Published<'_>, outlets: &Outlets) -> Result<ExitCode, Failure> {
    let (results, code) = judged(run)?;
    show(&results, run.folder, outlets)?;
    if let Some(why) = &run.known.given_up {
        tell(&format!("error: the run was given up: {why}"));
    }
    Ok(code)
}

/// Judges the recording.
pub(crate) fn judged(run: &Published<'_>) -> Result<(Results, ExitCode), Failure> {
    let recording = read_recording(&run.folder.recording())?;
    let recorded = recording.calls.len() as u64;
    if let Some(made) = run.known.calls.filter(|made| *made != recorded) {
        return Err(Failure::harness(anyhow::anyhow!("{made} calls were made and {recorded} recorded")));
    }
    let judgement = judge(run.plan, &recording);
    let code = run.known.ended_by.map_or(judgement.exit, |signal| signal.or(judgement.exit));
    let results = Results::build(&ResultsInput {
        plan: run.plan,
        recording: &recording,
        findings: &judgement.findings,
        tool_version: env!("CARGO_PKG_VERSION"),
        command: &run.command,
        variant: run.plan.variant.as_deref().unwrap_or_default(),
        exit_code: code.number(),
        interrupted: run.known.ended_by.is_some(),
        scenario_file: run.scenario_file,
        pace: run.known.pace,
        recording_digest: Some(digest_of(run.folder)?),
    });
    Ok((results, code))
}

/// The digest of the folder's recording.
fn digest_of(folder: &RunFolder) -> Result<RecordingDigest, RecorderError> {
    let path = folder.recording();
    let Digest { bytes, sha256 } =
        digest(&path).map_err(|source| RecorderError::Io { doing: "read", path, source })?;
    Ok(RecordingDigest { bytes, sha256 })
}

/// Prints the verdicts and writes every report of these results.
pub(crate) fn show(results: &Results, folder: &RunFolder, outlets: &Outlets) -> Result<(), Failure> {
    let documents = Documents {
        terminal: upstorm_reports::terminal::render(results, Style { colour: stdout_in_colour() }),
        files: upstorm_reports::render_all(results).map_err(Failure::harness)?,
        annotations: upstorm_reports::github::annotations(results),
        step_summary: upstorm_reports::github::step_summary(results),
    };
    outlets.deliver(&documents, folder)
}

/// The results that an earlier command left in a folder, if this version can read them.
pub(crate) fn results_of(folder: &RunFolder) -> Option<Results> {
    let text = std::fs::read_to_string(folder.path().join("results.json")).ok()?;
    upstorm_reports::json::read(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Overrides, World, load_scenario};
    use crate::performance::perform_and_record;

    #[test]
    fn a_signal_that_ended_the_run_counts_before_its_checks() {
        let overrides = Overrides { world: Some(World::Sim), ..Overrides::default() };
        let input = load_scenario("steady", &overrides).unwrap_or_else(|e| panic!("{}", e.message()));
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(place.path()).unwrap();
        let known = perform_and_record(&input.plan, &folder.recording(), None);
        let known = known.unwrap_or_else(|e| panic!("{}", e.message()));
        let code_of = |known: Known| {
            let command = String::new();
            let run = Published { plan: &input.plan, folder: &folder, command, scenario_file: None, known };
            let (results, code) = judged(&run).unwrap_or_else(|e| panic!("{}", e.message()));
            assert_eq!(results.exit_code, code.number());
            assert!(!results.findings.is_empty() && results.recording.is_some());
            code
        };
        let stopped = Known { ended_by: Some(ExitCode::Interrupted), ..known.clone() };
        assert_eq!(code_of(stopped), ExitCode::Interrupted);
        assert_eq!(code_of(known), ExitCode::Held);
    }
}
