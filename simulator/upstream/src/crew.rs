//! Workers and the queue before them, as a pure machine that is told the time.
//!
//! A FIFO queue with several servers (Kendall's G/G/c with a bounded queue), which is what most servers are: as long as
//! less is asked than the crew can do, nobody notices; beyond, waiting grows without end or the queue overflows. Work
//! ends at its own time and not when somebody looks, so a late wake-up of the host costs no capacity, and the next in
//! the queue begins when the worker became free.
//!
//! | state | event | next |
//! |---|---|---|
//! | a worker free, nobody waits | enter | begun now |
//! | no worker free, room in the queue | enter | waits, last |
//! | no worker free, no room | enter | full: turned away |
//! | someone works | its time is over, or it leaves | the worker is free: the first who waits begins |
//! | someone waits | it leaves | those behind it move up |
//! | someone waits | its turn comes, and its work would end after its deadline | overdue: turned away, the next one's turn |
//! | any | the number of workers changes | more: those who wait begin; fewer: nobody is sent away |

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use upstorm_model::Offset;

/// Somebody's place among those who work or wait.
pub(crate) type Ticket = u64;

/// What becomes of somebody who enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A worker took it, at this time.
    Begun(Ticket, Offset),
    /// It waits.
    Waits(Ticket),
    /// There was no place.
    Full,
}

/// How long somebody will keep its worker, how many may wait with it, and the time after which its work is worth nothing.
pub(crate) type Wish = (Duration, u32, Option<Duration>);

/// Somebody who waits.
#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    busy: Duration,
    /// Its work must be done by then.
    by: Option<Offset>,
}

/// Workers and a queue.
#[derive(Debug)]
pub(crate) struct Crew {
    /// How many workers there are from when on; never empty.
    shifts: Vec<(Offset, u32)>,
    /// Those that are worked on, by the end of their work.
    working: BTreeSet<(Offset, Ticket)>,
    /// Those who wait, the first in front.
    queue: VecDeque<Waiting>,
    /// Those whose turn came too late, since they were last asked for.
    overdue: Vec<Ticket>,
    now: Offset,
    tickets: Ticket,
}

impl Crew {
    /// With so many workers from when on. Before the first of these times there are as many as from then.
    pub(crate) fn new(shifts: Vec<(Offset, u32)>) -> Self {
        let (working, queue) = (BTreeSet::new(), VecDeque::new());
        Self { shifts, working, queue, overdue: Vec::new(), now: Offset::ZERO, tickets: 0 }
    }

    /// Somebody enters, and waits if there is no worker and fewer than its wish says do. Whoever begins before that goes
    /// to `begun`.
    pub(crate) fn enter(
        &mut self,
        now: Offset,
        (busy, room, deadline): Wish,
        begun: &mut Vec<(Ticket, Offset)>,
    ) -> Entry {
        self.catch_up(now, begun);
        let ticket = self.tickets;
        if deadline.is_some_and(|deadline| busy > deadline) {
            return Entry::Full;
        }
        if self.is_free() {
            self.tickets += 1;
            self.working.insert((self.now + busy, ticket));
            return Entry::Begun(ticket, self.now);
        }
        if self.queue.len() >= room as usize {
            return Entry::Full;
        }
        self.tickets += 1;
        let by = deadline.map(|deadline| now + deadline);
        self.queue.push_back(Waiting { ticket, busy, by });
        Entry::Waits(ticket)
    }

    /// Somebody leaves before its work is done.
    pub(crate) fn leave(&mut self, now: Offset, ticket: Ticket, begun: &mut Vec<(Ticket, Offset)>) {
        self.catch_up(now, begun);
        self.queue.retain(|waiting| waiting.ticket != ticket);
        self.working.retain(|(_, working)| *working != ticket);
        self.fill(begun);
    }

    /// Those whose turn came too late since this was last asked.
    pub(crate) fn take_overdue(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.overdue)
    }

    /// From now on there are so many workers from when on; those who can begin upon it do at the next look.
    pub(crate) fn reschedule(&mut self, shifts: Vec<(Offset, u32)>) {
        self.shifts = shifts;
    }

    /// When the number of workers changes next after this.
    pub(crate) fn next_shift(&self, after: Offset) -> Option<Offset> {
        let later = self.shifts.partition_point(|(start, _)| *start <= after);
        self.shifts.get(later).map(|(start, _)| *start)
    }

    /// How many are worked on, and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.working.len(), self.queue.len())
    }

    /// Everything that has happened until now: work that ended, shifts that changed, and who began upon it, with the time
    /// at which it did. Time that goes backwards counts as no time.
    pub(crate) fn catch_up(&mut self, now: Offset, begun: &mut Vec<(Ticket, Offset)>) {
        self.fill(begun);
        while let Some(next) = self.next_change().filter(|at| *at <= now) {
            self.now = self.now.max(next);
            while self.working.first().is_some_and(|(end, _)| *end <= self.now) {
                self.working.pop_first();
            }
            self.fill(begun);
        }
        self.now = self.now.max(now);
    }

    /// When the next worker becomes free or the next shift begins.
    fn next_change(&self) -> Option<Offset> {
        let end = self.working.first().map(|(end, _)| *end);
        let later = self.shifts.partition_point(|(start, _)| *start <= self.now);
        let shift = self.shifts.get(later).map(|(start, _)| *start);
        end.into_iter().chain(shift).min()
    }

    fn is_free(&self) -> bool {
        let later = self.shifts.partition_point(|(start, _)| *start <= self.now);
        let workers = self.shifts.get(later.saturating_sub(1)).map_or(u32::MAX, |(_, workers)| *workers);
        self.working.len() < workers as usize
    }

    fn fill(&mut self, begun: &mut Vec<(Ticket, Offset)>) {
        while self.is_free()
            && let Some(Waiting { ticket, busy, by }) = self.queue.pop_front()
        {
            if by.is_some_and(|by| self.now + busy > by) {
                self.overdue.push(ticket);
                continue;
            }
            self.working.insert((self.now + busy, ticket));
            begun.push((ticket, self.now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Offset {
        Offset::from_millis(ms)
    }

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn enter(crew: &mut Crew, now: u64, busy: u64) -> Entry {
        let mut begun = Vec::new();
        let entry = crew.enter(at(now), (ms(busy), 2, None), &mut begun);
        assert_eq!(begun, []);
        entry
    }

    fn begun_by(crew: &mut Crew, now: u64) -> Vec<(Ticket, Offset)> {
        let mut begun = Vec::new();
        crew.catch_up(at(now), &mut begun);
        begun
    }

    /// Two work from 0 on, until 10 and 30; two wait; a fifth is turned away.
    fn crowded() -> Crew {
        let mut crew = Crew::new(vec![(at(0), 2), (at(50), 1), (at(200), 3)]);
        assert_eq!(enter(&mut crew, 0, 10), Entry::Begun(0, at(0)));
        assert_eq!(enter(&mut crew, 0, 30), Entry::Begun(1, at(0)));
        assert_eq!(enter(&mut crew, 1, 30), Entry::Waits(2));
        assert_eq!(enter(&mut crew, 2, 30), Entry::Waits(3));
        assert_eq!(enter(&mut crew, 2, 1), Entry::Full);
        crew
    }

    #[test]
    fn first_come_first_served_from_when_a_worker_is_free_however_late_one_looks() {
        let mut crew = crowded();
        assert_eq!(begun_by(&mut crew, 9), []);
        assert_eq!(begun_by(&mut crew, 45), [(2, at(10)), (3, at(30))]);
        assert_eq!(enter(&mut crew, 46, 5), Entry::Begun(4, at(46)), "the third was done at 40");
    }

    #[test]
    fn who_leaves_makes_room_at_once() {
        let (mut crew, mut begun) = (crowded(), Vec::new());
        crew.leave(at(4), 2, &mut begun);
        assert_eq!(begun, [], "it had waited");
        crew.leave(at(5), 1, &mut begun);
        assert_eq!(begun, [(3, at(5))]);
        assert_eq!(enter(&mut crew, 6, 1), Entry::Waits(4));
        crew.leave(at(7), 17, &mut begun);
        assert_eq!(begun_by(&mut crew, 10), [(4, at(10))]);
    }

    #[test]
    fn fewer_workers_send_nobody_away_and_more_begin_with_who_waits() {
        let mut crew = Crew::new(vec![(at(0), 2), (at(50), 1), (at(200), 3)]);
        for ticket in 0..2 {
            assert_eq!(enter(&mut crew, 40, 100), Entry::Begun(ticket, at(40)));
        }
        assert_eq!(enter(&mut crew, 60, 100), Entry::Waits(2));
        assert_eq!(enter(&mut crew, 60, 100), Entry::Waits(3));
        assert_eq!(begun_by(&mut crew, 150), [(2, at(140))], "one worker since 50");
        assert_eq!(begun_by(&mut crew, 300), [(3, at(200))], "three since 200");
    }

    #[test]
    fn whose_work_would_be_done_too_late_is_turned_away_when_its_turn_comes() {
        let (mut crew, mut begun) = (Crew::new(vec![(at(0), 1)]), Vec::new());
        let mut enter = |now: u64, busy: u64| crew.enter(at(now), (ms(busy), 9, Some(ms(50))), &mut begun);
        assert_eq!(enter(0, 51), Entry::Full, "whatever its turn");
        assert_eq!(enter(0, 40), Entry::Begun(0, at(0)));
        assert_eq!(enter(5, 16), Entry::Waits(1));
        assert_eq!(enter(5, 15), Entry::Waits(2));
        assert_eq!(enter(20, 15), Entry::Waits(3));
        crew.catch_up(at(60), &mut begun);
        assert_eq!(begun, [(2, at(40)), (3, at(55))]);
        assert_eq!((crew.take_overdue(), crew.take_overdue()), (vec![1], vec![]));
    }

    #[test]
    fn work_that_takes_no_time_takes_no_worker() {
        let mut crew = Crew::new(vec![(at(0), 1)]);
        for ticket in 0..5 {
            assert_eq!(enter(&mut crew, 1, 0), Entry::Begun(ticket, at(1)));
        }
    }

    /// When each arrival begins, by the textbook's recursion: a worker that is free first takes who came first.
    fn recursion(workers: usize, arrivals: &[(u64, u64)]) -> Vec<u64> {
        let mut free = vec![0; workers];
        let begin = |(arrival, busy): &(u64, u64)| {
            let first = free.iter_mut().min().unwrap();
            let start = (*arrival).max(*first);
            *first = start + busy;
            start
        };
        arrivals.iter().map(begin).collect()
    }

    proptest! {
        #[test]
        fn begins_as_the_recursion_says(
            workers in 1_u32..5, gaps in prop::collection::vec((0_u64..20, 0_u64..60), 1..80), late in 0_u64..500,
        ) {
            let mut now = 0;
            let arrivals: Vec<(u64, u64)> = gaps.iter().map(|(gap, busy)| { now += gap; (now, *busy) }).collect();
            let (mut crew, mut begun) = (Crew::new(vec![(at(0), workers)]), Vec::new());
            for (arrival, busy) in &arrivals {
                match crew.enter(at(*arrival), (ms(*busy), u32::MAX, None), &mut begun) {
                    Entry::Begun(ticket, start) => begun.push((ticket, start)),
                    Entry::Waits(_) => {}
                    Entry::Full => prop_assert!(false, "the queue is long enough"),
                }
            }
            crew.catch_up(at(now + 80 * 60 + late), &mut begun);
            begun.sort_unstable();
            let starts: Vec<Offset> = begun.iter().map(|(_, start)| *start).collect();
            prop_assert_eq!(starts, recursion(workers as usize, &arrivals).into_iter().map(at).collect::<Vec<_>>());
        }
    }
}
