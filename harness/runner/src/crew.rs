//! The crew: threads that share out runs which have nothing to do with each other.
//!
//! A simulated run keeps one core busy and knows of no other, so as many go on at once as there are cores. On real sockets
//! the machine itself is what a run is made of: there the crew is one.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use upstorm_load::Stop;
use upstorm_model::scenario::WorldKind;

/// How many of so many runs are performed at once.
#[must_use]
pub fn workers(world: WorldKind, count: NonZero<u32>) -> u32 {
    match world {
        WorldKind::Real => 1,
        WorldKind::Sim => {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            count.get().min(u32::try_from(cores).unwrap_or(u32::MAX))
        }
    }
}

/// Has so many threads take one place after the other, from 0, until `one` says that there are no more (`Ok(false)`), somebody
/// stops it, or a place cannot be done.
///
/// # Errors
/// The first that `one` gave.
pub(crate) fn share_out<E: Send>(
    workers: u32,
    stop: &Stop,
    one: &(impl Fn(u64) -> Result<bool, E> + Sync),
) -> Result<(), E> {
    let (next, error) = (AtomicU64::new(0), Mutex::new(None));
    let work = || {
        while !stop.is_stopped() && lock(&error).is_none() {
            match one(next.fetch_add(1, Ordering::Relaxed)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(failed) => *lock(&error) = Some(failed),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// What threads share; one that panicked left it whole.
pub(crate) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_world_has_one_machine() {
        let many = NonZero::new(1000).unwrap();
        assert_eq!(workers(WorldKind::Real, many), 1);
        assert_eq!(workers(WorldKind::Sim, NonZero::<u32>::MIN), 1);
        assert!(workers(WorldKind::Sim, many) >= 1);
    }

    #[test]
    fn each_place_is_taken_once_and_one_that_cannot_be_done_ends_it() {
        let taken = Mutex::new(Vec::new());
        let take = |place: u64| {
            lock(&taken).push(place);
            Ok::<_, u64>(place < 50)
        };
        assert_eq!(share_out(3, &Stop::new(), &take), Ok(()));
        let mut places = taken.into_inner().unwrap();
        places.sort_unstable();
        assert!(places.iter().copied().eq(0..places.len() as u64) && places.len() > 50);
        assert_eq!(
            share_out(1, &Stop::new(), &|place| if place == 7 { Err(place) } else { Ok(true) }),
            Err(7)
        );
        let stop = Stop::new();
        stop.stop();
        assert_eq!(share_out(2, &stop, &|place| Err::<bool, _>(place)), Ok(()), "nobody begins");
    }
}
