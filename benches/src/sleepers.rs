//! Ten thousand sleeps a second, on any clock: how late each ended.
//!
//! Sleepers draw their waits between 1 and 200 ms, one after the other, so that as many end at any moment as at any
//! other, and the queue of wake-ups is some thousand long, as in a run. A sleep counts as ended when its task runs,
//! which is what an injected delay or the release of a call waits for.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use upstorm_model::{Seed, Stream};

/// How many sleep at any time: with waits of 100.5 ms in the mean, 10,000 sleeps end each second.
pub const SLEEPERS: u64 = 1_005;

/// The shortest and the longest wait, in nanoseconds.
const WAITS: std::ops::Range<u64> = 1_000_000..200_000_000;

/// The lateness of many sleeps, in nanoseconds.
#[derive(Debug, Clone, Default)]
pub struct Lateness(Arc<Mutex<Vec<u64>>>);

impl Lateness {
    fn take(&self) -> Vec<u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All that was noted, the least first.
    #[must_use]
    pub fn sorted(&self) -> Vec<u64> {
        let mut all = self.take();
        all.sort_unstable();
        all
    }
}

/// One sleeper: sleeps until `over` says so. `sleep` waits so long, and says how late it was.
pub async fn sleeper<F: Future<Output = Duration>>(
    number: u64,
    lateness: Lateness,
    sleep: impl Fn(Duration) -> F,
    over: impl Fn() -> bool,
) {
    let mut noted = Vec::new();
    let mut dice = Seed(7).dice(Stream::named(&["bench", "sleepers"]), number, 1);
    while !over() {
        let wait = WAITS.start + dice.bits() % (WAITS.end - WAITS.start);
        let late = sleep(Duration::from_nanos(wait)).await;
        noted.push(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX));
    }
    lateness.0.lock().unwrap_or_else(PoisonError::into_inner).append(&mut noted);
}
