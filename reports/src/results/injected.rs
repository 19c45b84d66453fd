//! What was declared to go wrong against what was decided for the attempts that came.
//!
//! The share that was asked is averaged over the attempts that really came, so that ramps and uneven load do not look
//! like a fault that was not injected. What comes of load or of turns (limits, overflow, scripts, what
//! a request demanded) has no declared share, and its row says only how often it was. Refused connections have no row.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use upstorm_model::Plan;
use upstorm_model::plan::RouteBehaviour;
use upstorm_model::recording::{Admission, Attempt, Connection, ConnectionFate, Origin, Recording};
use upstorm_model::scenario::{Fault, Script};

/// One declared thing that goes wrong on one route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InjectedRow {
    /// The upstream and its route, such as `payments/charge`; the upstream alone for connections.
    pub route: String,
    /// What goes wrong: a status, a fault, `connect reset`, `limit`, `overflow`, `script step 1`, `demanded`.
    pub what: String,
    /// The declared share of the attempts (or connections) that came while it was declared; none where no share was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
    /// The share that it was decided for.
    pub injected: f64,
    /// How many it was decided for.
    pub hits: u64,
    /// Attempts (or connections) that came while it was declared.
    pub of: u64,
}

#[derive(Default)]
struct Count {
    asked: Option<f64>,
    hits: u64,
    of: u64,
}

#[derive(Default)]
struct Counts(BTreeMap<(String, String), Count>);

impl Counts {
    fn add(&mut self, place: (&str, &str), asked: Option<f64>, hit: bool) {
        let count = self.0.entry((place.0.to_owned(), place.1.to_owned())).or_default();
        count.asked = asked.map(|share| share + count.asked.unwrap_or_default());
        count.hits += u64::from(hit);
        count.of += 1;
    }
}

/// One row for each thing that was declared and that attempts or connections met.
pub(super) fn injected_rows(plan: &Plan, recording: &Recording) -> Vec<InjectedRow> {
    let mut counts = Counts::default();
    let names = RouteNames::of(plan);
    for attempt in &recording.attempts {
        let upstream = plan.upstream_of(attempt.upstream);
        let segment = upstream.and_then(|(_, u)| u.timeline.get(usize::from(attempt.segment)));
        let behaviour = segment.and_then(|s| s.routes.get(usize::from(attempt.route.0)));
        if let (Some(behaviour), Some(name)) = (behaviour, names.name(attempt)) {
            let progress = plan.progress(usize::from(attempt.segment), attempt.head);
            of_load(&mut counts, (name, behaviour), attempt);
            of_turns(&mut counts, (name, behaviour), attempt);
            if attempt.fate.is_admitted() && behaviour.draws_the_end(attempt.fate.origin) {
                of_attempt(&mut counts, (name, behaviour), attempt, progress);
            }
        }
    }
    for connection in &recording.connections {
        of_connection(&mut counts, plan, connection);
    }
    let row = |((route, what), count): ((String, String), Count)| {
        let of = count.of.max(1) as f64;
        InjectedRow {
            route,
            what,
            asked: count.asked.map(|sum| sum / of),
            injected: count.hits as f64 / of,
            hits: count.hits,
            of: count.of,
        }
    };
    counts.0.into_iter().map(row).collect()
}

struct RouteNames(BTreeMap<(u16, u16), String>);

impl RouteNames {
    fn of(plan: &Plan) -> Self {
        let mut names = BTreeMap::new();
        for upstream in &plan.upstreams {
            for (index, route) in (0..).zip(&upstream.routes) {
                let name = format!("{}/{}", plan.host_name(upstream.host), route.name);
                names.insert((upstream.host.0, index), name);
            }
        }
        Self(names)
    }

    fn name(&self, attempt: &Attempt) -> Option<&str> {
        self.0.get(&(attempt.upstream.0, attempt.route.0)).map(String::as_str)
    }
}

/// What is turned away depends on the load.
fn of_load(counts: &mut Counts, (route, behaviour): (&str, &RouteBehaviour), attempt: &Attempt) {
    let admission = attempt.fate.admission;
    if behaviour.limit.is_some() {
        counts.add((route, "limit"), None, admission == Admission::Limited);
    }
    if behaviour.capacity.is_some() && admission != Admission::Limited {
        counts.add((route, "overflow"), None, admission == Admission::Overflowed);
    }
}

/// Which step of a script is met depends on whose turn it is; what is demanded, on who asks.
fn of_turns(counts: &mut Counts, (route, behaviour): (&str, &RouteBehaviour), attempt: &Attempt) {
    let origin = attempt.fate.origin;
    let steps = behaviour.script.iter().flat_map(Script::steps);
    for (index, _) in (0_u8..).zip(steps).filter(|(_, step)| !step.is_plain()) {
        let what = format!("script step {}", u16::from(index) + 1);
        counts.add((route, &what), None, origin == Origin::Scripted(index));
    }
    if origin == Origin::Demanded {
        counts.add((route, "demanded"), None, true);
    }
}

fn of_attempt(
    counts: &mut Counts,
    (route, behaviour): (&str, &RouteBehaviour),
    attempt: &Attempt,
    progress: f64,
) {
    // A mix with one status asks nothing of chance and shows nothing.
    if behaviour.status.0.len() > 1 || behaviour.status.0.keys().any(|s| *s >= 400) {
        for (status, share) in behaviour.status.shares(progress).into_iter().filter(|(s, _)| *s >= 400) {
            counts.add((route, &status.to_string()), Some(share), attempt.fate.status == status);
        }
    }
    // The first entry that hits wins, so a later one can only hit what the earlier ones left.
    let mut left = 1.0;
    for (index, fault) in (0_u8..).zip(&behaviour.faults) {
        let share = fault.share.at(progress).get().min(1.0);
        let title = fault.kind.title();
        let same = |f: &&Fault| f.kind.key() == fault.kind.key() && f.kind.title() == title;
        let earlier = behaviour.faults.iter().take(usize::from(index)).filter(same);
        let what = match earlier.count() {
            0 => title,
            n => format!("{title} ({})", n + 1),
        };
        counts.add((route, &what), Some(left * share), attempt.fate.fault == Some(index));
        left *= 1.0 - share;
    }
}

fn of_connection(counts: &mut Counts, plan: &Plan, connection: &Connection) {
    let upstream = plan.upstream_of(connection.upstream);
    let Some(segment) = upstream.and_then(|(_, u)| u.timeline.get(usize::from(connection.segment))) else {
        return;
    };
    let progress = plan.progress(usize::from(connection.segment), connection.accepted);
    let kinds = [
        ("connect reset", &segment.connect.reset, ConnectionFate::Reset),
        ("connect stall", &segment.connect.stall, ConnectionFate::Stalled),
    ];
    for (what, share, fate) in kinds {
        if let Some(share) = share {
            let name = plan.host_name(connection.upstream);
            counts.add((name, what), Some(share.at(progress).get()), connection.fate == fate);
        }
    }
}
