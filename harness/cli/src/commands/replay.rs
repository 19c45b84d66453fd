//! `upstorm replay`: run a recorded plan again in the simulated world, and say whether it matches.
//!
//! What was recorded there must come out the same, byte for byte. What was recorded over real sockets cannot: of that,
//! fates and verdicts are compared. The run folder is only read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use upstorm_model::Plan;
use upstorm_model::scenario::WorldKind;
use upstorm_runner::{ExitCode, RunFolder, digest};
use upstorm_world::RecorderError;

use crate::console::{say, tell};
use crate::failure::Failure;
use crate::performance::perform_and_record;
use crate::progress::Progress;
use crate::replayed::{Told, exactly, fates_and_verdicts};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of a run.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// No progress on stderr.
    #[arg(long, short)]
    quiet: bool,
}

/// Exits 0 when it matches as far as the recording goes, 10 when something differs, 12 when nothing could be compared.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let folder = RunFolder::existing(&args.folder);
    let plan = folder.read_plan()?;
    let recorded = folder.recording();
    let original = digest(&recorded).map_err(|e| unreadable(&recorded, e))?;
    let place = tempfile::tempdir().map_err(Failure::harness)?;
    let replayed = place.path().join("recording.bin");
    let simulated = Arc::new(Plan { world: WorldKind::Sim, ..plan.clone() });
    let progress = (!args.quiet).then(|| Progress::new(&simulated));
    let known = perform_and_record(&simulated, &replayed, progress)?;
    if let Some(signal) = known.ended_by {
        tell("interrupted: nothing was compared");
        return Ok(signal);
    }
    if let Some(why) = &known.given_up {
        tell(&format!("the replay was given up: {why}"));
    }
    let told = match plan.world {
        WorldKind::Sim if original == digest(&replayed).map_err(Failure::harness)? => Told {
            text: format!("matches: {} bytes, sha256 {}", original.bytes, original.sha256),
            exit: ExitCode::Held,
        },
        WorldKind::Sim => exactly(&plan, &read(&recorded)?, &read(&replayed)?)?,
        WorldKind::Real => fates_and_verdicts(&plan, &simulated, [&recorded, &replayed])?,
    };
    say(&told.text)?;
    Ok(told.exit)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| unreadable(path, e))
}

/// The recording is what this command is given, so one that cannot be read is a bad command line.
fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    Failure::usage(RecorderError::Io { doing: "read", path: path.to_owned(), source })
}
