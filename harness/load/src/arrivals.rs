//! The open-loop schedule of one client: when each of its calls is planned, exactly and from the seed alone.
//!
//! Gaps are drawn in units of expected calls and mapped to time through the integrated rate, straight across
//! segment boundaries: cutting a segment in two changes nothing, and a change of rate moves later calls but
//! draws none of them anew.

use std::sync::Arc;

use upstorm_model::plan::Load;
use upstorm_model::scenario::Arrivals;
use upstorm_model::{Offset, Plan, Rate, Stream, Varying};

use crate::ramp::{expected, progress_at};

/// Closer to a segment's end than this, in expected calls, counts as the start of the next: constant spacing
/// whose rate divides the segment must not gain or lose a call to rounding.
const EDGE: f64 = 1e-9;

/// The planned times of one client's open-loop calls, never going back. Lazy: it holds no list.
#[derive(Debug, Clone)]
pub struct Schedule {
    plan: Arc<Plan>,
    client: usize,
    stream: Stream,
    segment: usize,
    /// Expected calls from the start of the segment to the next call.
    ahead: f64,
    /// Gaps drawn so far.
    drawn: u64,
    last: Offset,
}

impl Schedule {
    /// The schedule of the client of this index; empty for an index of another plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>, client: usize) -> Self {
        let name = plan.clients.get(client).map_or("", |c| plan.host_name(c.host));
        let stream = Stream::named(&["arrivals", name]);
        let mut schedule =
            Self { plan, client, stream, segment: 0, ahead: 0.0, drawn: 0, last: Offset::ZERO };
        // Evenly spaced calls begin at once; random ones a random gap after the start.
        if (0..schedule.plan.segments.len()).find_map(|s| schedule.open(s)).map(|(_, kind)| kind)
            == Some(Arrivals::Poisson)
        {
            schedule.ahead = schedule.gap(Arrivals::Poisson);
        }
        schedule
    }

    /// Rate and spacing in a segment; none where the loop is closed.
    fn open(&self, segment: usize) -> Option<(Varying<Rate>, Arrivals)> {
        match self.plan.clients.get(self.client)?.timeline.get(segment)? {
            Load::Open { rate, arrivals } => Some((*rate, *arrivals)),
            Load::Closed { .. } => None,
        }
    }

    /// Expected calls to the next one.
    fn gap(&mut self, kind: Arrivals) -> f64 {
        let call = self.drawn;
        self.drawn += 1;
        match kind {
            Arrivals::Constant => 1.0,
            Arrivals::Poisson => -libm::log1p(-self.plan.seed.dice(self.stream, call, 1).unit()),
        }
    }
}

impl Iterator for Schedule {
    type Item = Offset;

    fn next(&mut self) -> Option<Offset> {
        loop {
            let segment = self.plan.segments.get(self.segment)?;
            let (start, end) = (segment.start, segment.end);
            let length = end.since(start);
            if let Some((rate, kind)) = self.open(self.segment) {
                let whole = expected(&rate, length.as_secs_f64(), 1.0);
                if self.ahead < whole - EDGE {
                    let progress = progress_at(&rate, length.as_secs_f64(), self.ahead);
                    // Planned times lie within their segment, so that the behaviour in force is never in
                    // doubt.
                    let at = (start + length.mul_f64(progress)).min(end - std::time::Duration::from_nanos(1));
                    self.last = self.last.max(at);
                    self.ahead += self.gap(kind);
                    return Some(self.last);
                }
                self.ahead = (self.ahead - whole).max(0.0);
            }
            self.segment += 1;
        }
    }
}
