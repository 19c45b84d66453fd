//! From a recording to everything a run leaves behind: verdicts, reports, annotations, exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use upstorm_model::Plan;
use upstorm_reports::{Results, ResultsInput, Style};
use upstorm_runner::{ExitCode, RunFolder, judge, write_whole};
use upstorm_world::read_recording;

use crate::console::{say, stdout_in_colour, tell};
use crate::failure::Failure;

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The verdicts, for people.
    Text,
    /// results.json, for scripts.
    Json,
}

/// A report asked for beside those of the run folder.
#[derive(Debug, Clone)]
struct Extra {
    kind: &'static str,
    file: PathBuf,
}

/// Where the results go, beside the run folder.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Outlets {
    /// A further report: html=FILE, md=FILE, json=FILE or junit=FILE. May be given again.
    #[arg(long = "report", value_name = "KIND=FILE")]
    reports: Vec<Extra>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Outlets {
    /// Says before a run what could not be written after it.
    pub(crate) fn writable(&self) -> Result<(), Failure> {
        self.reports.iter().try_for_each(Extra::writable)
    }
}

/// Kinds of reports and their file in the run folder.
const KINDS: [(&str, &str); 4] =
    [("html", "report.html"), ("md", "summary.md"), ("json", "results.json"), ("junit", "junit.xml")];

impl FromStr for Extra {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) = text.split_once('=').ok_or("write KIND=FILE, such as junit=upstorm.xml")?;
        let kind = KINDS.iter().find(|(name, _)| *name == kind).map(|(name, _)| *name);
        let kind = kind.ok_or("the kinds are html, md, json and junit")?;
        if file.is_empty() {
            Err("the file is missing".to_owned())
        } else {
            Ok(Self { kind, file: PathBuf::from(file) })
        }
    }
}

impl Extra {
    fn writable(&self) -> Result<(), Failure> {
        let folder = self.file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let writable =
            if self.file.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { probe(folder) };
        match writable {
            Ok(()) => Ok(()),
            Err(e) => Err(Failure::usage(anyhow::anyhow!("cannot write {}: {e}", self.file.display()))),
        }
    }
}

fn probe(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".upstorm-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

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
    /// The signal that ended it, if one did.
    pub(crate) ended_by: Option<ExitCode>,
    /// How many calls the load engine counted, where it was asked just now.
    pub(crate) calls: Option<u64>,
}

/// Judges the recording, writes every report, prints the verdicts, and says how the process ends.
pub(crate) fn publish(run: &Published<'_>, outlets: &Outlets) -> Result<ExitCode, Failure> {
    let recording = read_recording(&run.folder.recording())?;
    let recorded = recording.calls.len() as u64;
    if let Some(made) = run.calls.filter(|made| *made != recorded) {
        return Err(Failure::harness(anyhow::anyhow!("{made} calls were made and {recorded} recorded")));
    }
    let judgement = judge(run.plan, &recording);
    let code = run.ended_by.map_or(judgement.exit, |signal| signal.or(judgement.exit));
    let results = Results::build(&ResultsInput {
        plan: run.plan,
        recording: &recording,
        findings: &judgement.findings,
        tool_version: env!("CARGO_PKG_VERSION"),
        command: &run.command,
        variant: "",
        exit_code: code.number(),
        interrupted: run.ended_by.is_some(),
        scenario_file: run.scenario_file,
    });
    show(&results, run.folder, outlets)?;
    Ok(code)
}

/// Prints the verdicts and writes every report of these results. The verdicts come first: a full disk must not cost them.
pub(crate) fn show(results: &Results, folder: &RunFolder, outlets: &Outlets) -> Result<(), Failure> {
    match outlets.format {
        Format::Text => {
            say(&upstorm_reports::terminal::render(results, Style { colour: stdout_in_colour() }))?
        }
        Format::Json => say(&upstorm_reports::json::render(results).map_err(Failure::harness)?)?,
    }
    for (name, text) in upstorm_reports::render_all(results).map_err(Failure::harness)? {
        folder.write(name, text.as_bytes()).map_err(Failure::harness)?;
        let kind = KINDS.iter().find(|(_, file)| *file == name).map_or("", |(kind, _)| *kind);
        for extra in outlets.reports.iter().filter(|extra| extra.kind == kind) {
            write_whole(&extra.file, text.as_bytes()).map_err(Failure::harness)?;
        }
    }
    annotate_on_github(results);
    Ok(())
}

/// On GitHub Actions: annotations at the failed checks, and the summary of the step.
fn annotate_on_github(results: &Results) {
    if std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
        return;
    }
    // GitHub reads both streams; stdout may be a JSON document.
    upstorm_reports::github::annotations(results).iter().for_each(|annotation| tell(annotation));
    let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY") else { return };
    let text = upstorm_reports::github::step_summary(results);
    let appended = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&summary)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    if let Err(e) = appended {
        tell(&format!("warning: cannot append to the step summary: {e}"));
    }
}
