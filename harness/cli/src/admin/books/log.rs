//! The attempt log: the last hundred thousand attempts, numbered as they ended.
//!
//! A ring: some 25 MB at most, however long the upstream serves. What falls out of it is still in the recording.

use std::collections::VecDeque;

use upstorm_model::recording::Attempt;

/// Attempts that are kept.
pub(crate) const KEPT: usize = 100_000;

/// An attempt of the log.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Its number, from 1, in the order in which attempts ended.
    pub(crate) number: u64,
    /// The attempt.
    pub(crate) attempt: Attempt,
    /// The fault that hit it, as a scenario writes it.
    pub(crate) fault: Option<&'static str>,
    /// True where it met a behaviour that was changed by hand, or a phase that was jumped to.
    pub(crate) changed: bool,
}

/// The last attempts.
#[derive(Debug)]
pub(super) struct Log {
    ring: VecDeque<Kept>,
    most: usize,
    last: u64,
}

/// A page of the log.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What was found, by number.
    pub(crate) found: Vec<Kept>,
    /// The number after which the next page begins.
    pub(crate) last_seen: u64,
    /// True where more is there already.
    pub(crate) more: bool,
    /// How many attempts before this page were not kept any more.
    pub(crate) lost: u64,
}

impl Log {
    /// Of so many attempts.
    pub(super) const fn new(most: usize) -> Self {
        Self { ring: VecDeque::new(), most, last: 0 }
    }

    /// Keeps an attempt, and forgets the oldest where there are too many.
    pub(super) fn keep(&mut self, attempt: &Attempt, fault: Option<&'static str>, changed: bool) {
        if self.ring.len() >= self.most {
            self.ring.pop_front();
        }
        self.last += 1;
        self.ring.push_back(Kept { number: self.last, attempt: attempt.clone(), fault, changed });
    }

    /// The next `limit` attempts after this number that are wanted.
    pub(super) fn page(&self, after: u64, limit: usize, wanted: &dyn Fn(&Kept) -> bool) -> Page {
        let first = self.ring.partition_point(|kept| kept.number <= after);
        let oldest = self.ring.front().map_or(self.last + 1, |kept| kept.number);
        let lost = oldest.saturating_sub(after.saturating_add(1));
        let mut page = Page { last_seen: after.min(self.last), lost, ..Page::default() };
        for kept in self.ring.range(first..) {
            let is_wanted = wanted(kept);
            if is_wanted && page.found.len() >= limit {
                page.more = true;
                return page;
            }
            page.last_seen = kept.number;
            if is_wanted {
                page.found.push(kept.clone());
            }
        }
        page
    }
}
