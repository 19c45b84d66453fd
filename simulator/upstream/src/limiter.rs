//! The rate limit of one route: a token bucket for all, or one for each value of a header.
//!
//! A limit by tenant is what most public services have, and what turns one noisy caller into 429s for itself only.
//! The number of buckets is bounded: a full bucket tells nothing that a new one would not, so full ones go first.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use upstorm_model::Offset;

use crate::bucket::{Bucket, Setting};
use crate::hash::fnv;

/// No more values of a header are told apart at once.
const VALUES: usize = 10_000;

/// Whose bucket a request takes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LimitKey {
    /// Everybody's.
    Everybody,
    /// That of everybody with the same value of this header; those without it share one.
    Header(HeaderName),
}

impl LimitKey {
    /// The name of the bucket for these headers.
    fn of(&self, headers: &HeaderMap) -> u64 {
        match self {
            Self::Everybody => 0,
            Self::Header(name) => headers.get(name).map_or(0, |value| fnv(value.as_bytes())),
        }
    }
}

/// The buckets of one route for as long as its limit stays the same.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<BTreeMap<u64, Bucket>>);

impl Limiter {
    /// Takes a token.
    ///
    /// # Errors
    /// When there is none: how long until there is one.
    pub(crate) fn take(
        &self,
        headers: &HeaderMap,
        now: Offset,
        at: (&LimitKey, Setting),
    ) -> Result<(), Duration> {
        let (key, setting) = at;
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = key.of(headers);
        if let Some(bucket) = buckets.get_mut(&name) {
            return bucket.take(now, setting);
        }
        if buckets.len() >= VALUES {
            make_room(&mut buckets, now, setting);
        }
        buckets.entry(name).or_insert_with(|| Bucket::full(now, setting)).take(now, setting)
    }

    /// How long until a token is free; zero if one is.
    pub(crate) fn wait(&self, headers: &HeaderMap, now: Offset, at: (&LimitKey, Setting)) -> Duration {
        let (key, setting) = at;
        let buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.get(&key.of(headers)).map_or(Duration::ZERO, |bucket| bucket.wait(now, setting))
    }
}

/// Drops every bucket that has filled up again since it was last asked; if none has, the one longest unasked.
fn make_room(buckets: &mut BTreeMap<u64, Bucket>, now: Offset, setting: Setting) {
    buckets.retain(|_, bucket| !bucket.is_full(now, setting));
    if buckets.len() >= VALUES {
        let oldest = buckets.iter().min_by_key(|(_, bucket)| bucket.updated()).map(|(name, _)| *name);
        oldest.and_then(|name| buckets.remove(&name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Setting = Setting { rate: 1.0, burst: 1.0 };

    fn tenant(name: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-tenant", name.parse().unwrap());
        headers
    }

    #[test]
    fn each_value_of_the_header_has_its_own_bucket() {
        let (limiter, key) = (Limiter::default(), LimitKey::Header(HeaderName::from_static("x-tenant")));
        let take = |headers: &HeaderMap| limiter.take(headers, Offset::ZERO, (&key, ONE)).is_ok();
        assert!(take(&tenant("a")) && take(&tenant("b")) && take(&HeaderMap::new()));
        assert!(!take(&tenant("a")) && !take(&tenant("b")) && !take(&HeaderMap::new()));
        assert_eq!(limiter.wait(&tenant("a"), Offset::ZERO, (&key, ONE)), Duration::from_secs(1));
        assert_eq!(limiter.wait(&tenant("new"), Offset::ZERO, (&key, ONE)), Duration::ZERO);
    }

    #[test]
    fn without_a_header_all_share_one() {
        let limiter = Limiter::default();
        let take = |name| limiter.take(&tenant(name), Offset::ZERO, (&LimitKey::Everybody, ONE)).is_ok();
        assert!(take("a") && !take("b"));
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let (limiter, key) = (Limiter::default(), LimitKey::Header(HeaderName::from_static("x-tenant")));
        for n in 0..VALUES + 50 {
            let now = Offset::from_nanos(n as u64);
            assert!(limiter.take(&tenant(&n.to_string()), now, (&key, ONE)).is_ok());
        }
        assert_eq!(limiter.0.lock().unwrap().len(), VALUES);
        let later = Offset::from_millis(60_000);
        assert!(limiter.take(&tenant("later"), later, (&key, ONE)).is_ok());
        assert_eq!(limiter.0.lock().unwrap().len(), 1, "the others have filled up again");
    }
}
