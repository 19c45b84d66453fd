//! What the library knows of a scenario, and how one is found.
//!
//! Groups keep apart what is read for different reasons: a user looks for a story like the one at hand, and would find
//! it badly among fifty that only exist to test the checks.

use super::{BUILT_IN, KNOWN_ANSWERS, SABOTAGE};

/// What a built-in scenario is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A story of an outage, to run and to copy.
    Scenario,
    /// A result of the literature that must come out right.
    KnownAnswer,
    /// What a check is tried on: a sound subject, and broken ones that its story names.
    Sabotage,
}

/// A built-in scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, which is also that of its file, with its folder: `steady`, `known-answers/sre-budget`.
    pub name: &'static str,
    /// What it is for.
    pub group: Group,
    /// The text of its file.
    pub text: &'static str,
}

impl BuiltIn {
    /// What it shows, in a sentence: the `summary` of its file.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        let value = |line: &'static str| line.strip_prefix("summary")?.trim_start().strip_prefix('=');
        self.text.lines().find_map(value).map_or("", |quoted| quoted.trim().trim_matches('"'))
    }

    /// The name without the folder.
    #[must_use]
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }
}

/// A list of a group: the names of its files below `scenarios/library`, without their ending.
macro_rules! embedded {
    ($group:ident: $($name:literal),* $(,)?) => {
        &[$($crate::library::BuiltIn {
            name: $name,
            group: $crate::library::Group::$group,
            text: include_str!(concat!("../../../library/", $name, ".toml")),
        }),*]
    };
}
pub(super) use embedded;

/// Every built-in scenario of every group.
pub fn all() -> impl Iterator<Item = &'static BuiltIn> {
    [BUILT_IN, KNOWN_ANSWERS, SABOTAGE].into_iter().flatten()
}

/// The built-in scenario of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    all().find(|scenario| scenario.name == name)
}
