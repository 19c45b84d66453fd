//! `upstorm scenarios list|show|copy`: the built-in library.

use std::path::{Path, PathBuf};

use upstorm_language::library::{self, BuiltIn, Group, find};
use upstorm_runner::{ExitCode, FolderError};

use crate::console::{say, tell};
use crate::failure::Failure;
use crate::input::closest_built_in;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name each with a line about it.
    List {
        /// Those too that only exist to try the checks on.
        #[arg(long)]
        all: bool,
    },
    /// Print one.
    Show {
        /// Its name.
        name: String,
    },
    /// Write one to a file of your own, to change.
    Copy {
        /// Its name.
        name: String,
        /// The file; without it, its name and .toml in this folder.
        file: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.what {
        What::List { all } => say(&list(*all))?,
        What::Show { name } => say(named(name)?.text)?,
        What::Copy { name, file } => copy(named(name)?, file.as_deref())?,
    }
    Ok(ExitCode::Held)
}

/// The groups, each under its heading but the first, in columns of one width.
fn list(all: bool) -> String {
    let groups = [
        (Group::Scenario, ""),
        (Group::KnownAnswer, "\nKnown answers: results of the literature that must come out right\n"),
        (Group::Sabotage, "\nSabotage: what the checks are tried on, sound and broken\n"),
    ];
    let shown = &groups[..if all { 3 } else { 2 }];
    let is_shown = |scenario: &&BuiltIn| shown.iter().any(|(group, _)| scenario.group == *group);
    let width = library::all().filter(is_shown).map(|s| s.name.len()).max().unwrap_or(0);
    let line = |s: &BuiltIn| format!("{:width$}  {}\n", s.name, s.summary());
    let section = |(group, heading): &(Group, &str)| {
        let lines: String = library::all().filter(|s| s.group == *group).map(line).collect();
        if lines.is_empty() { lines } else { format!("{heading}{lines}") }
    };
    shown.iter().map(section).collect()
}

fn named(name: &str) -> Result<&'static BuiltIn, Failure> {
    find(name).ok_or_else(|| {
        let hint = closest_built_in(name).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Failure::usage(anyhow::anyhow!("there is no built-in scenario `{name}`{hint}"))
    })
}

fn copy(scenario: &BuiltIn, file: Option<&Path>) -> Result<(), Failure> {
    let file = file.map_or_else(|| PathBuf::from(format!("{}.toml", scenario.short_name())), Path::to_owned);
    if file.exists() {
        return Err(Failure::usage(anyhow::anyhow!("{} exists already; name another file", file.display())));
    }
    std::fs::write(&file, scenario.text)
        .map_err(|source| Failure::from(FolderError::Io { doing: "write", path: file.clone(), source }))?;
    tell(&format!("wrote {}", file.display()));
    Ok(())
}
