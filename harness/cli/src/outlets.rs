//! Where results go: stdout, the run folder, further files, and what GitHub Actions reads.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use upstorm_runner::{RunFolder, write_whole};

use crate::console::{say, tell};
use crate::failure::Failure;

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The verdicts, for people.
    Text,
    /// results.json (of several seeds seeds.json, of a matrix matrix.json), for scripts.
    Json,
}

/// A report asked for beside those of the run folder.
#[derive(Debug, Clone)]
struct Extra {
    /// How the name of the report's file ends.
    ending: &'static str,
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

/// Results, rendered every way.
#[derive(Debug)]
pub(crate) struct Documents {
    /// For a terminal.
    pub(crate) terminal: String,
    /// The files of the run folder: each name with its text.
    pub(crate) files: Vec<(&'static str, String)>,
    /// For GitHub Actions: a line for each failed check.
    pub(crate) annotations: Vec<String>,
    /// For GitHub Actions: the summary of the step.
    pub(crate) step_summary: String,
}

/// Kinds of reports and how the names of their files end.
const KINDS: [(&str, &str); 4] = [("html", ".html"), ("md", ".md"), ("json", ".json"), ("junit", ".xml")];

impl Outlets {
    /// Says before a run what could not be written after it.
    pub(crate) fn writable(&self) -> Result<(), Failure> {
        self.reports.iter().try_for_each(Extra::writable)
    }

    /// Says before a matrix is run that there is no page of it.
    pub(crate) fn without_page(&self) -> Result<(), Failure> {
        match self.reports.iter().find(|extra| extra.ending == ".html") {
            Some(page) => Err(Failure::usage(anyhow::anyhow!(
                "cannot write {}: a matrix has no page of its own, each of its variants has one in the run folder; \
                 ask for md, json or junit, or run one variant",
                page.file.display()
            ))),
            None => Ok(()),
        }
    }

    /// Prints the verdicts and writes every file. The verdicts come first: a full disk must not cost them.
    pub(crate) fn deliver(&self, documents: &Documents, folder: &RunFolder) -> Result<(), Failure> {
        let json = documents.files.iter().find(|(name, _)| name.ends_with(".json"));
        match (self.format, json) {
            (Format::Json, Some((_, text))) => say(text)?,
            _ => say(&documents.terminal)?,
        }
        for (name, text) in &documents.files {
            folder.write(name, text.as_bytes()).map_err(Failure::harness)?;
            for extra in self.reports.iter().filter(|extra| name.ends_with(extra.ending)) {
                write_whole(&extra.file, text.as_bytes()).map_err(Failure::harness)?;
            }
        }
        documents.tell_github();
        Ok(())
    }
}

impl FromStr for Extra {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) = text.split_once('=').ok_or("write KIND=FILE, such as junit=upstorm.xml")?;
        let kind = KINDS.iter().find(|(name, _)| *name == kind);
        let (_, ending) = kind.ok_or("the kinds are html, md, json and junit")?;
        if file.is_empty() {
            Err("the file is missing".to_owned())
        } else {
            Ok(Self { ending, file: PathBuf::from(file) })
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

impl Documents {
    /// On GitHub Actions: annotations at the failed checks, and the summary of the step.
    fn tell_github(&self) {
        if std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
            return;
        }
        // GitHub reads both streams; stdout may be a JSON document.
        self.annotations.iter().for_each(|annotation| tell(annotation));
        let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY") else { return };
        let appended = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&summary)
            .and_then(|mut file| io::Write::write_all(&mut file, self.step_summary.as_bytes()));
        if let Err(e) = appended {
            tell(&format!("warning: cannot append to the step summary: {e}"));
        }
    }
}
