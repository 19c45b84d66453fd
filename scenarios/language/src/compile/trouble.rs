//! What cannot be planned, with the path of the value at fault.
//!
//! Decoding has already refused what one table alone gives away; these are the mistakes that only show when the
//! parts are put together.

use std::time::Duration;

use upstorm_model::TimeSpan;

use crate::diagnostic::{Code, codes};

/// The limits of a plan. They keep a slip of the pen (`repeat = 1000000`) from filling the memory.
pub(crate) mod limits {
    use std::time::Duration;

    /// Segments of one run.
    pub(crate) const SEGMENTS: u64 = 4096;
    /// Segments times routes: each pair is a behaviour of its own.
    pub(crate) const BEHAVIOURS: u64 = 65_536;
    /// Hosts of one run: each may have a loopback address of its own.
    pub(crate) const HOSTS: usize = 250;
    /// Ways from a client to upstreams: forecasts and checks follow each.
    pub(crate) const WAYS: u64 = 10_000;
    /// Hosts after the client on the longest of them.
    pub(crate) const CHAIN: usize = 32;
    /// The longest run: a week.
    pub(crate) const RUN: Duration = Duration::from_secs(7 * 24 * 3600);
}

/// Why a scenario cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// A phase of no length.
    #[error("phase `{name}` lasts no time")]
    EmptyPhase { index: usize, name: String },
    /// Repeats and steps multiply.
    #[error("the run has {segments} segments or more (phases × repeats × steps) for {routes} routes")]
    TooManySegments { index: usize, segments: u64, routes: u64 },
    /// Longer than [`limits::RUN`].
    #[error("the run lasts {length} or more up to the end of this phase")]
    TooLong { index: usize, length: TimeSpan },
    /// More than [`limits::HOSTS`].
    #[error("{hosts} clients, gateways and upstreams take part")]
    TooManyHosts { hosts: usize },
    /// A name that nobody has.
    #[error("there is no client, gateway or upstream `{name}`")]
    UnknownHost { path: String, name: String },
    /// A name that no phase has.
    #[error("there is no phase `{name}`")]
    UnknownPhase { path: String, name: String },
    /// A route that the upstream does not have.
    #[error("`{upstream}` has no route `{name}`")]
    UnknownRoute { path: String, upstream: String, name: String },
    /// An address that is none.
    #[error("`{text}` is not an address with a port")]
    Address { path: String, text: String },
    /// Gateways that call each other.
    #[error("the gateways call each other in a circle: {chain}")]
    Circle { path: String, chain: String },
    /// More than [`limits::WAYS`], or over more than [`limits::CHAIN`].
    #[error("calls may take {ways} ways from here, over up to {hosts} hosts")]
    Maze { path: String, ways: u64, hosts: usize },
    /// A failover that leads back to where it comes from.
    #[error("`{name}` is there twice: nobody takes over from himself")]
    FailsOverToItself { path: String, name: String },
    /// A check that is about a client is given something else.
    #[error("`{name}` is not a client")]
    NotAClient { path: String, name: String },
    /// A check that is about an edge is given something else.
    #[error("`{text}` is not an edge")]
    NotAnEdge { path: String, text: String },
    /// An edge that no call takes.
    #[error("`{from}` does not call `{to}`")]
    NoSuchEdge { path: String, from: String, to: String, calls: Option<String> },
    /// A check of what only the last hop shows, of a way that goes over others.
    #[error("calls take this way over `{between}`, so nobody can tell whose waits they are")]
    Indirect { path: String, between: String },
    /// A check without a bound, of a subject that has none to take.
    #[error("the check has no bound, and the settings of its subject give none: {what} is missing")]
    NoBound { path: String, what: &'static str },
}

impl Trouble {
    /// A client, gateway or upstream that does not exist.
    pub(crate) fn unknown_host(path: String, name: &str) -> Self {
        Self::UnknownHost { path, name: name.to_owned() }
    }

    /// A phase that does not exist.
    pub(crate) fn unknown_phase(path: String, name: &str) -> Self {
        Self::UnknownPhase { path, name: name.to_owned() }
    }

    /// A route that does not exist.
    pub(crate) fn unknown_route(path: String, upstream: &str, name: &str) -> Self {
        Self::UnknownRoute { path, upstream: upstream.to_owned(), name: name.to_owned() }
    }

    /// Its kind.
    pub(crate) const fn code(&self) -> &'static Code {
        match self {
            Self::EmptyPhase { .. }
            | Self::TooManySegments { .. }
            | Self::TooLong { .. }
            | Self::TooManyHosts { .. }
            | Self::Maze { .. } => &codes::OUT_OF_RANGE,
            Self::UnknownHost { .. } | Self::NotAClient { .. } => &codes::UNKNOWN_HOST,
            Self::UnknownPhase { .. } => &codes::UNKNOWN_PHASE,
            Self::UnknownRoute { .. } => &codes::UNKNOWN_ROUTE,
            Self::Address { .. } | Self::NotAnEdge { .. } => &codes::BAD_FORM,
            Self::Circle { .. } | Self::FailsOverToItself { .. } => &codes::CONFLICT,
            Self::NoSuchEdge { .. } | Self::Indirect { .. } => &codes::NO_SUCH_EDGE,
            Self::NoBound { .. } => &codes::MISSING_KEY,
        }
    }

    /// The value at fault.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::EmptyPhase { index, .. }
            | Self::TooManySegments { index, .. }
            | Self::TooLong { index, .. } => format!("phase[{index}]"),
            Self::TooManyHosts { .. } => "upstream".to_owned(),
            Self::UnknownHost { path, .. }
            | Self::Circle { path, .. }
            | Self::Maze { path, .. }
            | Self::FailsOverToItself { path, .. }
            | Self::UnknownPhase { path, .. }
            | Self::UnknownRoute { path, .. }
            | Self::Address { path, .. }
            | Self::NotAClient { path, .. }
            | Self::NotAnEdge { path, .. }
            | Self::NoSuchEdge { path, .. }
            | Self::Indirect { path, .. }
            | Self::NoBound { path, .. } => path.clone(),
        }
    }

    /// What to write instead.
    pub(crate) fn help(&self) -> String {
        let week = Duration::as_secs(&limits::RUN) / 3600;
        match self {
            Self::EmptyPhase { .. } => "give it a `duration` above zero".to_owned(),
            Self::TooManySegments { .. } => format!(
                "at most {} segments, and {} segments times routes; lower `repeat`",
                limits::SEGMENTS,
                limits::BEHAVIOURS
            ),
            Self::TooLong { .. } => format!("a run lasts at most {week} hours"),
            Self::TooManyHosts { .. } => format!("at most {} may", limits::HOSTS),
            Self::UnknownHost { .. } | Self::UnknownPhase { .. } | Self::UnknownRoute { .. } => {
                "name one that the scenario has".to_owned()
            }
            Self::Address { .. } => "write an IP address and a port: \"127.0.0.1:9101\"".to_owned(),
            Self::Circle { .. } => "let one of them call an upstream".to_owned(),
            Self::Maze { .. } => format!(
                "at most {} ways, and {} hosts in a row; let gateways fail over, or part their calls, in fewer places",
                limits::WAYS,
                limits::CHAIN
            ),
            Self::FailsOverToItself { .. } => "name others, each once".to_owned(),
            Self::NotAClient { .. } => {
                "this check is about what a client saw: `of = \"NAME\"` of a `[client.NAME]`".to_owned()
            }
            Self::NotAnEdge { .. } => {
                "write who calls and who is called: `of = \"edge -> payments\"`, perhaps with a route: \
                 `\"edge -> payments/quota\"`"
                    .to_owned()
            }
            Self::Indirect { between, .. } => format!("ask it of the last hop: `of = \"{between} -> ...\"`"),
            Self::NoBound { what, .. } => format!("give the check {what}"),
            Self::NoSuchEdge { from, calls, .. } => match calls {
                Some(target) => format!("`{from}` calls `{target}`"),
                None => format!("`{from}` is an upstream and calls nobody"),
            },
        }
    }
}
