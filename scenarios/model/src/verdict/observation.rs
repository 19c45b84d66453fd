//! An observation: a measured value with its sample size, interval and bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RecognisedBackoff, Verdict};
use crate::Offset;
use crate::recording::CallId;

/// A measured value, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// What was measured.
    pub measure: Measure,
    /// Which part of it, where there are several: a quantile, a fault, a phase, a route.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// The value; none where nothing could be measured.
    pub value: Option<f64>,
    /// The unit of value, interval and bound.
    pub unit: Unit,
    /// How many samples it rests on.
    pub n: u64,
    /// Where the true value lies, with the confidence stated; none for an invariant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// What it was held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// What follows.
    pub verdict: Verdict,
    /// Why it is Inconclusive, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// The events that decide, worst first, at most a few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exhibits: Vec<Exhibit>,
    /// The chance of a value at least so bad if the bound were kept, from 0 to 1; none for an invariant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The backoff that was recognised, where one was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<RecognisedBackoff>,
}

/// What was measured. Reports have the words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// A latency quantile of successful calls, from the planned time (part: `p95`).
    LatencyQuantile,
    /// The share of calls that failed.
    ErrorShare,
    /// The share of calls that were throttled.
    ThrottledShare,
    /// The share of calls that succeeded.
    Availability,
    /// Time from the start of the trouble to the first call that the breaker turned away.
    BreakerOpened,
    /// Time from the end of the trouble until calls got through for good.
    BreakerClosed,
    /// How often the breaker was seen open.
    BreakerOpenings,
    /// Admissions that came earlier than the breaker's open time allows.
    BreakerEarlyAdmissions,
    /// Attempts that got through per probing episode while it was half open.
    BreakerProbes,
    /// Effective width of the spread of first retries.
    RetrySpread,
    /// Peak over mean of first retries in bins of a twentieth of the width.
    RetryPeak,
    /// Pairs of first retries with the same delay, against chance.
    RepeatedDelays,
    /// Most retries over the allowance in any window of one ttl.
    RetriesOverBudget,
    /// The share of retries that came before their Retry-After.
    EarlyRetries,
    /// Attempts per call.
    Amplification,
    /// Time from the end of the trouble to the first of five good seconds.
    RecoveryTime,
    /// The share of attempts that a declared fault hit (part: the fault).
    FaultShare,
    /// The share of planned calls that were sent.
    LoadSent,
    /// How late calls were sent, at the 99th percentile.
    LoadLateness,
    /// The share of planned calls that were shed.
    LoadShed,
    /// Distance of the drawn delays from their law (Kolmogorov–Smirnov).
    LatencyLawDistance,
    /// How far the delay really kept was from the one drawn, at the 99th percentile.
    DelayError,
    /// Attempts that no call explains.
    OrphanAttempts,
    /// Answered calls that no attempt or local rejection explains.
    UnexplainedCalls,
    /// Peak over mean of what comes back after a change (part: the change).
    HerdPeak,
    /// How much more first retries clump than chance, over the whole stretch looked at.
    HerdClumps,
    /// The share of waits outside of what their law allows (part: which retry).
    WaitsOutOfBounds,
    /// Distance of the waits from their law (Kolmogorov–Smirnov; part: which retry).
    WaitLawDistance,
    /// Time from the start of the trouble until calls were served elsewhere.
    FailoverTime,
    /// The share of calls that succeeded while they went elsewhere.
    FailoverServed,
    /// Time from the end of the trouble until calls went where they usually go.
    FailbackTime,
    /// The share of calls that went elsewhere without need.
    FailoverStrays,
    /// Most calls over the rate limit that were let through, in any window.
    CallsOverRate,
    /// Most calls let in at once over the limit of concurrent ones.
    CallsOverConcurrency,
    /// The share of what a rate limit has room for that it let through while more was asked.
    LimitUse,
    /// Answers older than a cache may ever give.
    OverdueAnswers,
    /// The share of answers that were stale although the upstream did not fail.
    NeedlessStale,
    /// The share of calls of a failing upstream that got the stale answer there was.
    StaleServed,
    /// Time from the start of the trouble until the alert fired (part: the pair of windows).
    AlertFired,
    /// The highest level that was kept up for as long as the alert asks (part: what it watches).
    AlertLevel,
    /// Unsafe requests that were made again without an Idempotency-Key.
    UnkeyedRetries,
    /// Calls whose attempts had different Idempotency-Keys.
    ChangedKeys,
    /// Idempotency-Keys that more than one call had.
    SharedKeys,
    /// Effects beyond the first of a key or of a call.
    RepeatedEffects,
    /// Calls that were told that it is done, and it was not.
    MissingEffects,
    /// The longest attempt.
    LongestAttempt,
    /// Attempts that were still open when the next one of their call began, after their time.
    AbandonedAttempts,
    /// Attempts that were given up before their time.
    EarlyGivingUp,
    /// How long an attempt went on at most after its call was over.
    OutlivedCall,
    /// Attempts let through after the trip that the results at the upstream add up to, over what was on its way (part:
    /// which trip).
    BreakerTripOverrun,
    /// Openings that the results at the upstream do not account for.
    BreakerNeedlessTrips,
    /// Calls that were turned away although the breaker had to let one through.
    BreakerOverdue,
    /// How long a local rejection took, at the 99th percentile.
    BreakerRejectionTime,
    /// Good seconds in a row after the trouble, at most.
    GoodSeconds,
    /// By how much the number of waiting calls grows, in calls per second.
    BacklogGrowth,
    /// How many there were, in all, per call or per second (part: of what).
    Tally,
    /// Time from the start of what is looked at until the last of them ended (part: of what).
    TallyLast,
    /// Time from the start of what is looked at until the first second with enough of them (part: of what).
    TallyReached,
    /// Distance of the waits from the law of the backoff that was recognised (Kolmogorov–Smirnov).
    BackoffFamily,
    /// Time from the end of the trouble to the first of five good seconds, where it was to take longer than the bound.
    TimeDown,
}

/// The unit of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A part of one.
    Ratio,
    /// A number of things.
    Count,
    /// How many times as much.
    Times,
    /// A pure number.
    Number,
}

/// An interval with its confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The confidence, such as 0.95.
    pub confidence: f64,
}

/// What a value was held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// On which side of it the value must lie.
    pub relation: Relation,
    /// The bound itself.
    pub value: f64,
    /// Where it comes from.
    pub source: BoundSource,
}

/// On which side of a bound a value must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// At or below.
    AtMost,
    /// At or above.
    AtLeast,
}

/// Where a bound comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BoundSource {
    /// The scenario says so.
    Scenario,
    /// The subject's own settings.
    Settings,
    /// The check's own rule.
    Rule,
}

/// Why an observation is Inconclusive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Nothing of the kind happened.
    NothingMeasured,
    /// Too few samples.
    TooFewSamples {
        /// How many it needs.
        needed: u64,
    },
    /// The interval lies on both sides of the bound.
    Undecided,
    /// The harness itself was too late or the host too noisy, by so many seconds.
    HarnessLate {
        /// How late at the 99th percentile, in seconds.
        seconds: f64,
    },
    /// Attempts could not be told apart into calls.
    Ambiguous,
    /// The bound is neither in the scenario nor in the subject's settings.
    NoBound,
    /// The run ended before it could be seen.
    RunEnded,
    /// The run was given up or stopped before its planned end.
    CutOff,
    /// The settings of the subject have no policy of the kind.
    NoPolicy,
    /// Somebody changed the scenario by hand while it ran, so that what happened is not what the plan declares.
    Changed,
}

/// An event that decides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exhibit {
    /// When, in nanoseconds since the run began.
    pub at: Offset,
    /// Of which call, as a number.
    #[schemars(with = "Option<u64>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The measured value of this event, in the observation's unit.
    pub value: f64,
}
