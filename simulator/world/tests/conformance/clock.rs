//! Time: never early, in order, and taken back when asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use tokio::sync::oneshot;
use upstorm_model::Offset;
use upstorm_world::{Clock, TimedOut, World};

use super::{CLIENT, two_hosts};

/// Notes its number when woken.
struct Note {
    number: usize,
    at: Offset,
    clock: Arc<dyn Clock>,
    woken: Arc<Mutex<Vec<(usize, Offset)>>>,
    last: Mutex<Option<oneshot::Sender<()>>>,
}

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        let now = self.clock.now();
        assert!(now >= self.at, "early");
        self.woken.lock().unwrap().push((self.number, now));
        if let Some(last) = self.last.lock().unwrap().take() {
            last.send(()).unwrap();
        }
    }
}

/// A sleep ends at its time or after it, and one for a time that has passed ends at once.
pub(crate) fn sleeps_are_never_early(world: &Arc<dyn World>) {
    let (client, _) = two_hosts(world);
    let done = world.run(async move {
        for micros in [0, 1, 50, 700, 3_000] {
            let before = client.clock.now();
            client.clock.sleep(Duration::from_micros(micros)).await;
            assert!(client.clock.now() >= before + Duration::from_micros(micros));
        }
        client.clock.sleep_until(Offset::ZERO).await;
    });
    assert_eq!(done, Some(()));
}

/// Wake-ups ring by their time, and those of one time in the order they were set.
pub(crate) fn alarms_ring_in_order(world: &Arc<dyn World>) {
    let clock = world.env(CLIENT, upstorm_model::plan::Role::Client).clock;
    let woken = Arc::new(Mutex::new(Vec::new()));
    let start = clock.now() + Duration::from_millis(20);
    // Ten times, set from the last to the first and four apiece; the very last tells that all are through.
    let (last, rung) = oneshot::channel();
    let mut last = Some(last);
    for step in (0..10).rev() {
        for turn in 0..4 {
            let at = start + Duration::from_micros(100) * step;
            let number = usize::try_from(step).unwrap() * 4 + turn;
            let last = if number == 39 { last.take() } else { None };
            let (clock_too, woken) = (Arc::clone(&clock), Arc::clone(&woken));
            let note = Note { number, at, clock: clock_too, woken, last: Mutex::new(last) };
            clock.wake_at(at, Waker::from(Arc::new(note)));
        }
    }
    world.run(rung).unwrap().unwrap();
    let order: Vec<usize> = woken.lock().unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(order, (0..40).collect::<Vec<_>>());
}

/// Ten thousand wake-ups at scattered times, set from several tasks: each rings once, none is lost.
pub(crate) fn ten_thousand_alarms(world: &Arc<dyn World>) {
    let (client, upstream) = two_hosts(world);
    let count = Arc::new(AtomicUsize::new(0));
    let rung = Arc::clone(&count);
    world
        .run(async move {
            let (done, mut all) = tokio::sync::mpsc::channel::<()>(1);
            for task in 0..10_000_u64 {
                let env = if task % 2 == 0 { &client } else { &upstream };
                let (clock, rung, done) = (Arc::clone(&env.clock), Arc::clone(&rung), done.clone());
                env.spawn.spawn(async move {
                    let wait = Duration::from_micros(task * 7919 % 100_000);
                    let until = clock.now() + wait;
                    clock.sleep_until(until).await;
                    assert!(clock.now() >= until);
                    rung.fetch_add(1, Ordering::Relaxed);
                    drop(done);
                });
            }
            drop(done);
            assert_eq!(all.recv().await, None);
        })
        .unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 10_000);
}

/// A cancelled wake-up does not ring; a dropped sleep leaves nothing behind; a sleep can be moved.
pub(crate) fn alarms_can_be_taken_back(world: &Arc<dyn World>) {
    let (client, _) = two_hosts(world);
    world
        .run(async move {
            let clock = client.clock;
            let woken = Arc::new(Mutex::new(Vec::new()));
            let at = clock.now() + Duration::from_millis(2);
            let note = Note {
                number: 1,
                at,
                clock: Arc::clone(&clock),
                woken: Arc::clone(&woken),
                last: Mutex::new(None),
            };
            let alarm = clock.wake_at(at, Waker::from(Arc::new(note)));
            clock.cancel(alarm);
            clock.cancel(alarm);
            let mut moved = clock.sleep(Duration::from_secs(3600));
            assert_eq!(clock.timeout_at(clock.now(), &mut moved).await, Err(TimedOut));
            moved.reset(at + Duration::from_millis(3));
            moved.await;
            assert!(clock.now() >= at + Duration::from_millis(3));
            assert!(woken.lock().unwrap().is_empty());
        })
        .unwrap();
}

/// A time limit lets through what is done in time, and ends what is not.
pub(crate) fn timeouts_end_what_is_late(world: &Arc<dyn World>) {
    let (client, _) = two_hosts(world);
    world
        .run(async move {
            let clock = client.clock;
            let limit = clock.now() + Duration::from_millis(5);
            assert_eq!(clock.timeout_at(limit, std::future::ready(7)).await, Ok(7));
            assert_eq!(clock.timeout_at(limit, std::future::pending::<()>()).await, Err(TimedOut));
            assert!(clock.now() >= limit);
            // Polled first: even a limit that has passed lets through what is ready.
            assert_eq!(clock.timeout_at(Offset::ZERO, std::future::ready(7)).await, Ok(7));
        })
        .unwrap();
}

/// When the run begins the clock shows zero, whatever was spent before; waiting works as ever.
pub(crate) fn the_run_begins_at_zero(world: &Arc<dyn World>) {
    let (client, _) = two_hosts(world);
    let control = Arc::clone(world);
    world
        .run(async move {
            let clock = client.clock;
            clock.sleep(Duration::from_millis(20)).await;
            control.begin();
            assert!(clock.now() < Offset::from_millis(20));
            clock.sleep_until(Offset::from_millis(5)).await;
            assert!(clock.now() >= Offset::from_millis(5));
            // Dates go along with the offsets.
            let (zero, later) = (clock.wall(Offset::ZERO), clock.wall(Offset::from_millis(1_500)));
            assert_eq!(later.duration_since(zero).unwrap(), Duration::from_millis(1_500));
        })
        .unwrap();
}
