//! What every stage of loading shares: the texts read so far, the problems found so far, and the caller's options.
//!
//! Stages report and go on instead of returning their first error; that is how all errors come at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::load::LoadOptions;
use crate::source::{SourceId, Sources, Spot};

/// The most files one scenario may be made of.
const MAX_FILES: usize = 64;

/// One loading, as it goes on.
pub(crate) struct Reading<'a> {
    options: &'a LoadOptions<'a>,
    root: PathBuf,
    folders: RefCell<BTreeMap<SourceId, PathBuf>>,
    sources: RefCell<Sources>,
    problems: RefCell<Vec<Diagnostic>>,
    files: Cell<usize>,
    read: RefCell<BTreeMap<PathBuf, Result<Vec<u8>, String>>>,
}

impl<'a> Reading<'a> {
    /// A loading that has not begun; `root` is where files are looked up that a text without a folder names.
    pub(crate) fn new(root: Option<&Path>, options: &'a LoadOptions<'a>) -> Self {
        Self {
            options,
            root: root.unwrap_or(Path::new("")).to_owned(),
            folders: RefCell::default(),
            sources: RefCell::default(),
            problems: RefCell::default(),
            files: Cell::new(0),
            read: RefCell::default(),
        }
    }

    /// What the caller asked for.
    pub(crate) const fn options(&self) -> &LoadOptions<'a> {
        self.options
    }

    /// Notes a problem and goes on.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.problems.borrow_mut().push(diagnostic);
    }

    /// How many problems there are so far.
    pub(crate) fn problems(&self) -> usize {
        self.problems.borrow().len()
    }

    /// The problems that this finds, in place of noting them.
    pub(crate) fn gathered(&self, find: impl FnOnce()) -> Vec<Diagnostic> {
        let before = self.problems.take();
        find();
        self.problems.replace(before)
    }

    /// Whether this problem is noted already.
    pub(crate) fn has_reported(&self, diagnostic: &Diagnostic) -> bool {
        self.problems.borrow().contains(diagnostic)
    }

    /// Keeps a text. The same text of the same name is kept once, so that variants speak of the same places.
    pub(crate) fn add_source(&self, name: &str, text: &str) -> SourceId {
        let known = self.sources.borrow().find(name, text);
        known.unwrap_or_else(|| self.sources.borrow_mut().add(name, text))
    }

    /// The text at a place.
    pub(crate) fn text_at(&self, spot: Spot) -> String {
        self.sources.borrow().text_at(spot).to_owned()
    }

    /// Remembers in which folder the files are that this source names.
    pub(crate) fn set_folder(&self, source: SourceId, folder: &Path) {
        self.folders.borrow_mut().insert(source, folder.to_owned());
    }

    /// The path of a file that a source names, without `.` and `..` where they can be taken out.
    pub(crate) fn path_from(&self, source: SourceId, file: &str) -> PathBuf {
        let folders = self.folders.borrow();
        tidy(&folders.get(&source).unwrap_or(&self.root).join(file))
    }

    /// The bytes of a file that the scenario names.
    ///
    /// # Errors
    /// As a sentence: the caller's reader failed, or there are too many files.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        if let Some(bytes) = self.read.borrow().get(path) {
            return bytes.clone();
        }
        self.files.set(self.files.get() + 1);
        if self.files.get() > MAX_FILES {
            return Err(format!("a scenario may be made of at most {MAX_FILES} files"));
        }
        let bytes = (self.options.read)(path);
        let bytes = bytes.map_err(|error| format!("cannot read `{}`: {error}", path.display()));
        self.read.borrow_mut().insert(path.to_owned(), bytes.clone());
        bytes
    }

    /// The texts, when all went well.
    pub(crate) fn into_sources(self) -> Sources {
        self.sources.into_inner()
    }

    /// The problems; a sentence of this code if there is none.
    pub(crate) fn into_diagnostics(self, code: &'static Code, otherwise: &str) -> Diagnostics {
        let mut list = self.problems.into_inner();
        if list.is_empty() {
            list.push(Diagnostic::new(code, otherwise));
        }
        Diagnostics::sorted(self.sources.into_inner(), list)
    }
}

/// A path without `.` and, where that is sure, without `..`: the same file has the same path, so cycles are seen.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}
