//! The built-in library: scenarios that come with the binary, so that there is something to run before there is
//! something to write.
//!
//! They are the files of `scenarios/library`, embedded as they are: their comments tell the story, and
//! `upstorm scenarios copy` gives them away as a beginning.

/// A built-in scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, which is also that of its file.
    pub name: &'static str,
    /// What it shows, in a sentence: the `summary` of its file.
    pub summary: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

macro_rules! built_in {
    ($name:literal, $summary:literal) => {
        BuiltIn {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../../library/", $name, ".toml")),
        }
    };
}

/// Every built-in scenario, the easier to understand first.
pub const BUILT_IN: &[BuiltIn] = &[
    built_in!("steady", "A healthy upstream with the odd 503: retries hide them, and nothing else happens."),
    built_in!(
        "retry-storm",
        "Payments can serve a quarter of what is asked of it; retries must not make that worse."
    ),
    built_in!(
        "brownout",
        "Payments slows down and sheds a fifth of its load; checkout must keep its promises."
    ),
    built_in!(
        "hard-outage",
        "Payments fails, dies and comes back; the breaker must open soon and close again."
    ),
    built_in!("rate-limited", "Checkout asks for more than its quota; it must wait as long as it is told."),
    built_in!(
        "connection-resets",
        "Connections are torn before and within the answer; retries hide what can be hidden."
    ),
    built_in!(
        "partition",
        "No packet passes between gateway and payments for a while; the breaker must find out when they do again."
    ),
];

/// The built-in scenario of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|scenario| scenario.name == name)
}
