//! Deeds: what an unsafe request asks to be done, and the moment at which it is.
//!
//! A request that is made again may be done again, and nobody sees it in a rate. So the upstream says of each attempt
//! whether it took effect. It does when the upstream has the whole request and takes it on: at once, or where there are
//! workers when one has it, or where these do not notice who leaves when there is a place for it. From then on it is
//! done, although its caller may never hear of it: the answer may be late, cut or lost, the caller gone. Servers commit
//! before they answer. Nothing is done by a request that is safe (RFC 9110 section 9.2.1), or that was turned away, or
//! whose answer says otherwise: 2xx and 303 tell that it was done, an error that it was not, any other redirect that it
//! is to be asked elsewhere.

use std::sync::atomic::{AtomicU8, Ordering};

use http::{Method, StatusCode};
use upstorm_model::Offset;
use upstorm_model::recording::Keys;

use crate::fate::Decision;
use crate::fault::Action;
use crate::ledger::Ledger;

/// What an unsafe request that was let in asks for.
#[derive(Debug)]
pub(crate) struct Deed {
    key: Option<u64>,
    /// What it will be answered, if that says that it was done.
    answer: Option<u16>,
    /// True where a worker must have it.
    waits: bool,
    /// How much has to come before it is done: the whole request, and perhaps a worker.
    missing: AtomicU8,
}

/// Its key was known: nothing is done, and it is answered with this status again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its key was known, and answered with {0}")]
pub(crate) struct Repeated(pub(crate) u16);

impl Deed {
    /// Of a request for which all this is decided; none where nothing can come of it. `keeps` tells whether the route has a
    /// ledger.
    pub(crate) fn of(decision: &Decision, keys: &Keys, keeps: bool) -> Option<Self> {
        let key = keys.idempotency.filter(|_| keeps);
        let answer = Self::says_done(decision.answer.status);
        let asks =
            !keys.method.is_safe() && decision.fate.is_admitted() && (answer.is_some() || key.is_some());
        let waits = decision.held.as_ref().is_some_and(|held| !held.turn.is_stubborn());
        asks.then(|| Self { key, answer, waits, missing: AtomicU8::new(1 + u8::from(waits)) })
    }

    /// The status, if it tells that it was done.
    fn says_done(status: StatusCode) -> Option<u16> {
        (status.is_success() || status == StatusCode::SEE_OTHER).then(|| status.as_u16())
    }

    /// Whether an unsafe request is done whose answer was settled last of all, and is sent.
    pub(crate) fn is_done_at_last(decision: &Decision, method: &Method) -> bool {
        let answered = !matches!(decision.action, Action::Hang | Action::Ignore);
        answered
            && decision.fate.is_admitted()
            && !method.is_safe()
            && Self::says_done(decision.answer.status).is_some()
    }

    /// A worker has it. True when it takes effect with that.
    ///
    /// # Errors
    /// When its key is known.
    pub(crate) fn begun(&self, now: Offset, ledger: Option<&Ledger>) -> Result<bool, Repeated> {
        if self.waits { self.came(now, ledger) } else { Ok(false) }
    }

    /// The request is whole. True when it takes effect with that.
    ///
    /// # Errors
    /// When its key is known.
    pub(crate) fn whole(&self, now: Offset, ledger: Option<&Ledger>) -> Result<bool, Repeated> {
        self.came(now, ledger)
    }

    fn came(&self, now: Offset, ledger: Option<&Ledger>) -> Result<bool, Repeated> {
        if self.missing.fetch_sub(1, Ordering::Relaxed) > 1 {
            return Ok(false);
        }
        let known = self.key.zip(ledger).and_then(|(key, ledger)| ledger.look_up(key, now, self.answer));
        known.map_or(Ok(self.answer.is_some()), |status| Err(Repeated(status)))
    }
}
