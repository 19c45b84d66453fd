//! What a breaker is held to: its own settings without their defects, and over them what the check states.
//!
//! A window that never slides is no excuse for opening late. So what the settings call a defect, there to be shown, is
//! healed here. Of a stranger only what the check states is known; what it does not state, nobody is held to.

use std::time::Duration;

use upstorm_model::plan::Subject;
use upstorm_model::policy::{Breaker, BreakerKind, HedgeKind, OnClose, Position, RejectedCalls};
use upstorm_model::scenario::BreakerCheck;

use crate::Case;
use crate::evidence::Edge;

/// What a breaker is held to.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    /// Its settings, as far as they are known; the rest are the language's defaults.
    pub breaker: Breaker,
    /// How long it is open, if that is known.
    pub open_for: Option<Duration>,
    /// Probes at once, if that is known.
    pub permits: Option<u32>,
    /// Whether it is known when it trips, and its attempts are seen one by one.
    pub trips: bool,
    /// Whether its window may be cut into larger steps than is known.
    pub stranger: bool,
    /// Whether it sees whole calls, with their retries inside.
    pub sees_calls: bool,
    /// After this an attempt is cut, and has failed; none where that is not known, or another reason to leave it may be
    /// that a hedged one won.
    pub per_try: Option<Duration>,
}

impl Terms {
    /// None where nothing is known of the breaker, or there is none.
    pub(super) fn of(case: &Case<'_>, asked: &BreakerCheck, edge: &Edge<'_>) -> Option<Self> {
        let policy = case.plan().policy_of(edge.hop.0);
        let own = policy.map(|p| &p.breaker).filter(|b| b.kind != BreakerKind::Off);
        let stated = asked.settings.as_deref();
        if own.is_none() && stated.is_none() {
            return None;
        }
        let base = own.map_or_else(Breaker::default, healed);
        let breaker = stated.map_or_else(|| base.clone(), |stated| stated.over(&base));
        let known = |told: bool| own.is_some() || told;
        let Subject::Edge { from, to, route } = &case.check.of else { return None };
        let straight = to.iter().any(|to| case.plan().sends(*from, *to));
        let plain = breaker.on_close == OnClose::Clear && breaker.rejected == RejectedCalls::Ignore;
        Some(Self {
            open_for: known(stated.is_some_and(|s| s.open_for.is_some())).then(|| breaker.open_for.get()),
            permits: known(stated.is_some_and(|s| s.half_open_permits.is_some()))
                .then_some(breaker.half_open_permits),
            trips: known(stated.is_some_and(|s| s.tell_the_trip())) && straight && route.is_none() && plain,
            stranger: own.is_none(),
            sees_calls: policy.is_some_and(|p| p.retry.position == Position::InsideBreaker),
            per_try: policy
                .filter(|p| p.hedge.kind == HedgeKind::Off)
                .and_then(|p| Some(p.deadline.per_try?.get())),
            breaker,
        })
    }

    /// How much earlier than told a probe may come: clocks and timers differ.
    pub(super) fn margin(open_for: Duration) -> Duration {
        Duration::from_millis(5).max(open_for / 100)
    }
}

/// The settings without what they call a defect.
fn healed(own: &Breaker) -> Breaker {
    Breaker { window_slides: true, half_open_unlimited: false, half_open_leak: false, ..own.clone() }
}
