//! What a plan declares to go wrong, and how often each of it was met.
//!
//! Fates are drawn before anything is done and recorded with each attempt, so the share is known even where a caller
//! left first. A fault counts as injected only if the attempt also ended that way: one that was decided and then
//! completed was not injected, but for those that leave an answer whole: a stall was if the answer took that much longer,
//! a redirect if that was its status, and of broken JSON and a flood of headers the upstream alone can tell. An entry of `faults` meets what the entries before it left over (first hit wins), and
//! nothing that the rate limit had rejected. Repeated steps of a phase are counted together.

use std::collections::BTreeMap;

use upstorm_model::plan::{Segment, UpstreamPlan};
use upstorm_model::recording::{Attempt, Connection, ConnectionFate, End};
use upstorm_model::scenario::{Connect, Fault, FaultKind, Malformed, StatusMix};
use upstorm_model::{Plan, Ratio, Varying};

use crate::evidence::Evidence;

/// How often something declared was met.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Which phase, upstream, route and fault.
    pub part: String,
    /// Attempts or connections that might have been hit.
    pub n: u64,
    /// How many should have been, by the shares in force when they came.
    pub expected: f64,
    /// How many were.
    pub hits: u64,
    /// Whether requests came this way at all, then or at another time.
    pub reached: bool,
}

impl Tally {
    fn count(&mut self, share: f64, hit: bool) {
        self.n += 1;
        self.expected += share;
        self.hits += u64::from(hit);
    }
}

/// Something declared for one route in one segment.
enum Declared<'a> {
    Fault { index: u8, share: Varying<Ratio>, kind: &'a FaultKind },
    Status { code: u16, mix: &'a StatusMix, faults: &'a [Fault] },
}

impl Declared<'_> {
    /// The share in force and whether it hit, for an attempt that it could have hit.
    fn meets(&self, attempt: &Attempt, progress: f64) -> Option<(f64, bool)> {
        let fate = &attempt.fate;
        match self {
            _ if !fate.is_admitted() => None,
            Self::Fault { index, .. } if fate.fault.is_some_and(|hit| hit < *index) => None,
            Self::Fault { index, share, kind } => {
                let hit = fate.fault == Some(*index) && was_injected(kind, attempt, progress);
                Some((share.at(progress).get().min(1.0), hit))
            }
            Self::Status { code, mix, faults } => {
                let share = mix.shares(progress).iter().find(|s| s.0 == *code).map_or(0.0, |s| s.1);
                let instead = redirected(faults, attempt).then_some(FaultKind::REDIRECT);
                let due = instead.unwrap_or(*code);
                let hit = fate.status == *code && attempt.status.is_none_or(|sent| sent == due);
                Some((share, hit))
            }
        }
    }
}

/// Whether what was decided for an attempt was also done to it.
pub(super) fn was_injected(kind: &FaultKind, attempt: &Attempt, progress: f64) -> bool {
    let delay = attempt.delay.unwrap_or_default().get();
    match kind {
        FaultKind::Stall(stall) if attempt.ended == End::Completed => {
            attempt.end >= attempt.head + delay + stall.r#for.at(progress).get()
        }
        FaultKind::RedirectLoop {} if attempt.ended == End::Completed => {
            attempt.status == Some(FaultKind::REDIRECT)
        }
        FaultKind::Malformed { kind: Malformed::Json } | FaultKind::HeaderFlood { .. } => true,
        _ => attempt.ended != End::Completed,
    }
}

/// Whether a redirect was to be sent in place of the status that was drawn.
fn redirected(faults: &[Fault], attempt: &Attempt) -> bool {
    let hit = attempt.fate.fault.and_then(|index| faults.get(usize::from(index)));
    hit.is_some_and(|fault| matches!(fault.kind, FaultKind::RedirectLoop {}))
}

/// Where an attempt's declared faults stand: by upstream host, segment and route.
type Place = (u16, u16, u16);

/// Every share declared outside warm-up, with what was met.
pub(super) fn shares(evidence: &Evidence<'_>) -> Vec<Tally> {
    let plan = evidence.plan;
    let mut tallies = Tallies::default();
    let mut declared: BTreeMap<Place, Vec<(Declared<'_>, usize)>> = BTreeMap::new();
    for (upstream, index, segment) in segments(plan) {
        let Some(behaviour) = upstream.timeline.get(usize::from(index)) else { continue };
        for (route, now) in (0_u16..).zip(&behaviour.routes) {
            let entries = in_segment(&now.faults, &now.status).into_iter().map(|(name, what)| {
                let route_name = upstream.routes.get(usize::from(route)).map_or("?", |r| r.name.as_str());
                let part = part(plan, segment, upstream, &format!("/{route_name} {name}"));
                (what, tallies.of(part, (upstream.host.0, Some(route))))
            });
            declared.insert((upstream.host.0, index, route), entries.collect());
        }
    }
    for attempt in &evidence.recording.attempts {
        tallies.reached.insert((attempt.upstream.0, Some(attempt.route.0)), ());
        let progress = plan.progress(usize::from(attempt.segment), attempt.head);
        let here = declared.get(&(attempt.upstream.0, attempt.segment, attempt.route.0));
        for (what, tally) in here.into_iter().flatten() {
            if let Some((share, hit)) = what.meets(attempt, progress).filter(|_| is_drawn(plan, attempt)) {
                tallies.all[*tally].count(share, hit);
            }
        }
    }
    connections(evidence, &mut tallies);
    tallies.finish()
}

/// Whether status and faults were drawn for an attempt, and not given by a script or the request.
fn is_drawn(plan: &Plan, attempt: &Attempt) -> bool {
    let upstream = plan.upstream_of(attempt.upstream).map(|(_, upstream)| upstream);
    let segment = upstream.and_then(|upstream| upstream.timeline.get(usize::from(attempt.segment)));
    let route = segment.and_then(|segment| segment.routes.get(usize::from(attempt.route.0)));
    route.is_some_and(|route| route.draws_the_end(attempt.fate.origin))
}

/// Tallies by their part, and which ways were taken.
#[derive(Default)]
struct Tallies {
    all: Vec<Tally>,
    ways: Vec<(u16, Option<u16>)>,
    by_part: BTreeMap<String, usize>,
    reached: BTreeMap<(u16, Option<u16>), ()>,
}

impl Tallies {
    fn of(&mut self, part: String, way: (u16, Option<u16>)) -> usize {
        let next = self.all.len();
        let index = *self.by_part.entry(part.clone()).or_insert(next);
        if index == next {
            self.all.push(Tally { part, ..Tally::default() });
            self.ways.push(way);
        }
        index
    }

    fn finish(mut self) -> Vec<Tally> {
        for (tally, way) in self.all.iter_mut().zip(&self.ways) {
            tally.reached = self.reached.contains_key(way);
        }
        self.all
    }
}

fn in_segment<'a>(faults: &'a [Fault], mix: &'a StatusMix) -> Vec<(String, Declared<'a>)> {
    let listed = (0_u8..).zip(faults).filter(|(_, f)| f.share.peak() > 0.0);
    let mut out: Vec<(String, Declared<'a>)> = listed
        .map(|(index, f)| {
            (
                format!("{} #{}", f.kind.title(), index + 1),
                Declared::Fault { index, share: f.share, kind: &f.kind },
            )
        })
        .collect();
    let errors = mix.0.keys().filter(|code| **code >= 400);
    let declared = errors.filter(|code| {
        let share = |progress| mix.shares(progress).iter().any(|s| s.0 == **code && s.1 > 0.0);
        share(0.0) || share(1.0)
    });
    out.extend(declared.map(|code| (code.to_string(), Declared::Status { code: *code, mix, faults })));
    out
}

/// The shares of resets and of stalls in one segment, each with its tally, and the tally of delays.
type AtAccept = ([Option<(Varying<Ratio>, usize)>; 2], Option<usize>);

/// Resets and stalls at accept: the stall meets what the reset left over. Delays of what is served: none of its requests
/// may have been read before.
fn connections(evidence: &Evidence<'_>, tallies: &mut Tallies) {
    let plan = evidence.plan;
    let mut declared: BTreeMap<(u16, u16), AtAccept> = BTreeMap::new();
    for (upstream, index, segment) in segments(plan) {
        let Some(now) = upstream.timeline.get(usize::from(index)) else { continue };
        let mut tally = |share: Option<Varying<Ratio>>, name: &str| {
            let share = share.filter(|s| s.peak() > 0.0)?;
            Some((share, tallies.of(part(plan, segment, upstream, name), (upstream.host.0, None))))
        };
        let both = [tally(now.connect.reset, " connect reset"), tally(now.connect.stall, " connect stall")];
        let delay = now.connect.delay.is_some();
        let delay = delay
            .then(|| tallies.of(part(plan, segment, upstream, " connect delay"), (upstream.host.0, None)));
        declared.insert((upstream.host.0, index), (both, delay));
    }
    let mut first = BTreeMap::new();
    for attempt in evidence.recording.attempts.iter().filter(|attempt| attempt.request == 0) {
        first.insert((attempt.upstream.0, attempt.connection), attempt.head);
    }
    for connection in &evidence.recording.connections {
        tallies.reached.insert((connection.upstream.0, None), ());
        let Some(([reset, stall], delay)) = declared.get(&(connection.upstream.0, connection.segment)) else {
            continue;
        };
        let share = |s: &Varying<Ratio>| share_of(plan, connection, s);
        if let Some((s, tally)) = reset {
            tallies.all[*tally].count(share(s), connection.fate == ConnectionFate::Reset);
        }
        if let Some((s, tally)) = stall.as_ref().filter(|_| connection.fate != ConnectionFate::Reset) {
            tallies.all[*tally].count(share(s), connection.fate == ConnectionFate::Stalled);
        }
        let head = first.get(&(connection.upstream.0, connection.id));
        if let (Some(tally), Some(head)) = (delay, head) {
            let due = connection.accepted + connection.delay.get();
            tallies.all[*tally].count(1.0, *head >= due);
        }
    }
}

fn share_of(plan: &Plan, connection: &Connection, share: &Varying<Ratio>) -> f64 {
    share.at(plan.progress(usize::from(connection.segment), connection.accepted)).get().min(1.0)
}

/// Every upstream in every segment outside warm-up.
fn segments(plan: &Plan) -> impl Iterator<Item = (&UpstreamPlan, u16, &Segment)> {
    let after_warmup = (0_u16..).zip(&plan.segments).filter(|(_, s)| s.phase.is_some());
    after_warmup.flat_map(|(index, segment)| plan.upstreams.iter().map(move |u| (u, index, segment)))
}

fn part(plan: &Plan, segment: &Segment, upstream: &UpstreamPlan, what: &str) -> String {
    let phase = segment.phase.and_then(|p| plan.phases.get(usize::from(p))).map_or("?", |p| p.name.as_str());
    format!("{phase}: {}{what}", plan.host_name(upstream.host))
}

/// A stretch of time in which nothing may arrive, and why.
#[derive(Debug)]
pub(super) struct ShutDoor<'a> {
    /// Which phase, upstream and reason.
    pub part: String,
    /// The upstream.
    pub upstream: &'a UpstreamPlan,
    /// Who cannot reach it; none for everybody.
    pub from: Option<upstorm_model::HostId>,
    /// Whether requests on open connections still arrive.
    pub open_connections: bool,
    /// Whether connections may still be accepted.
    pub accepts: bool,
    /// Which segment.
    pub segment: u16,
}

/// Every refused, swallowed and partitioned segment outside warm-up.
pub(super) fn shut_doors(plan: &Plan) -> Vec<ShutDoor<'_>> {
    let mut doors = Vec::new();
    for (upstream, index, segment) in segments(plan) {
        let door = |what: &str| ShutDoor {
            part: part(plan, segment, upstream, what),
            upstream,
            from: None,
            open_connections: false,
            accepts: false,
            segment: index,
        };
        let open = Connect::default();
        let connect = upstream.timeline.get(usize::from(index)).map_or(&open, |now| &now.connect);
        if connect.refuses() {
            doors.push(door(" connect refuse"));
        } else if connect.swallows() {
            doors.push(ShutDoor { open_connections: true, ..door(" connect blackhole") });
        }
        for [a, b] in &segment.partitions {
            let other = if *a == upstream.host { *b } else { *a };
            if *a == upstream.host || *b == upstream.host {
                let what = format!(" partition from {}", plan.host_name(other));
                doors.push(ShutDoor { from: Some(other), accepts: true, ..door(&what) });
            }
        }
    }
    doors
}

#[cfg(test)]
mod tests {
    use super::*;
    use upstorm_model::recording::{Fate, Keys};
    use upstorm_model::scenario::{Cut, CutAt, Stall, StatusEntry};
    use upstorm_model::{HostId, Offset, RouteId, TimeSpan};

    /// An attempt that was held back for 20 ms and ended so, at this millisecond.
    fn attempt(end: u64, ended: End) -> Attempt {
        Attempt {
            upstream: HostId(0),
            route: RouteId(0),
            segment: 0,
            peer: None,
            keys: Keys::default(),
            ordinal: 1,
            connection: 0,
            request: 0,
            accepted: Offset::ZERO,
            head: Offset::ZERO,
            first_byte: None,
            end: Offset::from_millis(end),
            fate: Fate::default(),
            delay: Some(TimeSpan::from_millis(20)),
            status: None,
            hint: None,
            ended,
            held: None,
            effect: false,
        }
    }

    #[test]
    fn a_stall_was_injected_if_the_answer_took_that_much_longer() {
        let place = Cut::At { at: CutAt::MidBody };
        let stall = FaultKind::Stall(Stall { place, r#for: TimeSpan::from_millis(500).into() });
        let injected = |kind: &FaultKind, end, ended| was_injected(kind, &attempt(end, ended), 0.5);
        assert!(injected(&stall, 520, End::Completed));
        assert!(!injected(&stall, 519, End::Completed));
        assert!(injected(&stall, 100, End::CallerLeft), "its caller had enough of it");
        let reset = FaultKind::Reset(place);
        assert!(injected(&reset, 30, End::Reset) && !injected(&reset, 9000, End::Completed));
    }

    #[test]
    fn what_breaks_the_form_was_injected_if_it_shows_where_it_can() {
        let completed = |status| Attempt { status: Some(status), ..attempt(30, End::Completed) };
        let redirect = FaultKind::RedirectLoop {};
        assert!(
            was_injected(&redirect, &completed(307), 0.0) && !was_injected(&redirect, &completed(200), 0.0)
        );
        let malformed = |kind| FaultKind::Malformed { kind };
        assert!(was_injected(&malformed(Malformed::Json), &completed(200), 0.0));
        for kind in [
            malformed(Malformed::StatusLine),
            malformed(Malformed::ChunkSize),
            FaultKind::ContentLength { off_by: -1 },
        ] {
            assert!(!was_injected(&kind, &completed(200), 0.0), "{kind:?}");
            assert!(was_injected(&kind, &attempt(30, End::Cut), 0.0), "{kind:?}");
        }
    }

    #[test]
    fn a_redirect_takes_the_place_of_the_status_that_was_drawn() {
        let mix = StatusMix(BTreeMap::from([(503, StatusEntry::Share(Ratio::new(0.5).into()))]));
        let faults = [Fault { share: Ratio::new(0.5).into(), kind: FaultKind::RedirectLoop {} }];
        let declared = Declared::Status { code: 503, mix: &mix, faults: &faults };
        let met = |status, fault| {
            let fate = Fate { status: 503, fault, ..Fate::default() };
            declared.meets(&Attempt { fate, status: Some(status), ..attempt(30, End::Completed) }, 0.0)
        };
        assert!(met(307, Some(0)).unwrap().1 && met(503, None).unwrap().1);
        assert!(!met(307, None).unwrap().1 && !met(503, Some(0)).unwrap().1 && !met(200, None).unwrap().1);
    }
}
