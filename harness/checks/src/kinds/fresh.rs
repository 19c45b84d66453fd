//! `fresh`: whether kept answers were served when, and only when, they may be.
//!
//! A stale answer beats an error while the upstream is gone (RFC 5861 section 4), but one that is served for ever hides
//! that nothing behind the cache works any more. Every answer says when the upstream made it; one that was made before
//! its call was sent came out of a cache, and so old it was at least.
//!
//! - Overdue: no answer is older than `fresh` + `stale_if_error`. An invariant.
//! - Needless: an answer older than `fresh` is served only where the upstream failed: an attempt of that very call failed,
//!   or none could be made (a partition, a connection fault, or a breaker that failures had opened shortly before).
//!   Failed if the 99 % lower bound of the share that was needless exceeds 0.1 %.
//! - Served: of the calls for which a usable answer was kept and that asked in vain, those that got the kept one; at
//!   least 95 %. A call asked in vain if it was answered with a stale answer or ended as an error. That an answer was
//!   kept is known where the same client got one for the same request before; a path that is its call's own is never
//!   kept for another.
//!
//! What is left out comes from the first cache on the client's way. Calls belong to a phase by their planned time.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::plan::Subject;
use upstorm_model::policy::BreakerKind;
use upstorm_model::recording::{Attempt, Call, CallId, Outcome};
use upstorm_model::scenario::{CheckKind, Fresh};
use upstorm_model::verdict::{BoundSource, Exhibit, Measure, Observation, Unit, Verdict};
use upstorm_model::{HostId, Offset};

use crate::evidence::failed;
use crate::reading::{at_least, at_most};
use crate::statistics::{chance_of_fewer, chance_of_more, lower, upper};
use crate::{Case, CheckInfo, Reading};

/// This check's entry in the registry.
pub const INFO: CheckInfo = CheckInfo {
    key: "fresh",
    title: "kept answers",
    summary: "whether a cache served no answer past its time, a stale one only in need, and then always",
    measures: &[Measure::OverdueAnswers, Measure::NeedlessStale, Measure::StaleServed],
    always_on: false,
    observe,
};

/// What clocks and ways may make of an age.
const SLACK: Duration = Duration::from_millis(10);
/// An upstream that failed so lately may still be taken to fail.
const LATELY: Duration = Duration::from_secs(1);
/// The share of needless stale answers that is no accident.
const TOLERATED: f64 = 0.001;
/// The share of calls that must get the answer that is kept for them.
const SERVED: f64 = 0.95;

fn observe(case: &Case<'_>) -> Vec<Observation> {
    let (Some(CheckKind::Fresh(asked)), Subject::Client(client)) = (&case.check.kind, &case.check.of) else {
        return Vec::new();
    };
    let Some(ages) = Ages::of(case, asked, *client) else { return Vec::new() };
    let view = View { case, client: *client, ages, failures: Failures::of(case, *client) };
    let answers = view.answers();
    vec![view.overdue(&answers), view.needless(&answers), view.served()]
}

/// How old an answer may be.
#[derive(Debug, Clone, Copy)]
struct Ages {
    fresh: Duration,
    usable: Duration,
    source: BoundSource,
}

impl Ages {
    fn of(case: &Case<'_>, asked: &Fresh, client: HostId) -> Option<Self> {
        let own = case.plan().cache_before(client);
        let fresh = asked.fresh.or(own.map(|c| c.fresh))?.get();
        let stale = asked.stale_if_error.or(own.map(|c| c.stale_if_error)).unwrap_or_default().get();
        let written = asked.fresh.is_some() || asked.stale_if_error.is_some();
        let source = if written { BoundSource::Scenario } else { BoundSource::Settings };
        Some(Self { fresh, usable: fresh + stale, source })
    }
}

/// A kept answer, and how old it was at least.
struct Kept<'a> {
    call: &'a Call,
    age: Duration,
}

impl Kept<'_> {
    fn exhibit(&self) -> Exhibit {
        Exhibit { at: self.call.done, call: Some(self.call.id), value: self.age.as_secs_f64() }
    }
}

/// When the upstreams on a client's way failed.
struct Failures {
    /// Ends of failed attempts, in order.
    ends: Vec<Offset>,
    /// Calls of which an attempt failed.
    calls: BTreeMap<CallId, ()>,
    upstreams: Vec<HostId>,
    /// How long after failures a breaker may keep calls away.
    memory: Duration,
}

impl Failures {
    fn of(case: &Case<'_>, client: HostId) -> Self {
        let hops = case.evidence.hops(client);
        let upstreams: Vec<HostId> = hops.iter().map(|hop| hop.1).collect();
        let attempts = case.evidence.recording.attempts.iter();
        let failures: Vec<&Attempt> =
            attempts.filter(|a| failed(a) && upstreams.contains(&a.upstream)).collect();
        let mut ends: Vec<Offset> = failures.iter().map(|a| a.end).collect();
        ends.sort_unstable();
        let calls = failures.iter().filter_map(|a| Some((a.keys.call?, ()))).collect();
        let policies = hops.iter().filter_map(|hop| case.plan().policy_of(hop.0));
        let breakers = policies.filter(|p| p.breaker.kind != BreakerKind::Off);
        let open_for = breakers.map(|p| p.breaker.open_for.get()).max().unwrap_or_default();
        Self { ends, calls, upstreams, memory: LATELY + open_for * 2 }
    }

    fn explain(&self, case: &Case<'_>, call: &Call) -> bool {
        let since = Offset::ZERO + call.sent.elapsed().saturating_sub(self.memory);
        let first = self.ends.partition_point(|end| *end < since);
        let lately = self.ends.get(first).is_some_and(|end| *end <= call.done + SLACK);
        self.calls.contains_key(&call.id) || lately || self.unreachable(case, since, call.done)
    }

    /// Whether connections to an upstream are declared to fail at some time in between.
    fn unreachable(&self, case: &Case<'_>, from: Offset, to: Offset) -> bool {
        let plan = case.plan();
        (plan.segment_at(from)..=plan.segment_at(to)).any(|index| {
            let cut = plan.segments.get(index).is_some_and(|s| !s.partitions.is_empty());
            let mut upstreams = self.upstreams.iter().filter_map(|host| plan.upstream_of(*host));
            cut || upstreams.any(|(_, u)| u.timeline.get(index).is_some_and(|s| s.may_fail_to_connect()))
        })
    }
}

struct View<'c, 'a> {
    case: &'c Case<'a>,
    client: HostId,
    ages: Ages,
    failures: Failures,
}

impl<'a> View<'_, 'a> {
    /// The answers that came out of a cache.
    fn answers(&self) -> Vec<Kept<'a>> {
        let calls = self.case.evidence.calls_of(self.client);
        let kept = calls.filter(|c| self.case.period.contains(c.planned)).filter_map(kept);
        kept.collect()
    }

    fn overdue(&self, answers: &[Kept<'_>]) -> Observation {
        let late = |k: &&Kept<'_>| k.age > self.ages.usable + SLACK;
        let mut overdue: Vec<Exhibit> = answers.iter().filter(late).map(Kept::exhibit).collect();
        overdue.sort_by(|a, b| b.value.total_cmp(&a.value));
        let reading = Reading::of(Measure::OverdueAnswers, Unit::Count, answers.len() as u64)
            .value(Some(overdue.len() as f64))
            .exhibits(overdue);
        self.case.judge(reading, at_most(0.0, self.ages.source))
    }

    fn needless(&self, answers: &[Kept<'_>]) -> Observation {
        let stale = |k: &&Kept<'_>| k.age > self.ages.fresh + SLACK;
        let needless: Vec<Exhibit> = answers
            .iter()
            .filter(stale)
            .filter(|k| !self.failures.explain(self.case, k.call))
            .map(Kept::exhibit)
            .collect();
        let (hits, n) = (needless.len() as f64, answers.len() as f64);
        let low = lower(hits, n, 0.99);
        let reading = Reading::of(Measure::NeedlessStale, Unit::Ratio, answers.len() as u64)
            .value((n > 0.0).then(|| hits / n))
            .interval(low, upper(hits, n, 0.99), 0.98)
            .ruled(match needless.len() {
                0 => Verdict::Held,
                _ if low > TOLERATED => Verdict::Failed,
                _ => Verdict::Inconclusive,
            })
            .chance(chance_of_more(hits, n, TOLERATED))
            .exhibits(needless);
        self.case.judge(reading, at_most(TOLERATED, self.ages.source))
    }

    fn served(&self) -> Observation {
        let mut calls: Vec<&Call> = self.case.evidence.calls_of(self.client).collect();
        calls.sort_by_key(|c| (c.sent, c.id));
        let stock = self.stock(&calls);
        let (mut got, mut missed) = (0_u64, Vec::new());
        for call in calls.iter().filter(|c| self.case.period.contains(c.planned)) {
            let stale = kept(call).is_some_and(|k| k.age > self.ages.fresh + SLACK);
            let in_vain =
                call.outcome.is_error() && !matches!(call.outcome, Outcome::Shed | Outcome::Censored);
            if stale {
                got += 1;
            } else if in_vain && self.is_kept_for(call, &stock) {
                missed.push(Exhibit { at: call.done, call: Some(call.id), value: 0.0 });
            }
        }
        let n = got + missed.len() as u64;
        let (hits, all) = (got as f64, n as f64);
        let reading = Reading::of(Measure::StaleServed, Unit::Ratio, n)
            .value((n > 0).then(|| hits / all))
            .interval(lower(hits, all, 0.95), upper(hits, all, 0.95), 0.9)
            .chance(chance_of_fewer(hits, all, SERVED))
            .exhibits(missed);
        self.case.judge(reading, at_least(SERVED, BoundSource::Rule))
    }

    /// By request, when each answer that may be kept came and when it was made, in the order they came.
    fn stock(&self, calls: &[&Call]) -> BTreeMap<u16, Vec<(Offset, Offset)>> {
        let mut stock: BTreeMap<u16, Vec<(Offset, Offset)>> = BTreeMap::new();
        for call in calls.iter().filter(|c| c.outcome == Outcome::Answered(200) && self.is_shared(c.request))
        {
            if let Some(made) = call.made {
                stock.entry(call.request).or_default().push((call.done, made));
            }
        }
        for answers in stock.values_mut() {
            answers.sort_unstable();
            // From here on: the youngest answer that had come by then.
            let mut youngest = Offset::ZERO;
            for (_, made) in answers {
                youngest = youngest.max(*made);
                *made = youngest;
            }
        }
        stock
    }

    /// Whether a request is one that a cache keeps an answer for: safe, and the same for several calls.
    fn is_shared(&self, request: u16) -> bool {
        let client = self.case.plan().clients.iter().find(|c| c.host == self.client);
        let request = client.and_then(|c| c.requests.get(usize::from(request)));
        request.is_some_and(|r| matches!(r.method.as_str(), "GET" | "HEAD") && !r.path.contains("{seq}"))
    }

    /// Whether an answer was kept for this call that could still be used when it ended.
    fn is_kept_for(&self, call: &Call, stock: &BTreeMap<u16, Vec<(Offset, Offset)>>) -> bool {
        let answers = stock.get(&call.request).map(Vec::as_slice).unwrap_or_default();
        let before = answers.partition_point(|(came, _)| *came <= call.sent);
        let youngest = before.checked_sub(1).and_then(|index| answers.get(index));
        youngest.is_some_and(|(_, made)| call.done.since(*made) + SLACK <= self.ages.usable)
    }
}

/// The answer of a call, if it was made before the call was sent.
fn kept(call: &Call) -> Option<Kept<'_>> {
    let made = call.made.filter(|made| *made < call.sent && call.outcome.is_success())?;
    Some(Kept { call, age: call.sent.since(made) })
}
