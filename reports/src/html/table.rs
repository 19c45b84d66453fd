//! The tables of the page: each line as the text that stands in its cells.

use upstorm_model::verdict::{Finding, Observation, Verdict};

use super::page;
use crate::figures::{count, duration, number, rate, share};
use crate::results::{
    BehaviourRow, EdgeRow, HostRole, HostRow, InjectedRow, LoadRow, PhaseRow, Results, SlowCall, StatusShare,
};
use crate::words;

/// Load asked against delivered.
pub(super) struct LoadLine {
    pub(super) client: String,
    pub(super) cells: [String; 6],
    pub(super) short: bool,
}

impl LoadLine {
    pub(super) fn new(row: &LoadRow) -> Self {
        let asked = row.asked.map_or_else(|| "closed loop".to_owned(), |n| count(n.round() as u64));
        let cells = [
            asked,
            count(row.planned),
            count(row.sent),
            count(row.shed),
            duration(row.lateness_p50),
            duration(row.lateness_p99),
        ];
        Self { client: row.client.clone(), cells, short: row.sent < row.planned }
    }
}

/// What was declared to go wrong against what did.
pub(super) struct InjectedLine {
    pub(super) route: String,
    pub(super) what: String,
    pub(super) cells: [String; 4],
}

impl InjectedLine {
    pub(super) fn new(row: &InjectedRow) -> Self {
        let cells = [
            row.asked.map_or_else(|| "–".to_owned(), share),
            share(row.injected),
            count(row.hits),
            count(row.of),
        ];
        Self { route: row.route.clone(), what: row.what.clone(), cells }
    }
}

/// What a client got in a phase.
pub(super) struct PhaseLine {
    pub(super) phase: String,
    pub(super) client: String,
    pub(super) cells: [String; 12],
}

impl PhaseLine {
    pub(super) fn new(row: &PhaseRow) -> Self {
        let l = row.latency.map(|l| [l.p50, l.p90, l.p95, l.p99, l.max].map(duration));
        let [p50, p90, p95, p99, max] = l.unwrap_or_else(|| std::array::from_fn(|_| "–".to_owned()));
        let cells = [
            count(row.planned),
            count(row.sent),
            count(row.ok),
            count(row.errors),
            count(row.throttled),
            rate(row.offered),
            rate(row.goodput),
            p50,
            p90,
            p95,
            p99,
            max,
        ];
        Self { phase: row.phase.clone(), client: row.client.clone(), cells }
    }
}

/// What one host sent another in a phase.
pub(super) struct EdgeLine {
    pub(super) phase: String,
    pub(super) edge: String,
    pub(super) cells: [String; 3],
}

impl EdgeLine {
    pub(super) fn new(row: &EdgeRow) -> Self {
        let per_call = row.amplification.map_or_else(|| "–".to_owned(), |a| format!("{a:.2}×"));
        let phase = if row.phase.is_empty() { "warm-up".to_owned() } else { row.phase.clone() };
        let edge = row.edge.replace(" -> ", " → ");
        Self { phase, edge, cells: [count(row.calls), count(row.attempts), per_call] }
    }
}

/// One of the slowest calls.
pub(super) struct SlowLine {
    pub(super) call: String,
    pub(super) client: String,
    pub(super) outcome: String,
    pub(super) cells: [String; 3],
}

impl SlowLine {
    pub(super) fn new(row: &SlowCall) -> Self {
        let cells = [format!("{:.3} s", row.planned), duration(row.latency), count(row.attempts)];
        Self { call: row.call.clone(), client: row.client.clone(), outcome: row.outcome.clone(), cells }
    }
}

/// One observation in the table of all checks.
pub(super) struct CheckLine {
    pub(super) tone: &'static str,
    pub(super) verdict: &'static str,
    pub(super) check: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) during: String,
    pub(super) measured: String,
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) n: String,
}

impl CheckLine {
    pub(super) fn all(results: &Results) -> Vec<Self> {
        results.findings.iter().flat_map(Self::of).collect()
    }

    fn of(finding: &Finding) -> Vec<Self> {
        if finding.observations.is_empty() {
            let nothing = ["nothing".to_owned(), "–".to_owned(), "–".to_owned()];
            return vec![Self::new(finding, finding.verdict, nothing, 0)];
        }
        let line = |o: &Observation| {
            Self::new(finding, o.verdict, [words::label(o), words::expected(o), words::observed(o)], o.n)
        };
        finding.observations.iter().map(line).collect()
    }

    fn new(finding: &Finding, verdict: Verdict, [measured, expected, observed]: [String; 3], n: u64) -> Self {
        Self {
            tone: page::tone_of(finding.severity, verdict),
            verdict: words::verdict_of(finding.severity, verdict),
            check: finding.check.clone(),
            kind: finding.kind.clone(),
            subject: finding.subject.replace(" -> ", " → "),
            during: words::during(&finding.during),
            measured,
            expected,
            observed,
            n: count(n),
        }
    }
}

/// What a route was asked to do.
pub(super) struct BehaviourLine {
    pub(super) route: String,
    pub(super) phase: String,
    pub(super) from_to: String,
    pub(super) median: String,
    pub(super) p99: String,
    pub(super) statuses: String,
    pub(super) rest: String,
}

/// A ramp, or one value where both ends are the same.
fn ramp([from, to]: [f64; 2], said: fn(f64) -> String) -> String {
    let (from, to) = (said(from), said(to));
    if from == to { from } else { format!("{from} → {to}") }
}

impl BehaviourLine {
    pub(super) fn new(row: &BehaviourRow) -> Self {
        let status = |s: &StatusShare| format!("{} {}", s.status, ramp(s.share, share));
        let statuses: Vec<String> = row.statuses.iter().map(status).collect();
        let limit = row.limit.map(|l| format!("limit {}", rate(l)));
        let rest: Vec<String> = row.faults.iter().cloned().chain(limit).collect();
        Self {
            route: row.route.clone(),
            phase: if row.phase.is_empty() { "warm-up".to_owned() } else { row.phase.clone() },
            from_to: format!("{} – {} s", number(row.start), number(row.end)),
            median: ramp(row.median, duration),
            p99: ramp(row.p99, duration),
            statuses: statuses.join(", "),
            rest: if rest.is_empty() { "–".to_owned() } else { rest.join(", ") },
        }
    }
}

/// Who took part.
pub(super) struct HostLine {
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) target: String,
    pub(super) preset: String,
    pub(super) hash: String,
    pub(super) settings: Option<String>,
}

impl HostLine {
    pub(super) fn new(row: &HostRow) -> Self {
        let settings = row.settings.as_ref().filter(|_| row.role != HostRole::Upstream);
        Self {
            name: row.name.clone(),
            role: match row.role {
                HostRole::Client => "client",
                HostRole::Gateway => "gateway",
                HostRole::Upstream => "upstream",
            },
            target: row.target.clone().unwrap_or_else(|| "–".to_owned()),
            preset: if row.preset.is_empty() { "–".to_owned() } else { row.preset.clone() },
            hash: row.settings_hash.clone().unwrap_or_else(|| "–".to_owned()),
            settings: settings.and_then(|s| serde_json::to_string_pretty(s).ok()),
        }
    }
}
