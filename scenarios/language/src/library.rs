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
    built_in!(
        "flapping",
        "Payments goes down and comes up again and again; the breaker must follow without wearing it out."
    ),
    built_in!(
        "retry-after",
        "Payments is down for maintenance and says until when, by date, in seconds, and in nonsense."
    ),
    built_in!(
        "slow-body",
        "Exports trickle for half a minute each; those who ask for something else must not notice."
    ),
    built_in!(
        "malformed-response",
        "One answer in five is no HTTP; the client must drop the connection and ask again."
    ),
    built_in!(
        "truncated-body",
        "Payments closes the connection in the middle of every answer; the breaker must not be fooled by the status."
    ),
    built_in!(
        "thundering-herd",
        "All connections break at one moment; those who were on them must not come back at one moment."
    ),
    built_in!(
        "metastable",
        "Payments is stuck for three seconds; whether it ever recovers depends on the load, not on payments."
    ),
    built_in!(
        "cold-start",
        "Payments comes back cold and slow; whoever asks too much of it keeps it from warming up."
    ),
    built_in!(
        "nested-retries",
        "Three gateways in a row; if each tries four times, a failure becomes 64 attempts."
    ),
    built_in!(
        "one-slow-replica",
        "One replica of three slows down tenfold and fails nothing; the balance must notice by itself."
    ),
    built_in!(
        "region-failover",
        "A region is lost for ten seconds; calls must go to the other one, and come back."
    ),
    built_in!("stale-cache", "The catalogue fails; old answers may be served for a while, and no longer."),
    built_in!(
        "noisy-neighbour",
        "One tenant is over its quota; the breaker in common must not make the other one pay."
    ),
    built_in!(
        "llm-provider",
        "A language model's provider: 429 with Retry-After, slow streams, and 529 when it is overloaded."
    ),
    built_in!(
        "integration-guide",
        "The integration guides' table: plain, retry with jitter, and retry with breaker and rate control."
    ),
];

/// The built-in scenario of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|scenario| scenario.name == name)
}
