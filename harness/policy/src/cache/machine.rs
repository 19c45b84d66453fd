//! The cache: answers by what was asked for, each with its age, in bounded memory.
//!
//! | age of the answer | it is |
//! |---|---|
//! | below `fresh`, and below what it says of itself | [`Found::Fresh`]: served without asking |
//! | below that + `stale_if_error`, where it allows that | [`Found::Stale`]: served if asking fails (RFC 5861 section 4) |
//! | beyond | gone |
//!
//! With `serve_stale = "always"` nothing is ever gone and what is stale is served without asking: a defect, there to be
//! shown. Age counts from when the request for the answer was sent, plus the age it came with: that errs towards old
//! (RFC 9111 section 4.2.3). `Date` is not consulted: the clocks of the parts agree.
//!
//! One that is kept beyond `max_entries` pushes out the one that was not asked for the longest. Every look and every
//! keeping counts as asking, in the order they come, so the same calls always push out the same answers. What an answer
//! is, and how its body is read, is left to the layer.

use std::collections::BTreeMap;
use std::time::Duration;

use upstorm_model::Offset;
use upstorm_model::policy::{self, ServeStale};

use super::Terms;

/// Answers that are kept, by what was asked for.
#[derive(Debug)]
pub struct Cache<V> {
    fresh: Duration,
    stale_if_error: Duration,
    always: bool,
    most: usize,
    entries: BTreeMap<String, Entry<V>>,
    /// The keys by when they were last asked for.
    by_use: BTreeMap<u64, String>,
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    kept: Kept<V>,
    used: u64,
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<V> {
    /// The answer.
    pub value: V,
    /// When it was new.
    pub born: Offset,
    /// Until when it is fresh.
    fresh_until: Offset,
    /// Until when it may be served where asking fails.
    stale_until: Offset,
}

impl<V> Kept<V> {
    /// How old it is.
    #[must_use]
    pub const fn age(&self, now: Offset) -> Duration {
        now.since(self.born)
    }

    /// Whether it is fresh.
    #[must_use]
    pub fn is_fresh(&self, now: Offset) -> bool {
        now < self.fresh_until
    }
}

/// What is there for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<V> {
    /// Nothing.
    Nothing,
    /// An answer to be served without asking.
    Fresh(Kept<V>),
    /// An answer to be served if asking fails.
    Stale(Kept<V>),
}

impl<V: Clone> Cache<V> {
    /// An empty one of these settings.
    #[must_use]
    pub fn new(settings: &policy::Cache) -> Self {
        Self {
            fresh: settings.fresh.get(),
            stale_if_error: settings.stale_if_error.get(),
            always: settings.serve_stale == ServeStale::Always,
            most: settings.max_entries as usize,
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    /// What is there for this.
    pub fn look(&mut self, key: &str, now: Offset) -> Found<V> {
        let Some(entry) = self.entries.get_mut(key) else { return Found::Nothing };
        if !self.always && now >= entry.kept.stale_until {
            self.forget(key);
            return Found::Nothing;
        }
        self.by_use.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        self.by_use.insert(self.uses, key.to_owned());
        let kept = entry.kept.clone();
        if self.always || kept.is_fresh(now) { Found::Fresh(kept) } else { Found::Stale(kept) }
    }

    /// How an answer is kept whose request was sent at this time; none if it would be stale at once and of no use
    /// later.
    pub fn dated(&self, asked: Offset, terms: &Terms, value: V) -> Option<Kept<V>> {
        let born = asked - terms.age;
        let lifetime = terms.lifetime.map_or(self.fresh, |own| own.min(self.fresh));
        let stale = terms.stale_if_error.map_or(self.stale_if_error, |own| own.min(self.stale_if_error));
        let fresh_until = born + lifetime;
        let kept = Kept { value, born, fresh_until, stale_until: fresh_until + stale };
        (asked < kept.stale_until).then_some(kept)
    }

    /// Keeps an answer for this, in the place of what was there.
    pub fn keep(&mut self, key: &str, kept: Kept<V>) {
        self.forget(key);
        self.uses += 1;
        self.by_use.insert(self.uses, key.to_owned());
        self.entries.insert(key.to_owned(), Entry { kept, used: self.uses });
        while self.entries.len() > self.most {
            let Some((_, oldest)) = self.by_use.pop_first() else { return };
            self.entries.remove(&oldest);
        }
    }

    /// Forgets what was there for this.
    pub fn forget(&mut self, key: &str) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_use.remove(&entry.used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use upstorm_model::TimeSpan;

    const fn secs(n: u64) -> Offset {
        Offset::from_millis(n * 1000)
    }

    fn settings(most: u32, serve_stale: ServeStale) -> policy::Cache {
        policy::Cache {
            fresh: TimeSpan::from_secs(10),
            stale_if_error: TimeSpan::from_secs(5),
            max_entries: most,
            serve_stale,
            ..policy::Cache::default()
        }
    }

    fn kept(cache: &Cache<u64>, asked: Offset, terms: Terms) -> Kept<u64> {
        cache.dated(asked, &terms, 7).unwrap()
    }

    #[test]
    fn is_fresh_then_stale_then_gone() {
        let mut cache = Cache::new(&settings(9, ServeStale::OnError));
        let answer = kept(&cache, secs(1), Terms::default());
        cache.keep("a", answer.clone());
        assert_eq!(cache.look("b", secs(2)), Found::Nothing);
        let last = Offset::from_nanos(secs(11).as_nanos() - 1);
        assert_eq!(cache.look("a", last), Found::Fresh(answer.clone()));
        assert_eq!(cache.look("a", secs(11)), Found::Stale(answer.clone()));
        assert_eq!(cache.look("a", secs(15)), Found::Stale(answer.clone()));
        assert_eq!(cache.look("a", secs(16)), Found::Nothing);
        assert_eq!(cache.look("a", secs(2)), Found::Nothing, "what is gone stays gone");
        assert_eq!(answer.age(secs(4)), Duration::from_secs(3));
    }

    #[test]
    fn what_an_answer_says_of_itself_shortens_and_never_lengthens() {
        let cache = Cache::new(&settings(9, ServeStale::OnError));
        let until = |lifetime: u64, stale: u64, age: u64| {
            let of = |n| Some(Duration::from_secs(n));
            let terms =
                Terms { lifetime: of(lifetime), stale_if_error: of(stale), age: Duration::from_secs(age) };
            cache.dated(secs(100), &terms, 7).map(|k| (k.fresh_until, k.stale_until))
        };
        assert_eq!(until(4, 2, 0), Some((secs(104), secs(106))));
        assert_eq!(until(99, 99, 0), Some((secs(110), secs(115))));
        assert_eq!(until(99, 99, 3), Some((secs(107), secs(112))));
        assert_eq!(until(0, 2, 0), Some((secs(100), secs(102))));
        assert_eq!(until(0, 0, 0), None);
        assert_eq!(until(4, 0, 9), None);
    }

    #[test]
    fn the_defect_serves_for_ever() {
        let mut cache = Cache::new(&settings(9, ServeStale::Always));
        let answer = kept(&cache, secs(1), Terms::default());
        cache.keep("a", answer.clone());
        assert_eq!(cache.look("a", secs(90_000)), Found::Fresh(answer.clone()));
        assert!(!answer.is_fresh(secs(90_000)));
    }

    proptest! {
        /// The model: a list, the last asked for at its end.
        #[test]
        fn the_one_not_asked_for_the_longest_goes(
            most in 1_u32..6,
            steps in prop::collection::vec((0_usize..8, any::<bool>(), 0_u64..3), 1..200),
        ) {
            let keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let mut cache = Cache::new(&settings(most, ServeStale::OnError));
            let (mut now, mut model) = (secs(0), Vec::<(&str, Offset)>::new());
            for (key, keeps, step) in steps {
                now += Duration::from_secs(step);
                let there = model.iter().position(|(k, _)| *k == keys[key]).map(|i| model.remove(i));
                if keeps {
                    let answer = kept(&cache, now, Terms::default());
                    cache.keep(keys[key], answer);
                    model.push((keys[key], now));
                    if model.len() > most as usize {
                        model.remove(0);
                    }
                } else {
                    let alive = there.filter(|(_, since)| now.since(*since) < Duration::from_secs(15));
                    let found = cache.look(keys[key], now);
                    prop_assert_eq!(found != Found::Nothing, alive.is_some());
                    model.extend(alive);
                }
                prop_assert_eq!(cache.entries.len(), model.len());
                prop_assert_eq!(cache.by_use.len(), model.len());
            }
        }
    }
}
