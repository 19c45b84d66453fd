//! What an earlier run left in its folder: all of it is removed when the folder is used again, and nothing else.
//!
//! A folder that holds anything no run writes is somebody's own, however deep it lies, and is left alone as a whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files of a run, of one seed, of several, or of a matrix.
pub(crate) const FILES: [&str; 9] = [
    "plan.json",
    "recording.bin",
    "scenario.toml",
    "seeds.json",
    "matrix.json",
    "results.json",
    "report.html",
    "summary.md",
    "junit.xml",
];
/// What the folder of one seed among several is called, before the seed.
pub(crate) const OF_A_SEED: &str = "seed-";
/// What the folder of all variants is called.
pub(crate) const VARIANTS: &str = "variants";

/// Which folder of a run it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Run,
    Variants,
    Variant,
    Seed,
}

/// What an earlier run left.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    files: Vec<PathBuf>,
    /// Each after what is in it.
    folders: Vec<PathBuf>,
}

impl Earlier {
    /// What an earlier run left in this folder; none if there is anything else in it.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn of(folder: &Path) -> io::Result<Option<Self>> {
        let mut earlier = Self::default();
        Ok(earlier.gather(folder, Level::Run)?.then_some(earlier))
    }

    /// Gathers what is in a folder; false if there is anything in it that no run writes.
    fn gather(&mut self, folder: &Path, level: Level) -> io::Result<bool> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name, kind) = (entry.path(), entry.file_name(), entry.file_type()?);
            let below = name.to_str().and_then(|name| below(level, name)).filter(|_| kind.is_dir());
            match below {
                Some(below) if self.gather(&path, below)? => self.folders.push(path),
                None if level != Level::Variants && path.is_file() && is_name_of_a_file(&name) => {
                    self.files.push(path);
                }
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Removes it.
    ///
    /// # Errors
    /// With the first file or folder that cannot be removed.
    pub(crate) fn remove(self) -> Result<(), (PathBuf, io::Error)> {
        for file in self.files {
            fs::remove_file(&file).map_err(|error| (file, error))?;
        }
        for folder in self.folders {
            fs::remove_dir(&folder).map_err(|error| (folder, error))?;
        }
        Ok(())
    }
}

fn is_name_of_a_file(name: &std::ffi::OsStr) -> bool {
    FILES.iter().any(|file| *file == name)
}

/// The folder of this name that a run makes there, if it makes one.
fn below(level: Level, name: &str) -> Option<Level> {
    match level {
        Level::Run if name == VARIANTS => Some(Level::Variants),
        Level::Run | Level::Variant if is_name_of_a_seed(name) => Some(Level::Seed),
        Level::Variants => Some(Level::Variant),
        _ => None,
    }
}

/// Whether the folder of a seed may be called this.
pub(crate) fn is_name_of_a_seed(name: &str) -> bool {
    name.strip_prefix(OF_A_SEED).is_some_and(|seed| seed.parse::<u64>().is_ok())
}
