//! The run folder: everything a run leaves behind.
//!
//! Made before the run starts, so that a run of minutes is not lost to a folder that cannot be written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use upstorm_model::Plan;
use upstorm_model::plan::PLAN_VERSION;

use crate::earlier::{Earlier, OF_A_SEED, VARIANTS, is_name_of_a_seed};

/// Why a run folder could not be made, written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system said no.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{0} is not empty and is no run folder; name another, or empty it")]
    Foreign(PathBuf),
    /// The folder holds no plan that this tool reads.
    #[error("{path} is not a run folder: {why}")]
    NoRun {
        /// The folder.
        path: PathBuf,
        /// Why not.
        why: String,
    },
}

/// A run folder.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

const PLAN: &str = "plan.json";
const RECORDING: &str = "recording.bin";
const SCENARIO: &str = "scenario.toml";
const SEEDS: &str = "seeds.json";
const MATRIX: &str = "matrix.json";

impl RunFolder {
    /// Makes the folder, or takes an earlier run's over: its files are removed.
    ///
    /// # Errors
    /// When it cannot be made or written, or holds something that is no run's.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        let io = |doing| move |source| FolderError::Io { doing, path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(io("create the folder"))?;
        match Earlier::of(path).map_err(io("list the folder"))? {
            Some(earlier) => earlier.remove().map_err(|(path, source)| FolderError::Io {
                doing: "replace",
                path,
                source,
            })?,
            None => return Err(FolderError::Foreign(path.to_owned())),
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Makes the folder of one of its seeds.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn create_seed(&self, seed: u64) -> Result<Self, FolderError> {
        Self::create(&self.path.join(format!("{OF_A_SEED}{seed}")))
    }

    /// Makes the folder of one of its variants.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn create_variant(&self, label: &str) -> Result<Self, FolderError> {
        Self::create(&self.path.join(Self::of_variant(label)))
    }

    /// Where the folder of a variant is, below that of its matrix.
    #[must_use]
    pub fn of_variant(label: &str) -> String {
        format!("{VARIANTS}/{label}")
    }

    /// The first free folder `base/name-N`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create_next(base: &Path, name: &str) -> Result<Self, FolderError> {
        fs::create_dir_all(base).map_err(|source| FolderError::Io {
            doing: "create the folder",
            path: base.to_owned(),
            source,
        })?;
        let plain = name.replace(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')), "-");
        for number in 1_u32.. {
            let path = base.join(format!("{plain}-{number}"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(FolderError::Io { doing: "create the folder", path, source }),
            }
        }
        Err(FolderError::Foreign(base.to_owned()))
    }

    /// An earlier run's folder.
    #[must_use]
    pub fn existing(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its recording is.
    #[must_use]
    pub fn recording(&self) -> PathBuf {
        self.path.join(RECORDING)
    }

    /// Where its copy of the scenario is.
    #[must_use]
    pub fn scenario(&self) -> PathBuf {
        self.path.join(SCENARIO)
    }

    /// A folder below this one whose name is one, to be named in a message; `otherwise` if there is none.
    fn one_below(&self, is_one: impl Fn(&str) -> bool, otherwise: &str) -> PathBuf {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let first = names.filter(|name| is_one(name)).min();
        self.path.join(first.as_deref().unwrap_or(otherwise))
    }

    /// The folder of a run below it, to be named in a message.
    fn a_run(&self) -> String {
        let of_variants = Self::existing(&self.path.join(VARIANTS));
        let variant =
            if self.matrix().is_some() { of_variants.one_below(|_| true, "NAME") } else { self.path.clone() };
        let seed = Self::existing(&variant).one_below(is_name_of_a_seed, &format!("{OF_A_SEED}N"));
        seed.display().to_string()
    }

    /// Writes a file whole or not at all: beside its place first, then renamed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<(), FolderError> {
        write_whole(&self.path.join(name), contents)
    }

    /// Writes a recording that was kept in memory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_recording(&self, bytes: &[u8]) -> Result<(), FolderError> {
        self.write(RECORDING, bytes)
    }

    /// Writes the scenario as it was given, and the plan.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write_plan(&self, scenario: &[u8], plan: &Plan) -> Result<(), FolderError> {
        self.write_scenario(scenario)?;
        let json = serde_json::to_vec_pretty(plan).map_err(|e| FolderError::Io {
            doing: "write",
            path: self.path.join(PLAN),
            source: io::Error::other(e),
        })?;
        self.write(PLAN, &json)
    }

    /// Where its summary of several seeds is, if it is a run of several.
    #[must_use]
    pub fn seeds(&self) -> Option<PathBuf> {
        Some(self.path.join(SEEDS)).filter(|path| path.is_file())
    }

    /// Where its summary of several variants is, if it is a matrix.
    #[must_use]
    pub fn matrix(&self) -> Option<PathBuf> {
        Some(self.path.join(MATRIX)).filter(|path| path.is_file())
    }

    /// Writes the scenario as it was given.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_scenario(&self, scenario: &[u8]) -> Result<(), FolderError> {
        self.write(SCENARIO, scenario)
    }

    /// Reads the plan back.
    ///
    /// # Errors
    /// When there is none, or one of another version, or the folder is of several seeds or variants.
    pub fn read_plan(&self) -> Result<Plan, FolderError> {
        let no_run = |why: String| FolderError::NoRun { path: self.path.clone(), why };
        let several = match (self.matrix(), self.seeds()) {
            (Some(_), _) => Some("it is a matrix of several variants; name a run of one"),
            (None, Some(_)) => Some("it is of several seeds; name one"),
            (None, None) => None,
        };
        if let Some(several) = several {
            return Err(no_run(format!("{several} below it, such as {}", self.a_run())));
        }
        let text =
            fs::read(self.path.join(PLAN)).map_err(|e| no_run(format!("{PLAN} cannot be read ({e})")))?;
        let plan: Plan =
            serde_json::from_slice(&text).map_err(|e| no_run(format!("{PLAN} is damaged ({e})")))?;
        if plan.version != PLAN_VERSION {
            let why = format!("{PLAN} has version {}, and this tool reads {PLAN_VERSION}", plan.version);
            return Err(no_run(why));
        }
        Ok(plan)
    }
}

/// Writes a file whole or not at all. What is there and no file (a device, a pipe, a link) is written to, not replaced.
///
/// # Errors
/// When it cannot be written; then the old one, if any, is untouched.
pub fn write_whole(path: &Path, contents: &[u8]) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { doing: "write", path: path.to_owned(), source };
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        return fs::write(path, contents).map_err(failed);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    fs::write(&part, contents).and_then(|()| fs::rename(&part, path)).map_err(|e| {
        let _ = fs::remove_file(&part);
        failed(e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_others_are_left_alone_and_earlier_runs_are_replaced() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("run");
        let folder = RunFolder::create(&path).unwrap();
        folder.write("results.json", b"{}").unwrap();
        assert!(RunFolder::create(&path).is_ok(), "an earlier run is replaced");
        assert!(!path.join("results.json").exists());
        fs::write(path.join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(RunFolder::create(&path), Err(FolderError::Foreign(_))));
        assert!(path.join("thesis.txt").exists());
    }

    #[test]
    fn folders_of_seeds_are_replaced_too_and_named_where_one_is_meant() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(base.path()).unwrap();
        folder.write(SEEDS, b"{}").unwrap();
        folder.write(PLAN, b"{}").unwrap();
        folder.create_seed(7).unwrap().write(RECORDING, b"x").unwrap();
        let error = folder.read_plan().unwrap_err().to_string();
        assert!(error.contains("several seeds") && error.contains("seed-7"), "{error}");
        assert!(RunFolder::create(base.path()).is_ok(), "an earlier run is replaced");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
        folder.create_seed(7).unwrap().write("thesis.txt", b"years of work").unwrap();
        assert!(matches!(RunFolder::create(base.path()), Err(FolderError::Foreign(_))));
        fs::remove_dir_all(base.path().join("seed-7")).unwrap();
        fs::create_dir(base.path().join("seed-money")).unwrap();
        assert!(matches!(RunFolder::create(base.path()), Err(FolderError::Foreign(_))));
    }

    #[test]
    fn folders_of_variants_are_replaced_too_and_named_where_one_is_meant() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(base.path()).unwrap();
        folder.write(MATRIX, b"{}").unwrap();
        let variant = folder.create_variant("preset=none").unwrap();
        variant.write(SEEDS, b"{}").unwrap();
        variant.create_seed(7).unwrap().write(RECORDING, b"x").unwrap();
        let error = folder.read_plan().unwrap_err().to_string();
        assert!(error.contains("variants/preset=none/seed-7"), "{error}");
        assert!(RunFolder::create(base.path()).is_ok(), "an earlier matrix is replaced");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
        for mine in ["variants/thesis.txt", "variants/a/thesis.txt", "variants/a/variants/b/plan.json"] {
            let file = base.path().join(mine);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "years of work").unwrap();
            assert!(matches!(RunFolder::create(base.path()), Err(FolderError::Foreign(_))), "{mine}");
            assert!(file.exists());
            fs::remove_dir_all(base.path().join("variants")).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        let base = tempfile::tempdir().unwrap();
        let (file, link) = (base.path().join("report.xml"), base.path().join("link"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&link, b"<old/>").unwrap();
        write_whole(&link, b"<new/>").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"<new/>");
        let error = write_whole(Path::new("/dev/full"), b"x").unwrap_err().to_string();
        assert!(error.contains("/dev/full"), "{error}");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 2, "nothing is left beside them");
    }

    #[test]
    fn the_next_folder_is_a_new_one() {
        let base = tempfile::tempdir().unwrap();
        let first = RunFolder::create_next(base.path(), "a/b").unwrap();
        let second = RunFolder::create_next(base.path(), "a/b").unwrap();
        assert_ne!(first.path(), second.path());
        assert!(second.path().ends_with("a-b-2"));
    }

    #[test]
    fn a_folder_without_a_plan_is_said_to_be_none() {
        let base = tempfile::tempdir().unwrap();
        let error = RunFolder::existing(base.path()).read_plan().unwrap_err();
        assert!(error.to_string().contains("plan.json"), "{error}");
    }
}
