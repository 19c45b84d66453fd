//! The scenario as it was written: who calls, what stands between, who answers, what goes wrong when, what must hold.
//!
//! One type a table of the language, serialised in the language's own form, so that the JSON Schema is derived
//! from what is decoded. Nothing here is resolved yet: names are text, phases are overlays. The plan resolves.

mod body;
mod capacity;
mod check;
mod client;
mod connect;
mod document;
mod ending;
mod fault;
mod hold;
mod limit;
mod network;
mod phase;
mod probes;
mod row;
mod run;
mod script;
mod stall;
mod status;
mod upstream;

pub use body::{Body, BodyContent, BodyFile, Framing};
pub use capacity::{Capacity, Overflow};
pub use check::{
    ALWAYS_ON, AlertCheck, AlwaysOn, Amplification, BackoffCheck, BreakerCheck, BreakerTerms, Burn, BurnPair,
    Check, CheckKind, Counted, FailoverCheck, Fresh, Herd, JitterCheck, Level, LimitCheck, Recovery,
    RecoveryKind, RetryAfterCheck, RetryBudgetCheck, RetrySafetyCheck, Severity, Slo, Tally, TallyBy,
    TallyOutcome, TallyPer, TimeoutCheck,
};
pub use client::{Arrivals, Client, Gateway, LoadShape, Request, RequestBody};
pub use connect::Connect;
pub use document::Scenario;
pub use ending::Ending;
pub use fault::{Cut, CutAt, Fault, FaultKind, Keep, Malformed};
pub use hold::Hold;
pub use limit::{Limit, Reject, RetryAfter};
pub use network::{Link, LinkBetween, Network};
pub use phase::{Overlay, Phase, Step};
pub use probes::Probes;
pub use row::{Row, Unconditional};
pub use run::{Run, WorldKind};
pub use script::{Script, ScriptBy, ScriptPlace, ScriptStep, ScriptTable};
pub use stall::Stall;
pub use status::{StatusEntry, StatusMix, StatusTable};
pub use upstream::{Behaviour, ReplicaOverlay, Route, RouteMatch, Upstream, UpstreamOverlay};
