//! The ordered queue of wake-ups behind the real clock, and the thread that rings them.
//!
//! tokio's timer rounds up to whole milliseconds, which moved a median wake-up by 1.1 ms when measured: more
//! than many an injected delay. This thread sleeps until the earliest wake-up is near and spins only for the
//! last few microseconds.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use upstorm_model::Offset;

use crate::Alarm;

/// The last stretch before a wake-up is spun through, for the operating system wakes a sleeper a little late.
/// Longer sharpens the median and spoils the tail on a busy machine, whose scheduler makes those wait who used their
/// turn up. At 10,000 sleeps/s (`benches/benches/clock_against_tokio.rs`) 10 µs gave 28 µs at the median and 0.15 ms
/// at the 99th percentile; 20 µs gave 20 µs, but 0.2 to 3.4 ms; no spin at all 37 µs, for a tenth less processor time.
const SPIN: Duration = Duration::from_micros(10);

/// Wake-ups in the order they are due.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    queue: Mutex<Queue>,
    earlier: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    due: BTreeMap<(Offset, u64), Waker>,
    sequence: u64,
    /// The thread sleeps until then and must be told of anything earlier; zero while it is awake.
    asleep_until: Offset,
    stopped: bool,
}

impl Alarms {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets a wake-up.
    pub(super) fn set(&self, at: Offset, waker: Waker) -> Alarm {
        let mut queue = self.lock();
        let sequence = queue.sequence;
        queue.sequence += 1;
        queue.due.insert((at, sequence), waker);
        let earliest = at < queue.asleep_until;
        drop(queue);
        if earliest {
            self.earlier.notify_one();
        }
        Alarm { at, sequence }
    }

    /// Takes a wake-up back.
    pub(super) fn cancel(&self, alarm: Alarm) {
        // The waker is dropped after the lock is released: dropping one may free a task that cancels its own
        // alarms.
        let _waker = self.lock().due.remove(&(alarm.at, alarm.sequence));
    }

    /// Ends [`Alarms::ring`].
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.earlier.notify_one();
    }

    /// Rings wake-ups when they are due, until stopped. `now` is the clock they are set by.
    pub(super) fn ring(&self, now: impl Fn() -> Offset) {
        sharpen_sleep();
        let mut ringing = Vec::new();
        let mut queue = self.lock();
        while !queue.stopped {
            let time = now();
            queue.take_due(time, &mut ringing);
            if !ringing.is_empty() {
                drop(queue);
                ringing.drain(..).for_each(Waker::wake);
                queue = self.lock();
                continue;
            }
            queue = match queue.due.first_key_value().map(|((at, _), _)| *at) {
                Some(at) if at.since(time) <= SPIN => {
                    drop(queue);
                    while now() < at {
                        std::hint::spin_loop();
                    }
                    self.lock()
                }
                earliest => self.sleep(queue, time, earliest),
            };
        }
    }

    /// Sleeps until shortly before the earliest wake-up, or until there is an earlier one.
    fn sleep<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        time: Offset,
        earliest: Option<Offset>,
    ) -> MutexGuard<'a, Queue> {
        queue.asleep_until = earliest.unwrap_or(Offset::MAX);
        let mut queue = if let Some(at) = earliest {
            let slept = self.earlier.wait_timeout(queue, at.since(time).saturating_sub(SPIN));
            slept.unwrap_or_else(PoisonError::into_inner).0
        } else {
            self.earlier.wait(queue).unwrap_or_else(PoisonError::into_inner)
        };
        queue.asleep_until = Offset::ZERO;
        queue
    }
}

impl Queue {
    /// Moves what is due out, in order.
    fn take_due(&mut self, time: Offset, ringing: &mut Vec<Waker>) {
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > time {
                break;
            }
            ringing.push(entry.remove());
        }
    }
}

/// Linux may delay a thread's sleep by 50 µs to save power; this thread asks for none of that.
fn sharpen_sleep() {
    // Refused at worst by a sandbox: wake-ups are then a little less sharp, and the run reports its host
    // noise.
    let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
}
